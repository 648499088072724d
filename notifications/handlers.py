"""What this room does when it hears a fact from the rooms below. Rows only, in the transaction that made the fact."""

from __future__ import annotations

from uuid import UUID

from casemgmt.clients.models import ContactKind
from casemgmt.episodes.stages import TERMINAL, Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import CheckInPlan, PlanStatus
from .models.plan import PAUSED_BY_HOLD
from .services.calling_off import call_off_client
from .services.occurrences import replan_client
from .services.planning import set_status
from .services.texting_consent import note_changed_number


def replan_check_ins(event: Event, *, actor: Actor) -> None:
    """Follow an episode: a hold pauses its plan, leaving it resumes it, an end ends it (T7, T11, T12, T14-T17).

    A hold whose fact says `keep_checkins` pauses nothing.
    """
    stage = event.payload.get("to")
    if not isinstance(stage, str):
        return
    at = clock.now()
    for plan in CheckInPlan.objects.open().filter(episode_id=event.subject_id).hold():
        if stage in TERMINAL:
            set_status(plan, PlanStatus.ENDED, reason=f"episode_{stage}", at=at)
        elif stage == Stage.ON_HOLD and plan.status == PlanStatus.ACTIVE and not event.payload.get("keep_checkins"):
            set_status(plan, PlanStatus.PAUSED, reason=PAUSED_BY_HOLD, at=at)
        elif stage != Stage.ON_HOLD and plan.reason == PAUSED_BY_HOLD:
            set_status(plan, PlanStatus.ACTIVE, reason="", at=at)


def cancel_everything(event: Event, *, actor: Actor) -> None:
    """Call off every text to a client who died, and end every plan (T17)."""
    at = clock.now()
    client_id = _client_of(event)
    for plan in CheckInPlan.objects.open().filter(client_id=client_id).hold():
        set_status(plan, PlanStatus.ENDED, reason="client_deceased", at=at)
    call_off_client(client_id, reason="client_deceased", at=at)


def follow_zone(event: Event, *, actor: Actor) -> None:
    """Move the coming check-ins to the wall time of where the client lives now (F16)."""
    replan_client(_client_of(event), at=clock.now())


def follow_number(event: Event, *, actor: Actor) -> None:
    """Let go of a number that the client gave up or replaced; the new one starts without consent (SMS-03)."""
    if event.payload.get("kind") == ContactKind.PHONE and event.payload.get("preferred", True):
        note_changed_number(client_id=_client_of(event), at=clock.now(), actor=actor)


def _client_of(event: Event) -> UUID:
    assert event.client_id is not None, "this fact is about a client"
    return event.client_id
