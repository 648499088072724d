"""Every check-in ends: what nothing else ended, the sweep ends, and counts (reliability 4.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import CheckIn, CheckInPlan
from notifications.services.delivery import drain
from notifications.services.materializing import materialize
from notifications.services.sweeping import stranded, sweep
from tests.factories import notifications as make

LATER = make.NOON + timedelta(days=5)


def test_it_finds_nothing_where_all_ticks_run(ada, gateway, travel) -> None:
    make.plan(ada, weekdays=[2, 4])
    for hours in range(0, 24 * 7, 6):
        travel(make.NOON + timedelta(hours=hours))
        materialize()
        drain(gateway=gateway)

        assert (sweep(), stranded(make.NOON + timedelta(hours=hours)).count()) == (0, 0)

    ended = CheckIn.objects.exclude(status__in=["planned", "scheduled", "asked"])
    assert ended.exclude(reason="").count() == ended.count() >= 2


@pytest.mark.parametrize(
    ("status", "ends"),
    [("cancelled", "cancelled"), ("expired", "expired"), ("failed", "failed"), ("undelivered", "failed")],
)
def test_a_check_in_left_behind_ends_as_its_message_did(ada, travel, status, ends) -> None:
    left = make.message(ada, status=status, reason="carrier_30003").check_in
    assert sweep() == 0

    travel(make.NOON + timedelta(hours=2))
    assert sweep() == 1

    left.refresh_from_db()
    assert (left.status, left.reason) == (ends, "carrier_30003")


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"status": "planned"}, "expired"),
        ({"status": "scheduled"}, "expired"),
        ({"status": "asked", "asked_at": make.NOON}, "missed"),
    ],
)
def test_what_time_overtook_is_ended_and_told_in_the_log(ada, travel, caplog, fields, ends) -> None:
    left = make.check_in(ada, **fields)
    travel(LATER)

    assert stranded(LATER).count() == 1
    assert sweep() == 1
    assert sweep() == 0

    left.refresh_from_db()
    assert (left.status, left.reason) == (ends, "swept")
    assert "the sweep ended 1 check-ins" in caplog.text


def test_what_is_on_its_way_is_left_alone(ada, travel) -> None:
    make.message(ada)
    travel(LATER)

    assert sweep() == 0
    assert CheckIn.objects.get().status == "scheduled"


def test_a_plan_of_a_stage_that_was_left_meanwhile_is_ended(ada) -> None:
    left = make.plan(ada, stage="iop")
    stays = make.plan(ada, stage="therapy", source="stage")

    assert sweep() == 1

    assert list(CheckInPlan.objects.order_by("id").values_list("id", "status", "reason")) == [
        (left.id, "ended", "stage_left"),
        (stays.id, "active", ""),
    ]
