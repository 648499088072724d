"""Reads of work: what an actor's organization has to do, about clients the actor may know of."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import CharField, Exists, ExpressionWrapper, OuterRef, Q

from casemgmt.access.models import Grant
from casemgmt.access.querysets import LockableQuerySet, live_grants
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import RECEIVES_REFERRALS, SEES_RECORDS
from casemgmt.care_team.models import CareTeamMember
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.clock import DatabaseNow

REFERRAL_KINDS = ("referral_received", "referral_stopped")
JUDGED_KINDS = (
    "break_glass_review",
    "break_glass_opened",
    "break_glass_overdue",
    "restricted_unseen",
    "emergency_told",
    "emergency_overdue",
    "emergency_still_overdue",
    "emergency_review",
)
ASKS_EVERYBODY = "alert_page"  # the source of work that, assigned to nobody, asks all who hold its role (SMS-62)


class WorkItemQuerySet(LockableQuerySet[Any]):
    """Work items."""

    def open(self) -> Self:
        """Return what is not done."""
        return self.filter(done_at__isnull=True)

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's items about nobody, about clients the actor may see, or a referral to answer.

        Of emergencies and restrictions only those learn whose work it is to judge them (HIP-10).
        """
        if actor.is_system:
            return self
        if actor.organization_id is None:
            return self.none()
        about_nobody = Q(client_id__isnull=True) & (~Q(kind__in=JUDGED_KINDS) | Q(role__in=actor.roles))
        known = Exists(live_grants(actor).filter(client_id=OuterRef("client_id")))
        given = Grant.objects.filter(source_id=OuterRef("source_id"), organization_id=actor.organization_id)
        # asked for each item, and of these kinds only: else all grants of the organization might be read for a page
        asked = ExpressionWrapper(OuterRef("kind"), output_field=CharField())
        packet = Exists(given.annotate(asked=asked).filter(asked__in=REFERRAL_KINDS))
        allowed = about_nobody
        if actor.has_role(*SEES_RECORDS):
            allowed = allowed | Q(known)
        if actor.has_role(*RECEIVES_REFERRALS):
            allowed = allowed | Q(packet)
        return self.filter(allowed, organization_id=actor.organization_id)

    def overdue(self) -> Self:
        """Return what should have been done by now."""
        return self.filter(due_at__lt=DatabaseNow())

    def untold(self) -> Self:
        """Return open work that nobody was written to about yet, most urgent first."""
        return self.open().filter(told_at__isnull=True).order_by("priority", "id")

    def late_untold(self) -> Self:
        """Return overdue work of which nobody was told that it is, longest overdue first."""
        return self.open().filter(late_told_at__isnull=True, due_at__lt=DatabaseNow()).order_by("due_at", "id")

    def claim(self, limit: int) -> list[Any]:
        """Return up to `limit` of these items locked for this transaction, leaving out those that others hold."""
        return list(self.select_for_update(skip_locked=True, of=("self",), no_key=True)[:limit])

    def mine(self, actor: Actor) -> Self:
        """Return what falls to the actor: assigned to them, or for a role of theirs and with nobody nearer to it.

        Nearer is who is on the client's team in that role. Work about no client, and about a client without anybody of
        that role, falls to everybody who holds it; so does work assigned to somebody who left, and a page to a role.
        """
        if actor.id is None or actor.organization_id is None:
            return self.none()
        here = CareTeamMember.objects.filter(
            client_id=OuterRef("client_id"), organization_id=actor.organization_id, role=OuterRef("role")
        ).serving()
        at_work = Membership.objects.visible_to(actor).filter(organization_id=actor.organization_id)
        with_nobody = Q(assignee_id__isnull=True) | ~Exists(at_work.filter(user_id=OuterRef("assignee_id")))
        nobody_nearer = Q(client_id__isnull=True) | Exists(here.filter(user_id=actor.id)) | ~Exists(here)
        mine_by_role = Q(role__in=actor.roles) & with_nobody & (Q(source_type=ASKS_EVERYBODY) | nobody_nearer)
        return self.filter(Q(assignee_id=actor.id) | mine_by_role)

    def of_my_teams(self, actor: Actor) -> Self:
        """Return what is about clients whose team the actor is on.

        A caseload is short, so it is read first: joined, the planner may compare every item with every client.
        """
        if actor.id is None or actor.organization_id is None:
            return self.none()
        teams = CareTeamMember.objects.filter(user_id=actor.id, organization_id=actor.organization_id).serving()
        return self.filter(client_id__in=list(teams.values_list("client_id", flat=True).distinct()))
