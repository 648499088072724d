"""Intensive care below its minimum of hours for two weeks: somebody looks at it (CLN-02). By tick; moves nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.sessions.dose import weeks_of
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.rules.weeks import Week, bounds
from casemgmt.sessions.words import LATE_AFTER, AttendanceState
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from casemgmt.worklist.querysets import WorkItemQuerySet
from casemgmt.worklist.services import NewItem, close_items, open_item
from programs.models import Enrollment
from programs.querysets import EnrollmentQuerySet
from programs.rules.kinds import Kind

from .due import within_business_days

CLOCK = Actor.system("dose-clock")
BATCH = 200
BACK = 12  # weeks for which an open item is judged again
BELOW = (ItemKind.IOP_BELOW_MINIMUM,)


def watch_minimum(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Ask about every enrollment that was below the minimum in the last two weeks, once for these two weeks.

    What is asked and no longer holds is taken back. Returns how much changed. Safe in any number of copies.
    """
    count, after = 0, UUID(int=0)
    while keep_on():
        with acting_as(CLOCK):
            rows = list(_running().filter(id__gt=after).order_by("id")[:BATCH])
            doubtful = _doubtful(rows)
        for enrollment_id in doubtful:
            if not keep_on():
                return count
            count += _settle(enrollment_id)
        if len(rows) < BATCH:
            break
        after = rows[-1].id
    return count


def _running() -> EnrollmentQuerySet:
    loaded = Enrollment.objects.select_related("program", "client", "episode")
    return loaded.filter(stage="active", program__kind=Kind.IOP)


def _doubtful(rows: list[Enrollment]) -> list[UUID]:
    """Return those that are below, and those about which somebody was asked."""
    weeks = weeks_of(rows, back=3)
    asked = set(_open(each.id for each in rows).values_list("source_id", flat=True))
    return [each.id for each in rows if each.id in asked or _below_twice(weeks[each.id])]


def _below_twice(weeks: list[Week]) -> bool:
    """True when the last two weeks that are over were both below."""
    return weeks[1].below and weeks[2].below


@acting_as(CLOCK)
def _settle(enrollment_id: UUID) -> int:
    enrollment = _running().filter(id=enrollment_id).lock_free().first()
    if enrollment is None:
        return 0
    at = clock.now()
    if _open([enrollment_id]).exists():
        return review(enrollment, at=at, actor=CLOCK)
    weeks = weeks_of([enrollment], back=3)[enrollment_id]
    if not _below_twice(weeks) or _asked_since(enrollment, weeks[1]) or _may_still_be_told(enrollment, weeks, at=at):
        return 0
    open_item(_item(enrollment, at=at), actor=CLOCK)
    return 1


def review(enrollment: Enrollment, *, at: datetime, actor: Actor) -> int:
    """Take an open question back if the two weeks that it was about are no longer below; return how many.

    The enrollment's program, client and episode must be loaded.
    """
    item = _open([enrollment.id]).first()
    if item is None:
        return 0
    weeks = weeks_of([enrollment], back=BACK)[enrollment.id]
    zone = enrollment.program.timezone
    about = [each for each in weeks if bounds(each.monday, zone=zone)[1] <= item.created_at][:2]
    if all(each.below for each in about):  # older than we look back: a person decides
        return 0
    return close_items(source_id=enrollment.id, kinds=BELOW, outcome="hours_reached", at=at, actor=actor)


def stop_asking(enrollment_id: UUID, *, actor: Actor) -> None:
    """Take the question off the list: the enrollment pauses or has ended."""
    close_items(source_id=enrollment_id, kinds=BELOW, outcome="moot", at=clock.now(), actor=actor)


def _open(enrollment_ids: Iterable[UUID]) -> WorkItemQuerySet:
    return WorkItem.objects.open().filter(kind__in=BELOW, source_id__in=list(enrollment_ids))


def _asked_since(enrollment: Enrollment, week: Week) -> bool:
    """True when somebody was asked about the two weeks of which this is the later, and finished it by hand."""
    _, ends = bounds(week.monday, zone=enrollment.program.timezone)
    asked = WorkItem.objects.filter(kind__in=BELOW, source_id=enrollment.id, by_hand=True)
    return asked.filter(created_at__gte=ends).exists()


def _may_still_be_told(enrollment: Enrollment, weeks: list[Week], *, at: datetime) -> bool:
    """True while sessions of these weeks may still be told in time (PEER-05) and have not been."""
    _, ends = bounds(weeks[1].monday, zone=enrollment.program.timezone)
    begins, _ = bounds(weeks[2].monday, zone=enrollment.program.timezone)
    waiting = Attendance.objects.filter(enrollment=enrollment, state=AttendanceState.EXPECTED)
    return at < ends + LATE_AFTER and waiting.filter(starts_at__gte=begins, starts_at__lt=ends).exists()


def _item(enrollment: Enrollment, *, at: datetime) -> NewItem:
    organization_id = enrollment.episode.organization_id
    return NewItem(
        organization_id=organization_id,
        client_id=enrollment.client_id,
        kind=ItemKind.IOP_BELOW_MINIMUM,
        due_at=within_business_days(organization_id, 1, at=at),
        source_type="enrollment",
        source_id=enrollment.id,
        priority=Priority.TODAY,
        role=Role.CASE_MANAGER,
    )
