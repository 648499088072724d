"""What the worklist does when a client dies, and about restricted clients. Rows only, in the fact's transaction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from casemgmt.access.models import BreakGlass, Restriction
from casemgmt.access.services import seen_by
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.policies.services import policy_of

from .models import ItemKind, Priority
from .services import NewItem, close_about, close_items, open_item, privacy_role

CLIMBED = timedelta(days=1)  # for whoever sees to a judgment that is late already

# what is for those who cared, or about the record, and so is still to be done
AFTER_DEATH = (ItemKind.CLIENT_DIED, ItemKind.STAGE_CORRECTED, ItemKind.REFERRAL_STOPPED)


def follow_death(event: Event, *, actor: Actor) -> None:
    """Ask nobody to call a client who died (T17, STG-14). `now` route of `client.died`."""
    close_about(client_id=event.subject_id, keep=AFTER_DEATH, outcome="client_died", at=clock.now(), actor=actor)


def ask_for_review(event: Event, *, actor: Actor) -> None:
    """Ask privacy officers to judge an opened glass, tell supervisors (HIP-10). `now` route of `break_glass.opened`.

    The items name no client: those who judge need not see whom they judge about.
    """
    if event.organization_id is None:
        return
    at, policy = clock.now(), policy_of(event.organization_id)
    asked = (
        (ItemKind.BREAK_GLASS_REVIEW, privacy_role(event.organization_id), policy.break_glass_review_hours),
        (ItemKind.BREAK_GLASS_OPENED, Role.SUPERVISOR, policy.break_glass_review_hours),
    )
    for kind, role, hours in asked:
        item = NewItem(
            organization_id=event.organization_id,
            client_id=None,
            kind=kind,
            due_at=at + timedelta(hours=hours),
            source_type="break_glass",
            source_id=event.subject_id,
            priority=Priority.NOW,
            role=role,
        )
        open_item(item, actor=actor)


def climb(event: Event, *, actor: Actor) -> None:
    """What nobody judged in time is a supervisor's to see to (HIP-10). `now` route of `break_glass.review_overdue`."""
    if event.organization_id is None:
        return
    glass = BreakGlass.objects.get(pk=event.subject_id)
    item = NewItem(
        organization_id=event.organization_id,
        client_id=None,
        kind=ItemKind.BREAK_GLASS_OVERDUE,
        due_at=clock.now() + CLIMBED,
        source_type="break_glass",
        source_id=glass.id,
        priority=Priority.NOW,
        role=_next_above(event.organization_id, but=glass.user_id),
    )
    open_item(item, actor=actor)


def _next_above(organization_id: UUID, *, but: UUID) -> Role:
    """Return who sees to it: supervisors, or the admins where there is none but who opened it."""
    supervisors = Membership.objects.filter(
        organization_id=organization_id, role=Role.SUPERVISOR, ended_at__isnull=True, user__is_active=True
    )
    return Role.SUPERVISOR if supervisors.exclude(user_id=but).exists() else Role.ADMIN


def follow_review(event: Event, *, actor: Actor) -> None:
    """What was judged waits no more. `now` route of `break_glass.reviewed`."""
    kinds = (ItemKind.BREAK_GLASS_REVIEW, ItemKind.BREAK_GLASS_OVERDUE)
    close_items(source_id=event.subject_id, kinds=kinds, outcome="reviewed", at=clock.now(), actor=actor)


def look_for_eyes(event: Event, *, actor: Actor) -> None:
    """Tell the privacy officers when nobody sees a restricted client any more (F10). `now` route of `care_team.*`."""
    if event.client_id is None or event.organization_id is None:
        return
    restriction = (
        Restriction.objects.open().filter(client_id=event.client_id, organization_id=event.organization_id).first()
    )
    if restriction is None or seen_by(client_id=event.client_id, organization_id=event.organization_id):
        return
    item = NewItem(
        organization_id=event.organization_id,
        client_id=None,
        kind=ItemKind.RESTRICTED_UNSEEN,
        due_at=clock.now() + timedelta(days=1),
        source_type="restriction",
        source_id=restriction.id,
        priority=Priority.TODAY,
        role=privacy_role(event.organization_id),
    )
    open_item(item, actor=actor)


def follow_lifting(event: Event, *, actor: Actor) -> None:
    """A lifted restriction leaves nobody unseen. `now` route of `client.restriction_lifted`."""
    kinds = (ItemKind.RESTRICTED_UNSEEN,)
    close_items(source_id=event.subject_id, kinds=kinds, outcome="lifted", at=clock.now(), actor=actor)
