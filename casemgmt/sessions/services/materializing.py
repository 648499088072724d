"""From a series to its sessions, eight weeks ahead. What is there already is not made again (CHK-02)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Refused
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE, emit
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, Series, SeriesMember, Session, SessionMove
from casemgmt.sessions.rules.recurrence import Recurrence, local_day, moment_of
from casemgmt.sessions.words import CancelledBy, Format

from .parties import Participant, places_of, take_turn
from .steps import CANCELLED, SCHEDULED, event_of, expected_at, first_move, refusing_overlap

AHEAD = timedelta(days=56)
BATCH = 200
CLOCK = Actor.system("series")
TAKEN = "Who holds it has another session in this time."


def materialize(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Make the sessions of the days that came into the eight weeks; return how many. Safe in any number of copies."""
    with acting_as(CLOCK):
        day = horizon(clock.now(), timezone="UTC")
        behind = list(Series.objects.behind(day).values_list("id", flat=True)[:BATCH])
    made = 0
    for series_id in behind:
        if not keep_on():
            break
        made += _extend(series_id)
    return made


def _extend(series_id: UUID) -> int:
    """Bring one series up to date; 0 when somebody else has it in hand: a later round finds it."""
    try:
        with acting_as(CLOCK):
            take_turn(Series.objects.values_list("staff_id", flat=True).get(pk=series_id))
            at = clock.now()
            day = horizon(at, timezone="UTC")
            series = Series.objects.behind(day).lock_free(series_id)
            return 0 if series is None else make_sessions(series, at=at, actor=CLOCK, skip_taken=True)
    except (Conflict, Refused):  # somebody took the time, or put a member's care on hold: the next round sees it
        return 0


def horizon(at: datetime, *, timezone: str) -> date:
    """Return the last local day that has its sessions at `at` (aware UTC)."""
    return local_day(at, timezone=timezone) + AHEAD


def wanted_days(series: Series, *, since: date, at: datetime) -> list[date]:
    """Return the local days from `since` on that a series names within its dates and the eight weeks."""
    last = max(horizon(at, timezone="UTC"), horizon(at, timezone=series.timezone))
    if series.ends_on is not None:
        last = min(last, series.ends_on)
    return list(Recurrence(series.rrule, series.starts_on).days(since=since, until=last))


def make_sessions(
    series: Series,
    *,
    at: datetime,
    actor: Actor,
    since: date | None = None,
    after: datetime | None = None,
    skip_taken: bool = False,
) -> int:
    """Make the sessions that a locked series lacks, from `since` on (None: where it stopped) and begun after `after`.

    Inner; whoever holds it has taken a turn. Where they have another individual session, raise Conflict
    `session_overlap`; with `skip_taken`, the day gets a session that was called off: nothing goes without a trace.
    """
    require_atomic()
    first = since or series.materialized_until or series.starts_on
    days = wanted_days(series, since=first, at=at)
    there = set(Session.objects.filter(series=series, series_date__gte=first).values_list("series_date", flat=True))
    sessions = [session_on(series, day) for day in days if day not in there]
    sessions = [each for each in sessions if after is None or each.starts_at > after]
    with acting_as(HOUSE):  # whom the series expects, the actor need not see
        made = _write(series, sessions, skip_taken=skip_taken, at=at, actor=actor)
    reached = max(horizon(at, timezone="UTC"), horizon(at, timezone=series.timezone)) + timedelta(days=1)
    Series.objects.filter(pk=series.pk).update(materialized_until=reached)
    series.materialized_until = reached
    return made


def session_on(series: Series, day: date, **more: object) -> Session:
    """Return the unsaved session of a series on a local day, with fields of its own if told."""
    starts_at = moment_of(day, local_time=series.local_time, timezone=series.timezone)
    return Session(
        organization_id=series.organization_id,
        program_id=series.program_id,
        series=series,
        series_date=day,
        staff_id=series.staff_id,
        discipline=series.discipline,
        format=series.format,
        mode=series.mode,
        place_type=series.place_type,
        title=series.title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=series.minutes),
        timezone=series.timezone,
        **more,
    )


def _write(series: Series, sessions: list[Session], *, skip_taken: bool, at: datetime, actor: Actor) -> int:
    taken = _taken(series, sessions)
    if taken and not skip_taken:
        dates = sorted(str(each.series_date) for each in taken)
        raise Conflict("Who holds it has other sessions in this time.", code="session_overlap", days=dates)
    off = {"stage": SessionStage.CANCELLED, "closed_at": at, "cancelled_by": CancelledBy.SYSTEM}
    taken = [session_on(series, each.series_date, **off) for each in taken if each.series_date is not None]
    days = {each.series_date for each in taken}
    held = [each for each in sessions if each.series_date not in days]
    sessions = held + taken
    with refusing_overlap():
        Session.objects.bulk_create(sessions)
    SessionMove.objects.bulk_create([SessionMove(**first_move(each, at=at, actor=actor)) for each in sessions])
    SessionMove.objects.bulk_create([SessionMove(**_called_off(each, at=at, actor=actor)) for each in taken])
    _expect(series, held)
    for each in sessions:
        emit(event_of(SCHEDULED, each), actor=actor)
    for each in taken:
        emit(event_of(CANCELLED, each, why="session_overlap"), actor=actor)
    return len(sessions)


def _taken(series: Series, sessions: list[Session]) -> list[Session]:
    """Return which of a series' new sessions meet another individual session of the same person (PEER-05)."""
    if series.format == Format.GROUP or not sessions:
        return []
    first, last = sessions[0].starts_at, sessions[-1].ends_at
    others = Session.objects.meeting(staff_id=series.staff_id, starts_at=first, ends_at=last)
    spans = list(others.values_list("starts_at", "ends_at"))
    return [each for each in sessions if any(start < each.ends_at and end > each.starts_at for start, end in spans)]


def _called_off(session: Session, *, at: datetime, actor: Actor) -> dict[str, object]:
    """Return the fields of the second ledger row of a session that had no room."""
    return first_move(session, at=at, actor=actor) | {
        "verb": "cancel",
        "from_stage": SessionStage.SCHEDULED.value,
        "to_stage": SessionStage.CANCELLED.value,
        "reason": TAKEN,
        "given": {"cancelled_by": CancelledBy.SYSTEM.value},
    }


def _expect(series: Series, sessions: Collection[Session]) -> None:
    """Write whom the sessions of a series expect: its members of that day who live, with their episodes of today."""
    members = list(SeriesMember.objects.filter(series=series, client__deceased=False).order_by("id"))
    client_ids = list(dict.fromkeys(each.client_id for each in members))
    found = places_of(client_ids, program_id=series.program_id, organization_id=series.organization_id)
    places = {each.client_id: each for each in found if each.episode_id is not None or series.program_id is None}
    rows = [each for session in sessions for each in expected_at(session, _on(session.series_date, members, places))]
    Attendance.objects.bulk_create(rows)


def _on(day: date | None, members: list[SeriesMember], places: dict[UUID, Participant]) -> list[Participant]:
    assert day is not None
    expected = [
        each for each in members if each.from_date <= day and (each.until_date is None or day <= each.until_date)
    ]
    return [
        places[client_id] for client_id in dict.fromkeys(each.client_id for each in expected) if client_id in places
    ]
