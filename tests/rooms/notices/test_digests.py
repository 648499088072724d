"""What is not urgent waits for the summary: one a day, at the hour and on the days that somebody chose (F12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.notices.models import Mail
from casemgmt.notices.services.preferences import change_preference
from casemgmt.notices.services.rounds import write_notices
from casemgmt.worklist.models import Priority
from casemgmt.worklist.services import finish_item
from tests.factories import people
from tests.factories.worklist import item

from .conftest import EIGHT


@pytest.fixture
def client(cast):
    return people.client(cast.north)


def test_a_summary_goes_once_at_the_organizations_eight(cast, client, outbox, address, travel, morning) -> None:
    for hours in (1, 30, 40):
        item(cast.north, client, hours=hours)
    write_notices()
    assert outbox == []

    travel(EIGHT)
    write_notices()
    write_notices()

    (letter,) = outbox
    assert (letter.to, letter.subject) == ([address(cast.case_manager)], "Work waits for you")
    assert letter.body.startswith("3 things wait for you.\nPast their time: 1.\n\nSign in: ")


def test_what_comes_after_the_summary_waits_for_the_next_day(cast, client, outbox, travel) -> None:
    item(cast.north, client, hours=90)
    write_notices()
    travel(EIGHT)
    write_notices()
    item(cast.north, client, hours=90)
    write_notices()
    travel(EIGHT + timedelta(hours=10))
    write_notices()
    assert len(outbox) == 1

    travel(EIGHT + timedelta(days=1))
    write_notices()

    assert len(outbox) == 2
    assert outbox[1].body.startswith("2 things wait")


def test_a_summary_of_nothing_is_not_sent(cast, client, outbox, travel) -> None:
    made = item(cast.north, client)
    write_notices()
    finish_item(item_id=made.id, outcome="settled", version=None, actor=cast.case_manager)
    travel(EIGHT)
    write_notices()

    assert outbox == []
    assert Mail.objects.get().reason == "nothing_waits"


def test_a_quiet_week_sends_nothing(cast, client, outbox, travel) -> None:
    item(cast.north, client, hours=500)
    write_notices()
    for day in range(7):
        travel(EIGHT + timedelta(days=day))
        write_notices()

    assert len(outbox) == 1


def test_somebody_chooses_hour_days_and_zone(cast, client, outbox, travel) -> None:
    wishes = {"digest_hour": 17, "digest_weekdays": [4], "timezone": "America/Los_Angeles"}
    change_preference(changes=wishes, version=0, actor=cast.case_manager)
    item(cast.north, client, hours=500)
    write_notices()

    assert Mail.objects.get().due_at == datetime(2026, 11, 27, 1, tzinfo=UTC)  # five in the evening of a Thursday


def test_a_summary_that_waits_moves_with_the_wish_and_goes_without_it(cast, client, outbox, travel) -> None:
    item(cast.north, client, hours=500)
    write_notices()
    row = change_preference(changes={"digest_hour": 12}, version=0, actor=cast.case_manager)
    assert Mail.objects.get().due_at == datetime(2026, 11, 24, 18, tzinfo=UTC)

    change_preference(changes={"digest": False}, version=row.version, actor=cast.case_manager)
    assert Mail.objects.get().reason == "switched_off"


def test_without_summaries_what_is_urgent_still_comes(cast, client, outbox) -> None:
    """F12: nobody unsubscribes from what is urgent."""
    change_preference(changes={"digest": False}, version=0, actor=cast.case_manager)
    item(cast.north, client, hours=500)
    item(cast.north, client, priority=Priority.NOW)
    write_notices()

    (letter,) = outbox
    assert letter.subject == "Something urgent waits for you"
    assert letter.body.startswith("1 urgent thing waits")


@pytest.mark.parametrize(
    ("wish", "priority", "letters"),
    [("urgent", Priority.TODAY, 0), ("today", Priority.TODAY, 1), ("today", Priority.NORMAL, 0), ("all", 2, 1)],
)
def test_more_may_come_at_once(cast, client, outbox, wish, priority, letters) -> None:
    change_preference(changes={"immediately": wish}, version=0, actor=cast.case_manager)
    item(cast.north, client, priority=priority)
    write_notices()

    assert len(outbox) == letters
