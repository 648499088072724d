"""When things of the chart are due: pure days and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from casemgmt.chart.schedule import checkup_days, end_of_day, local_day, review_due, window
from casemgmt.policies.catalog import Policy

CHICAGO = "America/Chicago"
START = date(2026, 1, 1)
POLICY = Policy()


def after(*days: int) -> list[date]:
    return [START + timedelta(days=each) for each in days]


def test_check_ups_are_quarterly_for_two_years() -> None:
    """CLN-20: at day 90, 180, … 720 from the start of aftercare."""
    assert checkup_days(START, first_on=None, policy=POLICY) == after(90, 180, 270, 360, 450, 540, 630, 720)


@pytest.mark.parametrize(
    ("first", "expected"),
    [(20, [20, 90, 180]), (75, [75, 90, 180]), (76, [76, 180, 270]), (90, [90, 180, 270])],
)
def test_the_first_is_on_the_day_of_the_plan(first, expected) -> None:
    """CLN-20: what is agreed with the client holds; the window of the first covers a quarter that is close to it."""
    days = checkup_days(START, first_on=START + timedelta(days=first), policy=POLICY)

    assert days[:3] == after(*expected)
    assert days[-1] == after(720)[0]


@pytest.mark.parametrize("first", [-1, 91])
def test_a_day_that_does_not_fit_is_not_the_first(first) -> None:
    """CLN-20: neither before aftercare nor later than the policy allows."""
    days = checkup_days(START, first_on=START + timedelta(days=first), policy=POLICY)

    assert days[0] == after(90)[0]


def test_a_stricter_organization_sees_its_clients_sooner() -> None:
    """CLN-20: the first by the organization's number, the quarters stay."""
    days = checkup_days(START, first_on=None, policy=Policy(first_checkup_within_days=30))

    assert days[:3] == after(30, 90, 180)


def test_the_window_is_two_weeks_on_either_side() -> None:
    """CLN-20: ±14 days, by the organization's number."""
    assert window(START, policy=POLICY) == (date(2025, 12, 18), date(2026, 1, 15))
    assert window(START, policy=Policy(checkup_window_days=1)) == (date(2025, 12, 31), date(2026, 1, 2))


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 8, 6, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 9, 5, tzinfo=UTC)),  # 23 hours long
        (date(2026, 11, 1), datetime(2026, 11, 2, 6, tzinfo=UTC)),  # 25 hours long
    ],
)
def test_a_day_ends_where_the_organization_is(day, ends) -> None:
    assert end_of_day(day, zone=CHICAGO) == ends
    assert local_day(ends - timedelta(seconds=1), zone=CHICAGO) == day
    assert local_day(ends, zone=CHICAGO) == day + timedelta(days=1)


def due(at: datetime, *, urgent: bool, policy: Policy = POLICY) -> datetime:
    return review_due(at, urgent=urgent, zone=CHICAGO, policy=policy)


def test_a_review_is_due_in_a_day() -> None:
    """CLN-30: a clinician looks at it within 24 hours, or the organization's fewer."""
    at = datetime(2026, 6, 1, 20, tzinfo=UTC)

    assert due(at, urgent=False) == at + timedelta(hours=24)
    assert due(at, urgent=False, policy=Policy(return_to_use_review_hours=4)) == at + timedelta(hours=4)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (datetime(2026, 6, 1, 20, tzinfo=UTC), datetime(2026, 6, 2, 5, tzinfo=UTC)),
        (datetime(2026, 6, 2, 4, 59, tzinfo=UTC), datetime(2026, 6, 2, 5, tzinfo=UTC)),  # still the first, there
        (datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 9, 5, tzinfo=UTC)),  # the short day
    ],
)
def test_an_urgent_review_is_due_the_same_day(at, ends) -> None:
    """CLN-30: overdose or injecting is reviewed the same day, where the organization is."""
    assert due(at, urgent=True) == ends


def test_an_urgent_review_never_has_longer_than_another() -> None:
    """CLN-30: on the day of 25 hours, and with an organization's fewer hours."""
    morning = datetime(2026, 11, 1, 5, tzinfo=UTC)  # midnight in Chicago

    assert due(morning, urgent=True) == morning + timedelta(hours=24)
    assert due(morning, urgent=True, policy=Policy(return_to_use_review_hours=2)) == morning + timedelta(hours=2)
