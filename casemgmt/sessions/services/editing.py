"""Changing a series: all of it, or what follows from a day on. Doors. Changing one session is in scheduling.py.

What was held, called off, changed by itself (`detached`) or has begun stays as it was. What is still to come is kept
where the new pattern names its day, so that what was told of it holds; else it is called off and leaves the series.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import HOUSE, emit
from casemgmt.sessions.models import Series, SeriesMember, Session
from casemgmt.sessions.rules.recurrence import Recurrence, RuleInvalid, local_day
from casemgmt.sessions.words import CancelledBy, Format

from .materializing import make_sessions, session_on, wanted_days
from .parties import holder, lock_series
from .scheduling import CHANGEABLE, write_cancelled
from .series import ONE_DAY, recurrence_of, series_event
from .steps import CHANGED, MOVED, event_of, refusing_overlap

SERIES_CHANGED = register_topic("series.changed")
CONTINUED = register_topic("series.continued")

PATTERN = ("rrule", "ends_on", "local_time", "minutes", "mode", "place_type", "title")
COPIED = ("organization_id", "program_id", "staff_id", "discipline", "format", "timezone", *PATTERN)


@transaction.atomic
def change_series(*, series_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Series:
    """Change all of a series: `rrule`, `ends_on`, `local_time`, `minutes`, `mode`, `place_type`, `title`, `staff`.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid (fields), Conflict `session_overlap`.
    """
    series = lock_series(series_id, actor=actor, staff_id=changes.get("staff"))
    series.require_version(version)
    at = clock.now()
    _write_changes(series, changes, actor=actor)
    recurrence_of(series.rrule, series.starts_on, ends_on=series.ends_on)
    series.save_changes(*PATTERN, "staff", at=at)
    _remake(series, since=series.starts_on, at=at, actor=actor)
    emit(series_event(SERIES_CHANGED, series), actor=actor)
    return series


@transaction.atomic
def continue_series(
    *, series_id: UUID, from_date: date, changes: Mapping[str, Any], version: int | None, actor: Actor
) -> Series:
    """Change a series from a local day on: it ends the day before, and a new one with the changes continues it.

    Returns the new one. Raises NotVisible, NotPermitted, StaleVersion, Invalid (`from_date`, fields), Conflict
    `session_overlap`.
    """
    old = lock_series(series_id, actor=actor, staff_id=changes.get("staff"))
    old.require_version(version)
    if not old.starts_on < from_date <= (old.ends_on or date.max):
        raise Invalid(fields={"from_date": ["After its first day and not after its last. Or change all of it."]})
    at = clock.now()
    new = Series(**{name: getattr(old, name) for name in COPIED}, materialized_until=old.materialized_until)
    if "rrule" not in changes:
        rest = _rest(old, from_date)
        new.rrule, new.starts_on = rest.rule, rest.starts_on
    else:
        new.starts_on = from_date
    _write_changes(new, changes, actor=actor)
    recurrence_of(new.rrule, new.starts_on, ends_on=new.ends_on)
    _link(old, new, last=from_date - ONE_DAY, at=at)
    with acting_as(HOUSE):  # of all members, whomever the actor sees
        _split_members(old, new, from_date)
    Session.objects.filter(series=old, series_date__gte=from_date).update(series=new)
    _remake(new, since=from_date, at=at, actor=actor)
    emit(series_event(CONTINUED, new, continues=str(old.id)), actor=actor)
    return new


def _rest(old: Series, from_date: date) -> Recurrence:
    """Return what is left of the rule from a day on."""
    wrong = {"from_date": ["The series names no day from then on."]}
    try:
        rest = Recurrence(old.rrule, old.starts_on).from_day(from_date)
    except RuleInvalid as error:
        raise Invalid(fields=wrong) from error
    if old.ends_on is not None and rest.starts_on > old.ends_on:
        raise Invalid(fields=wrong)
    return rest


def _write_changes(series: Series, changes: Mapping[str, Any], *, actor: Actor) -> None:
    """Write changes into a series in memory."""
    for name in PATTERN:
        setattr(series, name, changes.get(name, getattr(series, name)))
    if series.format == Format.INDIVIDUAL and series.title:
        raise Invalid(fields={"title": ["Only a group has a title."]})
    if "staff" in changes and changes["staff"] != series.staff_id:
        series.staff_id, _, _ = holder(changes["staff"], series.discipline, actor=actor)


def _link(old: Series, new: Series, *, last: date, at: datetime) -> None:
    """End the old series, save the new one after it, and before the one that continued the old one until now."""
    later = Series.objects.filter(continues=old).first()
    if later is not None:
        later.continues = None
        later.save(update_fields=["continues"])
    old.ends_on = last
    old.save_changes("ends_on", at=at)
    new.continues = old
    new.save(force_insert=True)
    if later is not None:
        later.continues = new
        later.save(update_fields=["continues"])


def _split_members(old: Series, new: Series, from_date: date) -> None:
    """Let the new series expect from its first day on whom the old one expects then, and the old one no longer."""
    for member in SeriesMember.objects.filter(series=old).lock_all():
        if member.until_date is not None and member.until_date < from_date:
            continue
        SeriesMember.objects.create(
            series=new,
            client_id=member.client_id,
            from_date=max(member.from_date, from_date),
            until_date=member.until_date,
        )
        member.until_date = max(from_date, member.from_date) - ONE_DAY
        member.save(update_fields=["until_date"])


def _remake(series: Series, *, since: date, at: datetime, actor: Actor) -> None:
    """Bring what is still to come of a locked series in line with its pattern."""
    coming = Session.objects.of_series(series.id, since=since, at=at).filter(detached=False).lock_all()
    days = set(wanted_days(series, since=since, at=at))
    for session in coming:
        if session.series_date not in days:
            _let_go(session, at=at, actor=actor)
    _move([each for each in coming if each.series_date in days], series, at=at, actor=actor)
    today = local_day(at, timezone=series.timezone)
    make_sessions(series, since=max(since, today), after=at, at=at, actor=actor)


def _let_go(session: Session, *, at: datetime, actor: Actor) -> None:
    """Call off a session whose day the pattern no longer names; should it name the day again, a new one is made."""
    reason = "The series no longer names this day."
    write_cancelled(session, by=CancelledBy.PROVIDER.value, reason=reason, at=at, actor=actor)
    session.series, session.series_date = None, None
    session.save_changes("series", "series_date", at=at)


def _move(sessions: list[Session], series: Series, *, at: datetime, actor: Actor) -> None:
    """Give sessions the pattern of their series, so ordered that none meets another that is yet to move."""
    pairs = [(each, session_on(series, each.series_date)) for each in sessions if each.series_date is not None]
    later = any(wanted.starts_at > session.starts_at for session, wanted in pairs)
    for session, wanted in sorted(pairs, key=lambda pair: pair[0].starts_at, reverse=later):
        differing = [name for name in CHANGEABLE if _value(session, name) != _value(wanted, name)]
        if not differing:
            continue
        for name in differing:
            attribute = "staff_id" if name == "staff" else name
            setattr(session, attribute, getattr(wanted, attribute))
        with refusing_overlap():
            session.save_changes(*differing, at=at)
        moved = {"starts_at", "ends_at", "staff"} & set(differing)
        emit(event_of(MOVED if moved else CHANGED, session), actor=actor)


def _value(session: Session, name: str) -> Any:
    return session.staff_id if name == "staff" else getattr(session, name)
