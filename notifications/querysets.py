"""Reads and locks of the notifications room. Statuses are moved by services, compare-and-set."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Greatest

from casemgmt.access.querysets import ClientScopedQuerySet
from casemgmt.accounts.roles import SEES_RECORDS
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.transactions import require_atomic

if TYPE_CHECKING:
    from .models import (  # noqa: F401 - named in strings
        CheckIn,
        CheckInPlan,
        CheckInPreference,
        InboundText,
        Message,
        Pace,
        Receipt,
        SilenceStep,
        TextingConsent,
        TextingConsentEvent,
    )

MOST_ATTEMPTS = 8


def wait_for_senders() -> None:
    """Let this transaction wait longer than a sender may hold its locks: an opt-out must not give up (F11)."""
    require_atomic()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '12s'; SET LOCAL statement_timeout = '14s'")


def true_time(at: datetime) -> datetime:
    """Return a moment of our clock as the carrier's clock knows it: they differ while tests or demos travel."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s + (now() - casemgmt_now())", [at])
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment


class CheckInPlanQuerySet(ClientScopedQuerySet["CheckInPlan"]):
    """Plans."""

    def behind(self, moment: datetime) -> Self:
        """Return active plans whose check-ins are not all rows up to `moment`, the furthest behind first."""
        late = Q(materialized_until__isnull=True) | Q(materialized_until__lt=moment)
        return self.filter(late, status="active").order_by(F("materialized_until").asc(nulls_first=True), "id")

    def claim(self, limit: int) -> list[CheckInPlan]:
        """Return up to `limit` of these plans locked for this transaction, leaving out those that others hold."""
        rows = self.select_related("client", "organization")
        return list(rows.select_for_update(skip_locked=True, of=("self",), no_key=True)[:limit])

    def claim_ids(self, limit: int) -> list[UUID]:
        """Lock up to `limit` of these plans for this transaction, without those that others hold; return their ids."""
        rows = self.select_for_update(skip_locked=True, no_key=True)
        return list(rows.values_list("id", flat=True)[:limit])

    def hold(self) -> list[CheckInPlan]:
        """Return these plans locked, in the order of their ids, with their clients and organizations."""
        rows = self.select_related("client", "organization").order_by("id")
        return list(rows.select_for_update(of=("self",), no_key=True))

    def open(self) -> Self:
        """Return those not ended."""
        return self.exclude(status="ended")

    def going_on(self, *, today: date, paused_for: str) -> Self:
        """Return those that still have days to come: active ones, and those paused only for one reason."""
        lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
        return self.filter(lasting, Q(status="active") | Q(status="paused", reason=paused_for))

    def made_for(self, stage: str) -> Self:
        """Return those that somebody agreed with the client and that hold in a stage, or begin with it."""
        return self.filter(source="hand").filter(Q(stage="") | Q(stage=stage))

    def rested(self, moment: datetime) -> Self:
        """Return those whose pause is over at `moment`, the longest over first."""
        return self.filter(status="paused", paused_until__lte=moment).order_by("paused_until", "id")


class CheckInPreferenceQuerySet(ClientScopedQuerySet["CheckInPreference"]):
    """What clients wish of check-ins."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those told to the actor's organization."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(organization_id=actor.organization_id)

    def last_of_each_kind(self, *, client_id: UUID, organization_id: UUID) -> Self:
        """Return a client's last wish of each kind at an organization."""
        rows = self.filter(client_id=client_id, organization_id=organization_id)
        return rows.order_by("kind", "-seq").distinct("kind")


class CheckInQuerySet(ClientScopedQuerySet["CheckIn"]):
    """Check-ins."""

    def planned(self) -> Self:
        """Return those that have no message yet."""
        return self.filter(status="planned")

    def unreminded(self, moment: datetime) -> Self:
        """Return those asked before `moment` without an answer of which nobody decided yet whether to ask once more."""
        return self.filter(status="asked", asked_at__lt=moment, reminder_decided_at__isnull=True)

    def under_way(self) -> Self:
        """Return those that may still be called off: planned, or their message not yet sent."""
        return self.filter(status__in=["planned", "scheduled"])

    def unanswered_of_late(self, at: datetime) -> QuerySet[CheckIn, UUID]:
        """Return the episodes of check-ins that nobody answered of late, before anybody was asked to call.

        Who answered a later one is not among them.
        """
        steps: Any = apps.get_model("notifications", "SilenceStep")
        called = steps.objects.filter(episode=OuterRef("plan__episode"), step="outreach", at__gte=OuterRef("asked_at"))
        later = self.model.objects.filter(
            plan__episode=OuterRef("plan__episode"), status="answered", ended_at__gt=OuterRef("asked_at")
        )
        lately = self.filter(status="missed", asked_at__gte=at - timedelta(days=15))
        open_ = lately.filter(plan__episode__ended_at__isnull=True).exclude(Exists(called)).exclude(Exists(later))
        return open_.order_by().values_list("plan__episode_id", flat=True).distinct()

    def hold(self) -> list[CheckIn]:
        """Return these check-ins locked."""
        return list(self.select_for_update(of=("self",)))

    def hold_first(self) -> CheckIn | None:
        """Return the first of these check-ins locked, None when there is none."""
        return self.select_for_update(of=("self",)).first()

    def claim(self, limit: int) -> list[CheckIn]:
        """Return up to `limit` of these check-ins locked for this transaction, oldest due first, skipping held ones."""
        rows = self.select_related("plan__organization", "client").order_by("due_at", "id")
        return list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])


class MessageQuerySet(ClientScopedQuerySet["Message"]):
    """Messages."""

    def pending(self) -> Self:
        """Return those that wait to be sent."""
        return self.filter(status="pending")

    def next_due(self) -> Message | None:
        """Return the message of these that waits longest, locked and held by nobody else; None when nothing is due."""
        due = self.pending().filter(due_at__lte=DatabaseNow(), attempts__lt=MOST_ATTEMPTS).order_by("due_at", "id")
        return due.select_related("organization").select_for_update(skip_locked=True, of=("self",)).first()

    def fenced(self, pk: UUID, *, attempt_id: UUID) -> Message | None:
        """Return a claimed message locked, or None when the claim is not ours any more (F10)."""
        mine = self.filter(pk=pk, attempt_id=attempt_id, status="sending").with_surroundings()
        return mine.select_for_update(of=("self",)).first()

    def with_surroundings(self) -> Self:
        """Join what the gate and the worklist ask about: organization, number, client, plan and episode."""
        return self.select_related("organization", "contact_point__client", "check_in__plan__episode")

    def overdue(self) -> Self:
        """Return waiting messages that have no time or no tries left."""
        late = Q(not_after__lt=DatabaseNow()) | Q(attempts__gte=MOST_ATTEMPTS)
        return self.pending().filter(late).with_surroundings()

    def leases_over(self, status: str) -> Self:
        """Return messages of a status (`sending`, `unknown`) whose lease has run out, oldest first."""
        return self.filter(status=status, lease_until__lt=DatabaseNow()).order_by("lease_until", "id")

    def lost(self, pk: UUID, *, attempt_id: UUID) -> Message | None:
        """Return a message locked if it is still unknown and nobody tried it again meanwhile, else None."""
        same = self.filter(pk=pk, attempt_id=attempt_id, status="unknown").with_surroundings()
        return same.select_for_update(skip_locked=True, of=("self",)).first()

    def unheld(self, pk: UUID) -> Message | None:
        """Return a message locked, or None while a sender holds it."""
        return self.filter(pk=pk).with_surroundings().select_for_update(skip_locked=True, of=("self",)).first()

    def hold(self) -> list[Message]:
        """Return these messages locked, leaving out those that somebody holds."""
        return list(self.select_for_update(skip_locked=True, of=("self",)))


# Whose turn it is: organizations with something due and a free bucket, the one that was served longest ago first. The
# organizations are found by jumps along the index message_due_by_turn, so that a thousand waiting texts cost as much
# as one.
TURNS = """
WITH RECURSIVE waiting(organization_id) AS (
  (SELECT organization_id FROM notifications_message WHERE status = 'pending' ORDER BY organization_id LIMIT 1)
  UNION ALL
  SELECT (SELECT m.organization_id FROM notifications_message m
          WHERE m.status = 'pending' AND m.organization_id > w.organization_id ORDER BY m.organization_id LIMIT 1)
  FROM waiting w WHERE w.organization_id IS NOT NULL
)
SELECT w.organization_id FROM waiting w
LEFT JOIN notifications_pace p ON p.organization_id = w.organization_id
WHERE w.organization_id IS NOT NULL AND (p.free_at IS NULL OR p.free_at <= casemgmt_now() + make_interval(secs => %s))
  AND EXISTS (SELECT FROM notifications_message m WHERE m.organization_id = w.organization_id
              AND m.status = 'pending' AND m.due_at <= casemgmt_now() AND m.attempts < %s)
ORDER BY p.free_at NULLS FIRST, w.organization_id LIMIT %s
"""


class PaceQuerySet(QuerySet["Pace"]):
    """Buckets."""

    def turns(self, *, ahead: timedelta, limit: int) -> list[UUID]:
        """Return up to `limit` organizations whose turn it is to send, in that order."""
        with connection.cursor() as cursor:
            cursor.execute(TURNS, [ahead.total_seconds(), MOST_ATTEMPTS, limit])
            return [organization_id for (organization_id,) in cursor.fetchall()]

    def take(self, organization_id: UUID | None, *, per_second: float, ahead: timedelta) -> bool:
        """Take one token of a bucket (None: everybody's); False when it is empty. One statement, so nobody overdraws.

        `ahead` is how much may be taken at once: a bucket that was not used for that long is full.
        """
        at, step = DatabaseNow(), timedelta(seconds=1 / per_second)
        free_at = Greatest(F("free_at"), at, output_field=DateTimeField()) + Value(step)
        mine = self.filter(organization=organization_id) if organization_id else self.filter(organization__isnull=True)
        if mine.filter(free_at__lte=at + Value(ahead)).update(free_at=free_at):
            return True
        if not mine.exists():
            self.bulk_create([self.model(organization_id=organization_id, free_at=at)], ignore_conflicts=True)
        # also when it is there: another sender may have made it since the first look
        return bool(mine.filter(free_at__lte=at + Value(ahead)).update(free_at=free_at))


class ReceiptQuerySet(QuerySet["Receipt"]):
    """Receipts. Read by machines only; nothing here is shown to anybody."""

    def next_waiting(self) -> Receipt | None:
        """Return the next receipt locked: texts of people first, so that STOP overtakes everything; None if none."""
        due = self.filter(processed_at__isnull=True, dead_at__isnull=True, due_at__lte=DatabaseNow())
        return due.order_by("kind", "id").select_for_update(skip_locked=True).first()

    def waiting_for(self, attempt_ids: list[UUID]) -> Self:
        """Return callbacks for these tries that were not read yet: evidence on its way."""
        return self.filter(attempt_id__in=attempt_ids, processed_at__isnull=True, dead_at__isnull=True)


class InboundTextQuerySet(ClientScopedQuerySet["InboundText"]):
    """Texts of clients."""

    def visible_to(self, actor: Actor) -> Self:
        """Return texts of clients the actor may see, and those of no one client that its organization handles."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        known = super().visible_to(actor)
        return known | self.filter(client__isnull=True, organization_id=actor.organization_id)


class TextingConsentQuerySet(ClientScopedQuerySet["TextingConsent"]):
    """Present consents."""

    def hold_one(self, contact_point_id: UUID) -> TextingConsent | None:
        """Return the consent for a number locked against every change until this transaction ends; None if none."""
        return self.select_for_update(of=("self",), no_key=True).filter(contact_point_id=contact_point_id).first()

    def hold_all(self, contact_point_ids: list[UUID]) -> list[TextingConsent]:
        """Return the consents for these numbers locked, always in the order of their ids."""
        rows = self.filter(contact_point_id__in=contact_point_ids).order_by("id")
        return list(rows.select_for_update(of=("self",), no_key=True))


class TextingConsentEventQuerySet(ClientScopedQuerySet["TextingConsentEvent"]):
    """Rows of the ledger."""

    client_field = "consent__client_id"

    def opted_out_since(self, *, contact_point_ids: list[UUID], receipt_id: int, at: datetime) -> bool:
        """True when one of these numbers opted out after an inbound text came in, by receipt or by moment (F19)."""
        later = Q(receipt_id__gt=receipt_id) | Q(receipt_id__isnull=True, at__gt=at)
        return self.filter(later, consent__contact_point_id__in=contact_point_ids, state_after="opted_out").exists()


class SilenceStepQuerySet(ClientScopedQuerySet["SilenceStep"]):
    """Steps taken because somebody did not answer."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those that the actor's organization took."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(organization_id=actor.organization_id)
