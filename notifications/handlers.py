"""What this room does when it hears a fact from the rooms below. Rows only, in the transaction that made the fact."""

from __future__ import annotations

from uuid import UUID

from casemgmt.clients.models import ContactKind
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE
from casemgmt.sessions.models import Session
from casemgmt.sessions.words import CAME

from .models import CheckInPlan, PlanStatus
from .services import appointments
from .services.calling_off import call_off_client
from .services.occurrences import replan_client
from .services.plan_status import set_status
from .services.silences import heard_of, look_at
from .services.stage_plans import begin_default, begin_for_client, follow_stage
from .services.texting_consent import note_changed_number, note_shared_number


def replan_check_ins(event: Event, *, actor: Actor) -> None:
    """Follow an episode: plans of its stage begin, those of the stage before end, a hold pauses, an end ends.

    A hold whose fact says `keep_checkins` pauses nothing. `now` route of `episode.*` (STG-13, T7, T11, T12, T14-T17).
    """
    stage = event.payload.get("to")
    if not isinstance(stage, str):
        return
    episode = Episode.objects.select_related("client", "organization").get(pk=event.subject_id)
    at, keep = clock.now(), bool(event.payload.get("keep_checkins"))
    follow_stage(episode, stage, keep_on_hold=keep, at=at)
    if event.payload.get("from") not in TERMINAL:  # what an end had stopped starts again only by people (T20)
        begin_default(episode, stage, at=at, actor=actor)


def begin_check_ins(event: Event, *, actor: Actor) -> None:
    """Begin the check-ins of the stage in which a client just agreed to texts. `now` route of `texting.opted_in`."""
    begin_for_client(_client_of(event), at=clock.now(), actor=actor)


def cancel_everything(event: Event, *, actor: Actor) -> None:
    """Call off every text to a client who died, and end every plan (T17)."""
    at = clock.now()
    client_id = _client_of(event)
    for plan in CheckInPlan.objects.open().filter(client_id=client_id).hold():
        set_status(plan, PlanStatus.ENDED, reason="client_deceased", at=at)
    call_off_client(client_id, reason="client_deceased", at=at)


def follow_zone(event: Event, *, actor: Actor) -> None:
    """Move the coming check-ins to the wall time of where the client lives now (F16).

    Who has no plan at all may have had none because nobody knew the zone: the default of the stage begins now.
    """
    at = clock.now()
    client_id = _client_of(event)
    if CheckInPlan.objects.open().filter(client_id=client_id).exists():
        replan_client(client_id, at=at)
    else:
        begin_for_client(client_id, at=at, actor=actor)


def follow_number(event: Event, *, actor: Actor) -> None:
    """Let go of a number that the client gave up or replaced; the new one starts without consent (SMS-03)."""
    if event.payload.get("kind") == ContactKind.PHONE and event.payload.get("preferred", True):
        note_changed_number(client_id=_client_of(event), at=clock.now(), actor=actor)


def follow_sharing(event: Event, *, actor: Actor) -> None:
    """Ask everybody anew whose phone another client has now, too (SMS-04). `now` route of `client.contact_added`."""
    if event.payload.get("kind") == ContactKind.PHONE:
        with acting_as(HOUSE):  # the other client may be anybody's
            note_shared_number(client_id=_client_of(event), at=clock.now(), actor=HOUSE)


def follow_session(event: Event, *, actor: Actor) -> None:
    """Take back reminders of a session's former time, whomever they are for. `now` route of `session.moved`."""
    with acting_as(HOUSE):
        appointments.follow_session(Session.objects.get(pk=event.subject_id), at=clock.now())


def follow_attendance(event: Event, *, actor: Actor) -> None:
    """Take back the reminder of who is not expected; who came was heard of. `now` route of `attendance.told`."""
    at = clock.now()
    appointments.follow_part(event.subject_id, at=at)
    if event.payload.get("state") in CAME:
        heard_of(_client_of(event), at=at, actor=actor)


def hear_text(event: Event, *, actor: Actor) -> None:
    """End the work that a client's silence had opened. `now` route of `text.received`."""
    if event.client_id is not None:
        heard_of(event.client_id, at=clock.now(), actor=actor)


def hear_contact(event: Event, *, actor: Actor) -> None:
    """Count a call that reached nobody; who was reached was heard of (CHK-06). `now` route of `contact_attempt.*`."""
    if event.payload.get("reached") is True:
        heard_of(_client_of(event), at=clock.now(), actor=actor)
    elif isinstance(event.payload.get("episode_id"), str):
        look_at(UUID(str(event.payload["episode_id"])))


def _client_of(event: Event) -> UUID:
    assert event.client_id is not None, "this fact is about a client"
    return event.client_id
