"""Asked once more after a day without an answer, and then not again (rules.md §10); it gives way to everything else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from casemgmt.clients.models import ContactPoint
from notifications.models import CheckIn, CheckInPlan, Message
from notifications.services.appointments import remind
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from notifications.services.sweeping import sweep
from tests.factories import notifications as make
from tests.factories import sessions

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
AGAIN = "CareLine: Just checking in again. Reply 1 good, 2 so-so, 3 please call me. STOP to end."


@pytest.fixture
def asked(ada, gateway) -> CheckIn:
    """A check-in that the carrier took at noon on Tuesday."""
    message = make.message(ada)
    drain(gateway=gateway)
    check_in = message.check_in
    check_in.refresh_from_db()
    assert (check_in.status, len(gateway.sent)) == ("asked", 1)
    return check_in


def reminders() -> list[tuple[str, str]]:
    return list(Message.objects.filter(kind="reminder").order_by("id").values_list("status", "reason"))


def ends(check_in: CheckIn) -> tuple[str, str]:
    check_in.refresh_from_db()
    return check_in.status, check_in.reason


def a_day_passes(travel, gateway) -> None:
    travel(make.NOON + DAY + timedelta(seconds=1))
    materialize()
    drain(gateway=gateway)


def test_it_goes_once_a_day_later_and_a_day_after_it_silence_is_silence(asked, gateway, travel) -> None:
    travel(make.NOON + DAY)
    materialize()
    assert reminders() == []

    a_day_passes(travel, gateway)
    materialize()
    assert (reminders(), gateway.sent[1].body, ends(asked)) == ([("sent", "")], AGAIN, ("asked", ""))

    travel(make.NOON + 2 * DAY + timedelta(seconds=1))
    materialize()
    sweep()
    assert ends(asked) == ("asked", ""), "an answer to the reminder has its day, too"

    travel(make.NOON + 2 * DAY + timedelta(seconds=3))
    materialize()
    drain(gateway=gateway)
    assert (ends(asked), len(gateway.sent)) == (("missed", "no_reply"), 2)


def test_an_answer_to_it_answers_the_check_in(asked, gateway, travel) -> None:
    a_day_passes(travel, gateway)

    make.arrives("+13165550100", "2")
    process_inbox()

    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("answered", 2)


@pytest.mark.parametrize("words", ["1", "my dog is ill"])
def test_who_wrote_meanwhile_is_not_asked_again(asked, gateway, travel, words: str) -> None:
    travel(make.NOON + HOUR)
    make.arrives("+13165550100", words)
    process_inbox()
    before = len(gateway.sent)

    a_day_passes(travel, gateway)

    assert reminders() == []
    assert all(text.body != AGAIN for text in gateway.sent[before:])


def test_an_answer_takes_back_the_one_that_waits(asked, gateway, travel) -> None:
    travel(make.NOON + DAY + timedelta(seconds=1))
    materialize()
    make.arrives("+13165550100", "1")
    process_inbox()
    drain(gateway=gateway)

    assert reminders() == [("cancelled", "answered")]
    assert ends(asked) == ("answered", "reply")


def test_one_whose_check_in_is_over_is_refused_at_the_last_moment(asked, gateway, travel) -> None:
    travel(make.NOON + DAY + timedelta(seconds=1))
    materialize()
    CheckIn.objects.filter(pk=asked.pk).update(status="failed", reason="carrier_30003", ended_at=make.NOON)
    drain(gateway=gateway)

    assert (reminders(), len(gateway.sent)) == ([("cancelled", "answered")], 1)


def test_it_gives_way_to_a_visit_within_two_days(cast, ada, asked, gateway, travel) -> None:
    sessions.session(cast.case_manager, ada.client, starts_at=make.NOON + 2.5 * DAY)

    a_day_passes(travel, gateway)
    travel(make.NOON + 1.2 * DAY)
    materialize()

    assert reminders() == []
    travel(make.NOON + 2 * DAY + timedelta(seconds=2))
    materialize()
    assert ends(asked) == ("missed", "no_reply")


@pytest.mark.parametrize(("days", "goes"), [(1.5, False), (2.9, False), (3.1, True)])
def test_it_gives_way_to_the_next_check_in(ada, asked, gateway, travel, days: float, goes: bool) -> None:
    make.check_in(ada, due_at=make.NOON + days * DAY, slot=1)

    a_day_passes(travel, gateway)

    assert bool(reminders()) is goes


def test_it_leaves_the_week_its_three_texts(ada, asked, gateway, travel) -> None:
    """SMS-05: one went out, and two more are to come before Monday."""
    for slot, days in ((1, 4), (2, 5)):
        make.check_in(ada, due_at=make.NOON + days * DAY, slot=slot)

    a_day_passes(travel, gateway)

    assert reminders() == []


def test_it_counts_against_the_caps(ada, asked, gateway, travel) -> None:
    a_day_passes(travel, gateway)
    assert len(gateway.sent) == 2
    other = make.message(ada, check_in=make.check_in(ada, status="scheduled", slot=3))

    drain(gateway=gateway)

    other.refresh_from_db()
    assert (other.status, other.reason, len(gateway.sent)) == ("cancelled", "sms_cap_day", 2)


def test_it_is_not_sent_after_stop(asked, gateway, travel) -> None:
    travel(make.NOON + DAY + timedelta(seconds=1))
    materialize()
    make.arrives("+13165550100", "STOP")
    process_inbox()
    drain(gateway=gateway)

    assert reminders() == [("cancelled", "sms_opted_out")]
    assert AGAIN not in [text.body for text in gateway.sent]


def test_no_reminder_for_a_plan_that_rests(asked, gateway, travel) -> None:
    CheckInPlan.objects.update(status="paused", reason="staff_decision")

    a_day_passes(travel, gateway)

    assert (reminders(), len(gateway.sent)) == ([("cancelled", "plan_not_active")], 1)


def test_who_was_reached_by_phone_is_not_asked_again(cast, ada, asked, gateway, travel) -> None:
    travel(make.NOON + 2 * HOUR)
    make.called(ada, cast.case_manager)

    a_day_passes(travel, gateway)

    assert reminders() == []


def test_after_a_standstill_of_more_than_a_night_it_is_too_late(asked, gateway, travel) -> None:
    travel(make.NOON + DAY + 14 * HOUR + timedelta(seconds=1))
    materialize()

    assert reminders() == []


def test_at_night_it_waits_for_the_morning(ada, gateway, travel) -> None:
    """Asked half an hour before the evening's end; a day later everything stood still until the window was closed."""
    evening = make.NOON + 7.5 * HOUR
    travel(evening)
    make.message(ada)
    drain(gateway=gateway)
    travel(evening + DAY + 2 * HOUR)
    materialize()
    drain(gateway=gateway)
    assert reminders() == [("pending", "")]

    travel(make.NOON + 2 * DAY - 3 * HOUR + timedelta(seconds=1))
    drain(gateway=gateway)

    assert reminders() == [("sent", "")]


def test_a_client_without_a_number_gets_none(asked, gateway, travel) -> None:
    ContactPoint.objects.update(preferred=False)

    a_day_passes(travel, gateway)

    assert reminders() == []


def test_a_reminder_that_the_carrier_refuses_ends_nothing_but_itself(asked, gateway, travel) -> None:
    travel(make.NOON + DAY + timedelta(seconds=1))
    materialize()
    Message.objects.filter(kind="reminder").update(status="failed", reason="carrier_30003")

    travel(make.NOON + 2 * DAY + timedelta(seconds=2))
    materialize()

    assert ends(asked) == ("missed", "no_reply")


def test_a_yes_confirms_the_visit_that_was_reminded_of_later_than_the_question(
    cast, ada, asked, gateway, travel
) -> None:
    """CHK-04: a bare 1 answers whatever was texted last."""
    visit = sessions.session(cast.case_manager, ada.client, starts_at=make.NOON + 3.2 * DAY)
    a_day_passes(travel, gateway)
    assert reminders() == [("sent", "")]
    travel(make.NOON + 2.3 * DAY)
    remind()
    drain(gateway=gateway)

    make.arrives("+13165550100", "1")
    process_inbox()

    assert (ends(asked)[0], visit.attendances.get().confirmed) == ("asked", True)


def test_the_database_keeps_one_reminder_per_check_in(ada, asked) -> None:
    first = make.message(ada, check_in=asked, kind="reminder", template="reminder", status="cancelled", reason="x")

    with pytest.raises(IntegrityError, match="message_one_reminder_per_check_in"), transaction.atomic():
        make.message(ada, check_in=asked, kind="reminder", template="reminder")
    with pytest.raises(IntegrityError, match="message_reminder_fits"), transaction.atomic():
        make.message(ada, check_in=None, kind="reminder", template="reminder")

    assert list(Message.objects.filter(kind="reminder")) == [first]
