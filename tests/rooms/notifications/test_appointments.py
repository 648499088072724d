"""One text the day before a session, taken back with it, confirmed by a reply; it reveals nothing (rules.md §9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.policies.services import set_number
from casemgmt.sessions.models import Attendance
from casemgmt.sessions.services.attending import Told, tell_attendance
from casemgmt.sessions.services.scheduling import cancel_session, change_session
from casemgmt.sessions.words import AttendanceState
from notifications.models import CheckIn, InboundText, Message
from notifications.services.appointments import remind
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make
from tests.factories import people, sessions

HOUR = timedelta(hours=1)


@pytest.fixture
def visit(cast, ada):
    """Tomorrow at half past one in Chicago."""
    return sessions.session(cast.case_manager, ada.client, starts_at=make.NOON + 25.5 * HOUR)


def reminders() -> list[tuple[str, str]]:
    return list(Message.objects.filter(kind="appointment").order_by("id").values_list("status", "reason"))


@pytest.fixture
def reminded(visit, gateway, travel):
    """The client was texted a day before the visit."""
    travel(make.NOON + 1.5 * HOUR)
    remind()
    drain(gateway=gateway)
    assert len(gateway.sent) == 1
    return visit


def test_it_goes_once_a_day_before(ada, visit, gateway, travel) -> None:
    remind()
    assert reminders() == []

    travel(make.NOON + HOUR)
    assert (remind(), remind()) == (1, 0)
    drain(gateway=gateway)
    assert gateway.sent == []

    travel(make.NOON + 1.5 * HOUR)
    drain(gateway=gateway)
    (text,) = gateway.sent
    assert text.body == (
        "CareLine: Reminder, you have a visit Wed Nov 25 at 1:30 PM. Reply C to confirm or call +13165550199. "
        "STOP to end."
    )


def test_a_group_s_reminder_is_the_same_and_names_nobody(cast, north, ada, gateway, travel) -> None:
    other = make.texted(north, phone="+13165550141", given_name="Zelda", family_name="Quux")
    sessions.session(
        cast.therapist, ada.client, other.client, starts_at=make.NOON + 24 * HOUR, title="Relapse prevention"
    )

    remind()
    drain(gateway=gateway)

    assert len({text.body for text in gateway.sent}) == 1
    assert len(gateway.sent) == 2
    assert not [word for word in ("Zelda", "Quux", "revention", "group") if word in gateway.sent[0].body]


def test_only_who_agreed_is_reminded(cast, north, gateway) -> None:
    silent = people.client(north, phone="+13165550142")
    sessions.session(cast.case_manager, silent, starts_at=make.NOON + 24 * HOUR)

    assert (remind(), reminders()) == (0, [])


def test_an_organization_sets_how_long_before_and_whether_at_all(cast, ada, visit, travel) -> None:
    def hours(value: int) -> None:
        set_number(name="appointment_reminder_hours", value=value, reason="As agreed.", actor=cast.supervisor)

    hours(0)
    travel(make.NOON + 2 * HOUR)
    assert remind() == 0

    hours(4)
    assert remind() == 0
    travel(make.NOON + 21 * HOUR)
    assert remind() == 1
    assert Message.objects.get().due_at == visit.starts_at - 4 * HOUR


def test_a_visit_that_is_moved_takes_its_reminder_along(cast, ada, visit, gateway, travel) -> None:
    travel(make.NOON + HOUR)
    remind()
    later = visit.starts_at + 24 * HOUR

    change_session(session_id=visit.id, changes={"starts_at": later}, version=None, actor=cast.case_manager)
    assert reminders() == [("cancelled", "appointment_moved")]

    travel(later - 24 * HOUR)
    remind()
    drain(gateway=gateway)
    assert reminders() == [("cancelled", "appointment_moved"), ("sent", "")]
    assert "Thu Nov 26" in gateway.sent[0].body


def test_a_visit_moved_there_and_back_is_reminded_of_once(cast, ada, visit, gateway, travel) -> None:
    travel(make.NOON + HOUR)
    remind()
    for starts_at in (visit.starts_at + 48 * HOUR, visit.starts_at):
        change_session(session_id=visit.id, changes={"starts_at": starts_at}, version=None, actor=cast.case_manager)

    travel(make.NOON + 1.5 * HOUR)
    remind()
    drain(gateway=gateway)

    assert len(gateway.sent) == 1


def test_a_visit_called_off_takes_its_reminder_back(cast, ada, visit, gateway, travel) -> None:
    travel(make.NOON + HOUR)
    remind()

    cancel_session(session_id=visit.id, cancelled_by="provider", actor=cast.case_manager)
    travel(make.NOON + 2 * HOUR)
    remind()
    drain(gateway=gateway)

    assert (reminders(), gateway.sent) == ([("cancelled", "appointment_cancelled")], [])


def test_who_is_excused_from_a_group_is_not_reminded_and_the_others_are(cast, north, ada, gateway, travel) -> None:
    other = make.texted(north, phone="+13165550141")
    group = sessions.session(cast.case_manager, ada.client, other.client, starts_at=make.NOON + 25 * HOUR)
    remind()
    part = Attendance.objects.get(session=group, client=ada.client)

    told = Told(ada.client.id, AttendanceState.EXCUSED)
    tell_attendance(attendance_id=part.id, told=told, actor=cast.case_manager)
    travel(make.NOON + HOUR)
    drain(gateway=gateway)

    assert [text.to for text in gateway.sent] == [other.number]


def test_the_gate_looks_at_the_visit_once_more(ada, visit, gateway, travel) -> None:
    travel(make.NOON + 1.5 * HOUR)
    remind()
    Attendance.objects.update(state="excused")

    drain(gateway=gateway)

    assert (reminders(), gateway.sent) == ([("cancelled", "appointment_not_standing")], [])


def test_in_quiet_hours_it_waits_twelve_hours_at_most(cast, ada, gateway, travel) -> None:
    """SMS-33: due at ten in the evening it goes at nine; due at eight in the evening it would be too late."""
    sessions.session(cast.case_manager, ada.client, starts_at=make.NOON + 34 * HOUR)
    travel(make.NOON + 10 * HOUR)
    remind()
    drain(gateway=gateway)
    (waiting,) = Message.objects.filter(status="pending")
    assert waiting.due_at == make.NOON + 21 * HOUR

    sessions.session(cast.therapist, ada.client, starts_at=make.NOON + 32 * HOUR)
    remind()
    drain(gateway=gateway)
    assert ("expired", "sms_quiet_hours") in reminders()


@pytest.mark.parametrize("said", ["1", "C", "c", "yes", "YES!", "confirm", "Sí"])
def test_a_yes_confirms_it(cast, api, ada, reminded, said) -> None:
    make.arrives(ada.number, said)
    process_inbox()

    shown = api(cast.case_manager).get(f"attendances/?client={ada.client.id}").json()["results"]
    assert [row["confirmed"] for row in shown] == [True]
    assert InboundText.objects.get().understood_as == "answer"
    assert Message.objects.exclude(kind="appointment").count() == 0


def test_a_visit_that_is_moved_afterwards_is_not_confirmed_any_more(cast, api, ada, reminded) -> None:
    make.arrives(ada.number, "C")
    process_inbox()

    later = reminded.starts_at + HOUR
    change_session(session_id=reminded.id, changes={"starts_at": later}, version=None, actor=cast.case_manager)

    shown = api(cast.case_manager).get(f"attendances/?client={ada.client.id}").json()["results"]
    assert [row["confirmed"] for row in shown] == [False]


def test_a_one_answers_what_was_texted_last(ada, reminded, travel) -> None:
    travel(make.NOON + 3 * HOUR)
    asked = make.check_in(ada, status="asked", asked_at=make.NOON + 2 * HOUR)
    make.message(ada, check_in=asked, status="sent", sent_at=make.NOON + 2 * HOUR, attempts=1)

    make.arrives(ada.number, "1")
    process_inbox()
    assert CheckIn.objects.get().answer == 1
    assert Attendance.objects.get().confirmed_for is None

    make.arrives(ada.number, "C")
    process_inbox()
    assert Attendance.objects.get().confirmed


def test_a_yes_to_a_visit_that_was_called_off_is_read_by_a_person(cast, ada, reminded) -> None:
    cancel_session(session_id=reminded.id, cancelled_by="provider", actor=cast.case_manager)

    make.arrives(ada.number, "C")
    process_inbox()

    assert InboundText.objects.get().understood_as == "unparsed"
    assert Attendance.objects.get().confirmed_for is None


def test_stop_takes_reminders_back_and_start_brings_them_again(ada, visit, gateway, travel) -> None:
    travel(make.NOON + HOUR)
    remind()
    make.arrives(ada.number, "STOP")
    process_inbox()
    assert reminders() == [("cancelled", "sms_opted_out")]
    assert remind() == 0

    make.arrives(ada.number, "START")
    process_inbox()
    assert remind() == 1


def test_many_visits_are_one_round(cast, north, django_assert_max_num_queries) -> None:
    for number in range(30):
        who = make.texted(north, phone=f"+131655504{number:02}")
        sessions.session(
            cast.case_manager, who.client, starts_at=make.NOON + 24.5 * HOUR + number * timedelta(0), **GROUP
        )

    with django_assert_max_num_queries(12):
        assert remind() == 30


GROUP = {"format": "group"}
