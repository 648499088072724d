"""What this room does when attendance is told, care moves, or a client dies. Rows only, in the fact's transaction."""

from __future__ import annotations

from casemgmt.episodes.stages import CARE, TERMINAL, Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from programs.models import Enrollment, EnrollmentMove

from .models import Attendance
from .services.following import (
    ask_to_plan_enrollment,
    ask_to_plan_episode,
    stop_client,
    stop_enrollments,
    stop_episode,
    stop_left_services,
)
from .services.minimum import review, stop_asking
from .services.no_shows import follow_up
from .services.standing import require_free_to_come
from .services.untold import nobody_need_ask
from .words import AttendanceState

WITH_EPISODE = "episode_move"  # told with a step of an enrollment that went along with its episode


def require_free(event: Event, *, actor: Actor) -> None:
    """Expect nobody whose care is on hold or has ended.

    `now` route of `session.scheduled`, `session.moved` and `attendance.expected`. Raises Refused `care_on_hold`.
    """
    require_free_to_come()


def hear_attendance(event: Event, *, actor: Actor) -> None:
    """Let work follow what was told of a client's part, and hours that changed. `now` route of `attendance.told`.

    Raises Refused `care_on_hold` for who is expected again.
    """
    attendance = Attendance.objects.select_related("session").get(pk=event.subject_id)
    if attendance.state == AttendanceState.EXPECTED:
        require_free_to_come()
    follow_up(attendance, actor=actor)
    if attendance.enrollment_id is not None:
        loaded = Enrollment.objects.select_related("program", "client", "episode")
        review(loaded.get(pk=attendance.enrollment_id), at=clock.now(), actor=actor)


def hear_session(event: Event, *, actor: Actor) -> None:
    """Ask nobody who came to what was told or called off. `now` route of `session.held`, `session.cancelled`."""
    nobody_need_ask(event.subject_id, actor=actor)


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Call off what is to come of an episode that pauses or ends; ask for new sessions when it goes on (T11, T12).

    `now` route of `episode.*`, before enrollments end with it: so they find nothing left to call off.
    """
    stage, origin = event.payload.get("to"), event.payload.get("from")
    if stage == origin:
        return
    at = clock.now()
    if stage == Stage.ON_HOLD:
        stop_episode(event.subject_id, why="The client's care is on hold.", at=at, actor=actor)
    elif stage in TERMINAL:
        stop_episode(event.subject_id, why="The client's care has ended.", at=at, actor=actor)
    elif origin == Stage.ON_HOLD and stage in CARE:
        ask_to_plan_episode(event.subject_id, at=at, actor=actor)


def follow_left_services(event: Event, *, actor: Actor) -> None:
    """Call off what is to come of services that ended with a step (T9). `now` route of `episode.*`, after those."""
    move = event.payload.get("move")
    if event.payload.get("to") in CARE and isinstance(move, int):
        stop_left_services(event.subject_id, move=move, at=clock.now(), actor=actor)


def follow_enrollment(event: Event, *, actor: Actor) -> None:
    """Call off what is to come of an enrollment that paused or ended by itself; ask no more about its hours.

    `now` route of `enrollment.held`, `enrollment.ended`. What goes along with its episode was, or will be, heard there.
    """
    stop_asking(event.subject_id, actor=actor)
    if _went_along(event):
        return
    rows = Enrollment.objects.filter(pk=event.subject_id)
    stop_enrollments(rows, why="The client's part in the program paused or ended.", at=clock.now(), actor=actor)


def follow_resuming(event: Event, *, actor: Actor) -> None:
    """Ask for new sessions when an enrollment goes on by itself. `now` route of `enrollment.resumed`."""
    if not _went_along(event):
        enrollment = Enrollment.objects.select_related("episode").get(pk=event.subject_id)
        ask_to_plan_enrollment(enrollment, at=clock.now(), actor=actor)


def follow_death(event: Event, *, actor: Actor) -> None:
    """Expect nobody who died (T17, STG-14). `now` route of `client.died`, before their enrollments end."""
    stop_client(event.subject_id, why="The client has died.", at=clock.now())


def _went_along(event: Event) -> bool:
    last = EnrollmentMove.objects.filter(enrollment_id=event.subject_id).order_by("-seq").first()
    return last is not None and WITH_EPISODE in last.given
