"""Reads of consents, notices and disclosures: one's own organization's, about clients one may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow

from .words import ConsentStatus, ConsentType, RestrictionDecision, TerminationBasis

# What a disclosure must know of a restriction; ended by the program alone, it is released for newer records.
RESTRICTION = JSONObject(
    client_id=F("client_id"),
    recipient_id=F("recipient_id"),
    recipient_classes=F("recipient_classes"),
    categories=F("categories"),
    purposes=F("purposes"),
    released_from=F("terminated_at"),
)

HOLD = """
SELECT * FROM consent_consent
WHERE client_id = %s AND organization_id = %s AND type <> %s
ORDER BY id DESC FOR SHARE
"""


class OwnQuerySet(ClientScopedQuerySet[Any]):
    """Rows between a client and one organization: another organization that sees the client does not see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's organization's rows about clients the actor may see."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(organization_id=actor.organization_id)


class ConsentQuerySet(OwnQuerySet):
    """Consents."""

    def visible_to(self, actor: Actor) -> Self:
        """Return them to who captures or revokes them; peers and houses only witness (table 1.9)."""
        if not actor.is_system and not actor.has_role(*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor)

    def to_disclose(self, *, client_id: UUID, organization_id: UUID) -> Self:
        """Return what might let the organization disclose something of the client, newest first.

        Each row knows as `restricting` what the organization agreed to hold back (P2-50); `judge` asks for it.
        """
        rows = self.filter(client_id=client_id, organization_id=organization_id)
        requests = self.model._meta.apps.get_model("consent", "RestrictionRequest").objects.all()
        theirs = requests.in_force().filter(
            client_id=OuterRef("client_id"), organization_id=OuterRef("organization_id")
        )
        rows = rows.annotate(restricting=ArraySubquery(theirs.values(told=RESTRICTION)))
        return rows.exclude(type=ConsentType.TREATMENT).order_by("-id")

    def held(self, *, client_id: UUID, organization_id: UUID) -> list[Any]:
        """Return the same rows held until the end of the transaction: who revokes one waits, or is seen (P2-18).

        Shared: disclosures do not wait for each other. Locked before any referral, in the written order.
        """
        rows = list(self.model.objects.raw(HOLD, [client_id, organization_id, ConsentType.TREATMENT.value]))
        # asked after the rows are held: whoever agrees to a restriction holds them first, so what it wrote is seen here
        requests = self.model._meta.apps.get_model("consent", "RestrictionRequest").objects.all()
        theirs = requests.in_force().filter(client_id=client_id, organization_id=organization_id)
        restricting = list(theirs.values_list(RESTRICTION, flat=True)) if rows else []
        for row in rows:
            row.restricting = restricting
        return rows

    def stop_disclosing(self, *, client_id: UUID, organization_id: UUID) -> None:
        """Lock the same rows in the same order: what is leaving under them leaves first, what comes later waits."""
        rows = self.filter(client_id=client_id, organization_id=organization_id).exclude(type=ConsentType.TREATMENT)
        list(rows.order_by("-id").select_for_update(of=("self",), no_key=True).values_list("id", flat=True))

    def in_force(self) -> Self:
        """Return what was signed and neither taken back nor replaced; whether it expired is for the clock to say."""
        return self.filter(status=ConsentStatus.ACTIVE)

    def ended_untold(self) -> Self:
        """Return what has expired without anybody that relied on it having been told, longest first."""
        rows = self.in_force().filter(expires_at__lte=DatabaseNow(), expiry_told_at__isnull=True)
        return rows.order_by("expires_at", "id")

    def ending_unwarned(self, *, before: datetime) -> Self:
        """Return what expires until a time (aware UTC) without anybody having been told, soonest first."""
        rows = self.in_force().filter(expires_at__gt=DatabaseNow(), expires_at__lte=before, expiry_told_at__isnull=True)
        return rows.filter(warned_at__isnull=True).order_by("expires_at", "id")

    def lock_free(self) -> Self:
        """Lock these rows, without those that somebody else holds right now."""
        return self.select_for_update(of=("self",), skip_locked=True, no_key=True)

    def lock_in_order(self) -> Self:
        """Lock these rows in the order in which disclosures hold them."""
        return self.order_by("-id").select_for_update(of=("self",), no_key=True)


class ConsentStepQuerySet(ClientScopedQuerySet[Any]):
    """What happened to consents."""

    client_field = "consent__client_id"

    def visible_to(self, actor: Actor) -> Self:
        """Return them to who reads the consents."""
        if actor.is_system:
            return self
        if not actor.has_role(*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor).filter(consent__organization_id=actor.organization_id)


class RestrictionRequestQuerySet(OwnQuerySet):
    """Restrictions asked for."""

    def in_force(self) -> Self:
        """Return what holds something back now; what a program ended by itself goes on for older records (P2-50).

        What was to hold at once holds as soon as it is there, also for who began before and waited for it.
        """
        ended = Q(terminated_at__isnull=False) & ~Q(termination_basis=TerminationBasis.PROGRAM_INFORMED)
        begun = Q(effective_from__lte=DatabaseNow()) | Q(effective_from__lte=F("decided_at"))
        return self.filter(begun, decision=RestrictionDecision.AGREED).exclude(ended).order_by("id")


class NoticeDeliveryQuerySet(OwnQuerySet):
    """Deliveries of the Part 2 notice."""


class DisclosureQuerySet(OwnQuerySet):
    """The accounting of disclosures."""

    def under(self, consent_id: UUID, *, recipient_id: UUID | None = None) -> Self:
        """Return what left under a consent, or of that what one recipient got."""
        rows = self.filter(consent_id=consent_id)
        return rows if recipient_id is None else rows.filter(recipient_organization_id=recipient_id)

    def visible_to(self, actor: Actor) -> Self:
        """Return them to the privacy officer only: accounting is theirs (table 1.9)."""
        if not actor.is_system and not actor.has_role(Role.PRIVACY_OFFICER):
            return self.none()
        return super().visible_to(actor)
