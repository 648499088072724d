"""From plans to check-ins to messages: fourteen days ahead, once, and closed when time has passed (CHK-02)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from casemgmt.clients.models import ContactPoint
from casemgmt.worklist.models import WorkItem
from notifications.models import CheckIn, Message
from notifications.services.materializing import materialize
from tests.factories import notifications as make
from tests.factories import people


def test_the_coming_fourteen_days_become_rows(ada) -> None:
    make.plan(ada, weekdays=[2, 4], times=[time(13)])

    materialize()

    rows = CheckIn.objects.order_by("due_at")
    assert [row.local_date for row in rows] == [
        date(2026, 11, 24),
        date(2026, 11, 26),
        date(2026, 12, 1),
        date(2026, 12, 3),
    ]
    assert {row.due_at.hour for row in rows} == {19}
    assert {row.not_after - row.due_at for row in rows} == {timedelta(hours=24)}


def test_materializing_twice_adds_nothing(ada) -> None:
    plan = make.plan(ada, weekdays=[2, 4])
    materialize()
    before = list(CheckIn.objects.order_by("id").values_list("id", flat=True))

    assert materialize() == 0
    plan.__class__.objects.update(materialized_until=None)
    materialize()

    assert list(CheckIn.objects.order_by("id").values_list("id", flat=True)) == before
    assert Message.objects.count() <= 1


def test_each_day_adds_the_day_that_came_into_sight(ada, travel) -> None:
    make.plan(ada, weekdays=[1, 3, 5])
    materialize()
    travel(make.NOON + timedelta(days=3))

    materialize()

    last = CheckIn.objects.latest("due_at")
    assert last.local_date == date(2026, 12, 9)
    assert CheckIn.objects.count() == 7


def test_a_message_is_written_within_the_hour_and_to_the_number_of_then(ada, travel) -> None:
    coming = make.check_in(ada, due_at=make.NOON + timedelta(hours=2))
    materialize()
    assert Message.objects.filter(check_in=coming).count() == 0

    ContactPoint.objects.filter(pk=ada.point.pk).update(preferred=False)
    newer = ContactPoint.objects.create(client=ada.client, kind="phone", value="+13165550142", preferred=True)
    travel(make.NOON + timedelta(hours=1))
    materialize()

    message = Message.objects.get()
    coming.refresh_from_db()
    assert (message.contact_point_id, message.due_at, coming.status) == (newer.id, coming.due_at, "scheduled")
    assert (message.template, message.params, message.language) == ("checkin", {}, "en")


def test_a_client_who_speaks_spanish_is_asked_in_spanish(north) -> None:
    make.check_in(make.texted(north, language="es-MX"))

    materialize()

    assert Message.objects.get().language == "es"


def test_without_a_number_a_person_is_told_when_the_time_has_come(ada, travel) -> None:
    ContactPoint.objects.update(preferred=False)
    coming = make.check_in(ada, due_at=make.NOON + timedelta(minutes=30))
    materialize()
    coming.refresh_from_db()
    assert coming.status == "planned"

    travel(make.NOON + timedelta(minutes=30))
    materialize()

    coming.refresh_from_db()
    assert (coming.status, coming.reason) == ("cancelled", "sms_no_number")
    assert WorkItem.objects.get().kind == "number_invalid"


def test_what_was_missed_while_everything_stood_still_expires(ada) -> None:
    late = make.check_in(ada, due_at=make.NOON - timedelta(hours=24, seconds=1))
    in_time = make.check_in(ada, due_at=make.NOON - timedelta(hours=23), slot=1)

    materialize()

    late.refresh_from_db()
    in_time.refresh_from_db()
    assert (late.status, late.reason, in_time.status) == ("expired", "sms_too_late", "scheduled")
    assert WorkItem.objects.get().kind == "check_in_expired"


def test_an_unanswered_check_in_is_closed_as_missed_after_two_days(ada, travel) -> None:
    asked = make.check_in(ada, status="asked", asked_at=make.NOON)
    travel(make.NOON + timedelta(hours=48))
    materialize()
    asked.refresh_from_db()
    assert asked.status == "asked"

    travel(make.NOON + timedelta(hours=48, seconds=1))
    materialize()

    asked.refresh_from_db()
    assert (asked.status, asked.reason) == ("missed", "no_reply")


def test_the_wall_time_stays_when_the_clocks_change(north, travel) -> None:
    """2027-03-14 in New York: nine o'clock is 14:00 UTC the day before and 13:00 UTC on the day (rules 2.3)."""
    travel(datetime(2027, 3, 12, 17, tzinfo=UTC))
    make.plan(make.texted(north, timezone="America/New_York"), weekdays=[6, 7], times=[time(9)])

    materialize()

    due = list(CheckIn.objects.order_by("due_at").values_list("due_at", flat=True))
    assert due[:2] == [datetime(2027, 3, 13, 14, tzinfo=UTC), datetime(2027, 3, 14, 13, tzinfo=UTC)]


def test_paused_and_ended_plans_make_nothing(ada, north) -> None:
    make.plan(ada, status="paused", reason="staff_decision")
    other = make.texted(north, phone="+13165550177")
    make.plan(other, status="ended", reason="staff_decision")

    assert materialize() == 0


def test_many_plans_are_one_round(north, django_assert_max_num_queries) -> None:
    for number in range(30):
        make.plan(make.texted(north, phone=f"+131655502{number:02}"), weekdays=[2, 4], times=[time(12)])
    people.client(north, phone="+13165550301")

    with django_assert_max_num_queries(36):
        materialize()

    assert (CheckIn.objects.count(), Message.objects.count()) == (120, 30)
