"""What becomes of sessions when care pauses, ends or goes on (T11, T12, T14-T17, STG-14). Inner; rows only.

Sessions that have not begun are called off by the system, each with its ledger row; what has begun can still be told.
Nothing comes back by itself: who resumes care is asked to plan anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from casemgmt.sessions.lifecycle import HOLDS_SESSIONS
from casemgmt.sessions.models import Attendance, AttendanceMove, SeriesMember, Session
from casemgmt.sessions.querysets import AttendanceQuerySet, SeriesMemberQuerySet
from casemgmt.sessions.rules.recurrence import local_day
from casemgmt.sessions.words import CancelledBy, Format
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove

from .due import within_business_days
from .scheduling import write_cancelled
from .series import ENDED, LEFT, series_event
from .steps import call_off

KEEPER = Actor(ActorKind.SYSTEM, roles=HOLDS_SESSIONS, name="sessions")
ONE_DAY = timedelta(days=1)
PLAN = (ItemKind.SESSIONS_TO_PLAN,)


def stop_episode(episode_id: UUID, *, why: str, at: datetime, actor: Actor) -> None:
    """Call off what is still to come of an episode that pauses or has ended, and end what would bring more.

    `why` is told in the ledgers; `at` is aware UTC.
    """
    episode = Episode.objects.get(pk=episode_id)
    series = _call_off(Attendance.objects.filter(episode=episode), why=why, at=at)
    programs = Enrollment.objects.filter(episode=episode).values("program_id")
    own = Q(series__program__isnull=True, series__organization_id=episode.organization_id)
    joined = SeriesMember.objects.filter(client_id=episode.client_id)
    _leave(joined.filter(own | Q(series__program__in=programs) | Q(series__in=series)), at=at)
    close_items(source_id=episode.id, kinds=PLAN, outcome="moot", at=at, actor=actor)


def stop_enrollments(enrollments: Iterable[Enrollment], *, why: str, at: datetime, actor: Actor) -> None:
    """The same for enrollments that paused or ended by themselves, and not with their episode."""
    for each in enrollments:
        _call_off(Attendance.objects.filter(enrollment=each), why=why, at=at)
        joined = SeriesMember.objects.filter(client_id=each.client_id, series__program_id=each.program_id)
        _leave(joined, at=at)
        close_items(source_id=each.id, kinds=PLAN, outcome="moot", at=at, actor=actor)


def stop_left_services(episode_id: UUID, *, move: int, at: datetime, actor: Actor) -> None:
    """The same for services of an episode that ended with a step of it (T9), which its ledger knows as `move`."""
    ended = EnrollmentMove.objects.filter(to_stage=EnrollmentStage.ENDED, given__episode_move=move)
    left = Enrollment.objects.filter(episode_id=episode_id, id__in=ended.values("enrollment_id")).order_by("id")
    stop_enrollments(left, why="The service has ended.", at=at, actor=actor)


def stop_client(client_id: UUID, *, why: str, at: datetime) -> None:
    """The same for everything of a client who died (T17, STG-14)."""
    _call_off(Attendance.objects.filter(client_id=client_id), why=why, at=at)
    _leave(SeriesMember.objects.filter(client_id=client_id), at=at)


def _call_off(parts: AttendanceQuerySet, *, why: str, at: datetime) -> list[UUID]:
    """Call off parts in sessions that have not begun, individual ones as a whole; return the series they were of.

    Sessions are locked before parts, each in the order of their ids, as whoever tells of a session locks them.
    """
    require_atomic()
    coming = parts.coming(at)
    sessions = Session.objects.filter(id__in=coming.values("session_id")).lock_all()
    alone = [each for each in sessions if each.format == Format.INDIVIDUAL]
    for session in alone:
        write_cancelled(session, by=CancelledBy.SYSTEM.value, reason=why, at=at, actor=KEEPER)
    waiting = coming.filter(session__in=sessions).select_related("session").lock_all()
    call_off(waiting, by=CancelledBy.SYSTEM, reason=why, at=at, actor=KEEPER)
    return [each.series_id for each in sessions if each.series_id is not None]


def _leave(members: SeriesMemberQuerySet, *, at: datetime) -> None:
    """End what is left of memberships with the local day before `at`; with its only client, an individual series."""
    for member in members.select_related("series").lock_all():
        series = member.series
        last = local_day(at, timezone=series.timezone) - ONE_DAY
        until = max(last, member.from_date - ONE_DAY)
        if member.until_date is not None and member.until_date <= until:
            continue
        member.until_date = until
        member.save(update_fields=["until_date"])
        emit(series_event(LEFT, series, client_id=member.client_id), actor=KEEPER)
        if series.format == Format.INDIVIDUAL and (series.ends_on is None or series.ends_on > last):
            series.ends_on = max(last, series.starts_on - ONE_DAY)
            series.save_changes("ends_on", at=at)
            emit(series_event(ENDED, series), actor=KEEPER)


def ask_to_plan_episode(episode_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Ask for new sessions after a hold if it called some off (T12)."""
    episode = Episode.objects.get(pk=episode_id)
    held = StageMove.objects.filter(episode=episode, to_stage=Stage.ON_HOLD).order_by("-seq").first()
    if held is not None and _took_away(Q(attendance__episode=episode), since=held.at):
        _ask(episode.id, "episode", episode, at=at, actor=actor)


def ask_to_plan_enrollment(enrollment: Enrollment, *, at: datetime, actor: Actor) -> None:
    """Ask for new sessions after an enrollment's own pause if it called some off (STG-01)."""
    paused = EnrollmentMove.objects.filter(enrollment=enrollment, to_stage=EnrollmentStage.ON_HOLD).order_by("-seq")
    held = paused.first()
    if held is not None and _took_away(Q(attendance__enrollment=enrollment), since=held.at):
        _ask(enrollment.id, "enrollment", enrollment.episode, at=at, actor=actor)


def _took_away(which: Q, *, since: datetime) -> bool:
    told = AttendanceMove.objects.filter(which, cancelled_by=CancelledBy.SYSTEM, at__gte=since)
    return told.filter(attendance__state="cancelled").exists()


def _ask(source_id: UUID, source_type: str, episode: Episode, *, at: datetime, actor: Actor) -> None:
    new = NewItem(
        organization_id=episode.organization_id,
        client_id=episode.client_id,
        kind=ItemKind.SESSIONS_TO_PLAN,
        due_at=within_business_days(episode.organization_id, 1, at=at),
        source_type=source_type,
        source_id=source_id,
    )
    open_item(new, actor=actor)
