"""Many plans written at once have the check-ins that each would have alone (CHK-02)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.kernel import clock
from notifications.models import CheckIn, CheckInPlan
from notifications.schedule import HORIZON
from notifications.services.extending import write_coming
from notifications.services.occurrences import rows_for, wanted
from tests.factories import notifications as make

AUTUMN = datetime(2026, 10, 26, 18, tzinfo=UTC)  # the clocks go back within the fortnight
SPRING = datetime(2027, 3, 8, 18, tzinfo=UTC)  # and forward

# Where the client lives and is told to live, and how the plan differs.
PLANS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"timezone": "America/Chicago"}, {"weekdays": [1, 4], "times": [time(9), time(17, 30)]}),
    ({"timezone": "America/New_York"}, {"weekdays": [7], "times": [time(2, 30)]}),
    ({"timezone": "", "residence_state": "AZ"}, {"weekdays": [2]}),
    ({"timezone": "", "residence_state": ""}, {"weekdays": [3]}),  # only the number tells the zone
    ({"timezone": "Nowhere/Land", "residence_state": ""}, {"weekdays": [3]}),
    ({"timezone": "America/Chicago"}, {"weekdays": [], "phases": [[0, "FREQ=DAILY"], [5, "FREQ=WEEKLY;INTERVAL=2"]]}),
]


def plans_of(at: datetime) -> list[CheckInPlan]:
    """Return plans of every kind: begun long ago, lately, in some days; ending soon; written to some day."""
    north = make.organization()
    found = []
    for place, (where, how) in enumerate(PLANS):
        for turn, starts in enumerate((-40, -1, 6)):
            phone = f"+1316555{place:02}{turn:02}"
            texted = make.texted(north, phone=phone, **where)
            told = {"starts_on": at.date() + timedelta(days=starts), **how}
            if turn == 1:
                told["ends_on"] = at.date() + timedelta(days=9)
            if turn == 0:
                told["materialized_until"] = at + timedelta(days=3)
            found.append(make.plan(texted, **told))
    return found


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("at", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_together_they_have_what_each_has_alone(travel, at) -> None:
    travel(at)
    plans = plans_of(clock.now())
    now = clock.now()
    until = now + HORIZON
    alone = {
        (row.plan_id, row.local_date, row.slot, row.due_at, row.not_after, row.client_id)
        for plan in plans
        for row in rows_for(plan, wanted(plan, since=max(now, plan.materialized_until or now), until=until))
    }

    written = write_coming([plan.pk for plan in plans], at=now, until=until)

    columns = ("plan_id", "local_date", "slot", "due_at", "not_after", "client_id")
    assert set(CheckIn.objects.values_list(*columns)) == alone
    assert written == len(alone) > 30
    assert {row.id.version for row in CheckIn.objects.all()} == {7}


@pytest.mark.usefixtures("db")
def test_plans_alike_cost_two_statements_however_many_there_are() -> None:
    north, now = make.organization(), clock.now()
    plans = [
        make.plan(make.texted(north, phone=f"+1316555{number:04}"), starts_on=date(2026, 1, 1)).pk
        for number in range(8)
    ]

    with CaptureQueriesContext(connection) as few:
        write_coming(plans[:2], at=now, until=now + HORIZON)
    with CaptureQueriesContext(connection) as many:
        write_coming(plans, at=now, until=now + HORIZON)

    assert len(few) == len(many) == 2
