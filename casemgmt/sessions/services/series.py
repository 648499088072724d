"""Series of sessions: beginning and ending one, and who is expected at it. Doors; editing.py changes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotVisible, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.sessions.models import Attendance, Series, SeriesMember, Session
from casemgmt.sessions.rules.recurrence import Recurrence, RuleInvalid, local_day, moment_of
from casemgmt.sessions.words import AttendanceState, CancelledBy, Format

from .credentials import require_fit_to_hold
from .materializing import make_sessions
from .parties import Participant, holder, lock_series, participants, program_of, take_turn, zone_of
from .scheduling import FURTHEST, require_fit, write_cancelled
from .steps import Told, call_off, expected_at, write_told

STARTED = register_topic("series.started")
ENDED = register_topic("series.ended")
JOINED = register_topic("series.joined")
LEFT = register_topic("series.left")

TOLD = ("format", "mode", "place_type", "title", "starts_on", "ends_on", "local_time", "minutes")
BACK = timedelta(days=31)  # a series may be told this long after it began
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewSeries:
    """What is told of a series: an RRULE, its first and last local day (None: goes on), and the wall clock's time.

    The clients are expected from the first day on. `staff_id` and `discipline` as for a session.
    """

    rrule: str
    starts_on: date
    local_time: time
    minutes: int
    mode: str
    client_ids: tuple[UUID, ...] = ()
    ends_on: date | None = None
    format: Format = Format.GROUP
    staff_id: UUID | None = None
    discipline: str | None = None
    program_id: UUID | None = None
    place_type: str = ""
    title: str = ""


@transaction.atomic
def start_series(*, new: NewSeries, actor: Actor) -> Series:
    """Begin a series and make its sessions of the next eight weeks.

    Raises NotVisible, NotPermitted, Invalid (fields, `kind_needed`), Refused (`outside_peer_scope`,
    `client_deceased`, `no_open_episode`, `credential_expired`, `credential_missing`), Conflict
    `session_overlap` with the `days` on which it would.
    """
    staff_id, organization_id, discipline = holder(new.staff_id, new.discipline, actor=actor)
    require_fit(new.format, clients=len(set(new.client_ids)), title=new.title)
    at = clock.now()
    program = program_of(new.program_id, new.client_ids, actor=actor)
    timezone = zone_of(program, organization_id)
    recurrence = recurrence_of(new.rrule, new.starts_on, ends_on=new.ends_on)
    _require_near(new.starts_on, today=local_day(at, timezone=timezone))
    series = Series(
        organization_id=organization_id,
        program=program,
        staff_id=staff_id,
        discipline=discipline,
        rrule=recurrence.rule,
        timezone=timezone,
        **{name: getattr(new, name) for name in TOLD},
    )
    begins = moment_of(new.starts_on, local_time=new.local_time, timezone=timezone)
    require_fit_to_hold(series, at=begins)
    people = participants(
        new.client_ids, program_id=new.program_id, starts_at=begins, timezone=timezone, at=at, actor=actor
    )
    take_turn(staff_id)
    series.save(force_insert=True)
    SeriesMember.objects.bulk_create(_member(series, each.client_id) for each in people)
    make_sessions(series, at=at, actor=actor)
    _tell_begun(series, people, actor=actor)
    return series


def _member(series: Series, client_id: UUID) -> SeriesMember:
    return SeriesMember(series=series, client_id=client_id, from_date=series.starts_on)


def _tell_begun(series: Series, people: list[Participant], *, actor: Actor) -> None:
    emit(series_event(STARTED, series), actor=actor)
    for each in people:
        emit(series_event(JOINED, series, client_id=each.client_id), actor=actor)


def recurrence_of(rrule: str, starts_on: date, *, ends_on: date | None) -> Recurrence:
    """Return a rule from a day on that names a day until the last; raise Invalid (`rrule`, `ends_on`)."""
    try:
        found = Recurrence(rrule, starts_on)
    except RuleInvalid as error:
        raise Invalid(fields={"rrule": [str(error)]}) from error
    if ends_on is not None and next(found.days(until=ends_on), None) is None:
        raise Invalid(fields={"ends_on": ["The rule names no day until then."]})
    return found


def _require_near(starts_on: date, *, today: date) -> None:
    if not today - BACK <= starts_on <= today + FURTHEST:
        raise Invalid(fields={"starts_on": [f"From {BACK.days} days ago to two years from now."]})


@transaction.atomic
def end_series(
    *, series_id: UUID, last_day: date, reason: str = "", version: int | None = None, actor: Actor
) -> Series:
    """End a series with a local day: its sessions after it that are still to come are called off by the provider.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid `last_day`.
    """
    series = lock_series(series_id, actor=actor)
    series.require_version(version)
    latest = series.ends_on or date.max
    if not series.starts_on - ONE_DAY <= last_day <= latest:
        raise Invalid(fields={"last_day": ["From the day before its first to its last."]})
    at = clock.now()
    series.ends_on = last_day
    series.save_changes("ends_on", at=at)
    for session in Session.objects.of_series(series.id, since=last_day + ONE_DAY, at=at).lock_all():
        write_cancelled(session, by=CancelledBy.PROVIDER.value, reason=reason, at=at, actor=actor)
    emit(series_event(ENDED, series), actor=actor)
    return series


@transaction.atomic
def join_series(
    *, series_id: UUID, client_id: UUID, from_date: date | None = None, until_date: date | None = None, actor: Actor
) -> SeriesMember:
    """Expect a client at a group's sessions from a local day (None: today) until another (None: as long as it goes on).

    Raises NotVisible, NotPermitted, Invalid `until_date`, Refused (`individual_has_one`, `client_deceased`,
    `no_open_episode`), Conflict (`already_member`, `series_ended`).
    """
    series = lock_series(series_id, actor=actor)
    at = clock.now()
    first = from_date or max(series.starts_on, local_day(at, timezone=series.timezone))
    _require_room(series, first=first, until_date=until_date)
    starts_at = moment_of(first, local_time=series.local_time, timezone=series.timezone)
    people = participants(
        [client_id],
        program_id=series.program_id,
        starts_at=starts_at,
        timezone=series.timezone,
        at=at,
        actor=actor,
    )
    rows = SeriesMember.objects.filter(series=series, client_id=client_id)
    if any(each.until_date is None or each.until_date >= first for each in rows.lock_all()):
        raise Conflict("The client is expected there.", code="already_member")
    member = SeriesMember.objects.create(series=series, client_id=client_id, from_date=first, until_date=until_date)
    sessions = Session.objects.of_series(series.id, since=first, at=at)
    for session in (sessions if until_date is None else sessions.filter(series_date__lte=until_date)).lock_all():
        _expect(session, client_id, at=at, actor=actor, people=people)
    emit(series_event(JOINED, series, client_id=client_id), actor=actor)
    return member


def _require_room(series: Series, *, first: date, until_date: date | None) -> None:
    """Raise unless one more client can be expected from a local day until another."""
    if series.format == Format.INDIVIDUAL:
        raise Refused("An individual series is with one client.", code="individual_has_one")
    if until_date is not None and until_date < first:
        raise Invalid(fields={"until_date": ["Not before the first day."]})
    if series.ends_on is not None and series.ends_on < first:
        raise Conflict("The series has ended by then.", code="series_ended")


def _expect(session: Session, client_id: UUID, *, people: list[Participant], at: datetime, actor: Actor) -> None:
    """Let one session of a series expect a client; who was called off is expected again, who is excused stays so."""
    there = Attendance.objects.filter(session=session, client_id=client_id).select_related("session").lock_all()
    if not there:
        Attendance.objects.bulk_create(expected_at(session, people))
    elif there[0].state == AttendanceState.CANCELLED:
        again = Told(client_id, AttendanceState.EXPECTED, reason="Joined the series.")
        write_told(there[0], again, length=0, at=at, actor=actor)


@transaction.atomic
def leave_series(
    *, series_id: UUID, client_id: UUID, last_day: date | None = None, by: CancelledBy, actor: Actor
) -> SeriesMember:
    """Expect a client no longer after a local day (None: today); by whom their part after it is called off.

    Raises NotVisible (also: they are not expected there), NotPermitted, Refused `end_the_series`.
    """
    series = lock_series(series_id, actor=actor)
    if series.format == Format.INDIVIDUAL:
        raise Refused("End the series itself; it is with this client.", code="end_the_series")
    at = clock.now()
    last = last_day or local_day(at, timezone=series.timezone)
    rows = SeriesMember.objects.visible_to(actor).filter(series=series, client_id=client_id)
    going_on = [each for each in rows.lock_all() if each.until_date is None or each.until_date > last]
    if not going_on:
        raise NotVisible()
    for member in going_on:
        member.until_date = max(last, member.from_date - ONE_DAY)
        member.save(update_fields=["until_date"])
    sessions = Session.objects.of_series(series.id, since=last + ONE_DAY, at=at).lock_all()
    waiting = Attendance.objects.filter(session__in=sessions, client_id=client_id, state=AttendanceState.EXPECTED)
    call_off(waiting.select_related("session").lock_all(), by=by, at=at, actor=actor)
    emit(series_event(LEFT, series, client_id=client_id), actor=actor)
    return going_on[0]


def series_event(topic: str, series: Series, *, client_id: UUID | None = None, **more: Scalar) -> Event:
    """Return a fact about a series, or about one client's part in it."""
    payload: dict[str, Scalar] = {
        "discipline": str(series.discipline),
        "format": str(series.format),
        "staff_id": str(series.staff_id),
        "program_id": str(series.program_id) if series.program_id else None,
        **more,
    }
    return Event(topic, series.id, client_id, series.organization_id, payload)
