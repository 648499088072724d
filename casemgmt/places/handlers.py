"""What waitlists and beds do when somebody dies, leaves or is enrolled. Rows only, in the transaction of the fact."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db.models import Q

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.audit.record import record
from casemgmt.episodes.stages import TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import BedUse, WaitlistEntry
from .services.closing import close_entries, free_beds, place_directly
from .words import RemovalReason


def follow_death(event: Event, *, actor: Actor) -> None:
    """Offer nobody a place who died, and keep no bed for them (T17). `now` route of `client.died`."""
    at, client_id = clock.now(), event.subject_id
    entries = WaitlistEntry.objects.filter(client_id=client_id)
    close_entries(entries, RemovalReason.DECEASED, client_id=client_id, at=at, actor=_follower(actor))
    _free(Q(client_id=client_id), client_id, actor=actor)


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Take a client off the lines of an episode that ended. `now` route of `episode.*`.

    A correction that takes an episode out of a terminal stage lists nobody again; somebody adds them anew.
    """
    stage, origin = event.payload.get("to"), event.payload.get("from")
    if stage not in TERMINAL or stage == origin or event.client_id is None:
        return
    entries = WaitlistEntry.objects.filter(episode_id=event.subject_id)
    close_entries(
        entries, RemovalReason.EPISODE_ENDED, client_id=event.client_id, at=clock.now(), actor=_follower(actor)
    )


def follow_plan(event: Event, *, actor: Actor) -> None:
    """Who has an enrollment waits for that program no longer. `now` route of `enrollment.planned`."""
    if event.client_id is None:
        return
    place_directly(
        client_id=event.client_id,
        program_id=UUID(str(event.payload["program_id"])),
        enrollment_id=event.subject_id,
        at=clock.now(),
        actor=_follower(actor),
    )


def free_bed(event: Event, *, actor: Actor) -> None:
    """Free the bed of an enrollment that ended, and one kept for the arrival. `now` route of `enrollment.ended`."""
    if event.client_id is None:
        return
    house = Q(client_id=event.client_id, bed__program_id=UUID(str(event.payload["program_id"])))
    _free(Q(enrollment_id=event.subject_id) | house, event.client_id, actor=actor)


def _free(which: Q, client_id: UUID, *, actor: Actor) -> None:
    for use in free_beds(BedUse.objects.filter(which), at=clock.now()):
        record("bed.freed", actor=actor, object_type="bed", object_id=use.bed_id, client_ids=[client_id])


def _follower(actor: Actor) -> Actor:
    """Return the actor with the role that waitlists ask for: whoever made the fact was allowed to make it."""
    return replace(actor, roles=actor.roles | CASE_MANAGER_AND_UP)
