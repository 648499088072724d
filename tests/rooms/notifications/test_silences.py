"""What follows when a client does not answer: a note, a task, calls, a supervisor (CHK-06)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.worklist.models import WorkItem
from notifications.models import SilenceStep
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from notifications.services.silences import watch_silences
from tests.factories import notifications as make
from tests.factories import sessions

DAY = timedelta(days=1)


def unanswered(of: make.Texted, *days_ago: float, status: str = "missed") -> None:
    ended = {"reason": "no_reply", "ended_at": make.NOON}
    for days in days_ago:
        asked = make.NOON - timedelta(days=days)
        make.check_in(of, due_at=asked, asked_at=asked, status=status, **ended)


def steps() -> list[str]:
    return list(SilenceStep.objects.order_by("seq").values_list("step", flat=True))


def work() -> dict[str, tuple[str, datetime]]:
    return {item.kind: (item.role, item.due_at) for item in WorkItem.objects.filter(done_at__isnull=True)}


def test_one_is_a_note_and_nobody_s_work(ada) -> None:
    unanswered(ada, 3)

    assert (watch_silences(), steps(), work()) == (1, ["note"], {})


def test_two_in_a_row_are_a_case_manager_s_next_business_day(ada) -> None:
    unanswered(ada, 5, 3)

    watch_silences()

    wednesday_at_five = make.NOON + timedelta(hours=29)
    assert steps() == ["note", "task"]
    assert work() == {"check_ins_unanswered": ("case_manager", wednesday_at_five)}


def test_the_next_business_day_is_the_organization_s_own(cast, api, ada) -> None:
    closed = {"day": "2026-11-25", "closed": True, "reason": "Inventory."}
    assert api(cast.supervisor).post("business-calendar/closures/", closed).status_code == 201
    unanswered(ada, 5, 3)

    watch_silences()

    friday_at_five = make.NOON + timedelta(days=3, hours=5)  # Thursday is Thanksgiving
    assert work()["check_ins_unanswered"][1] == friday_at_five


def test_three_in_a_row_are_calls_and_asking_again_adds_nothing(ada) -> None:
    unanswered(ada, 6, 5, 3)

    assert watch_silences() == 3
    assert watch_silences() == 0

    assert steps() == ["note", "task", "outreach"]
    assert work()["check_in_outreach"][0] == "case_manager"


def test_seven_days_of_silence_are_calls_too(ada, travel) -> None:
    unanswered(ada, 6.9)
    watch_silences()
    assert steps() == ["note"]

    travel(make.NOON + timedelta(hours=3))
    watch_silences()

    assert steps() == ["note", "outreach"]


@pytest.mark.parametrize("stage", [Stage.IOP, Stage.SOBER_LIVING])
def test_in_close_care_two_in_a_row_or_four_days_are_enough(north, stage) -> None:
    two = make.texted(north, phone="+13165550131", stage=stage)
    four_days = make.texted(north, phone="+13165550132", stage=stage)
    unanswered(two, 3, 2)
    unanswered(four_days, 4)

    watch_silences()

    calls = SilenceStep.objects.filter(step="outreach").values_list("client_id", flat=True)
    assert set(calls) == {two.client.id, four_days.client.id}


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_what_the_client_never_got_does_not_count(ada, status) -> None:
    unanswered(ada, 9, 8, 5, status=status)
    unanswered(ada, 2.5)

    watch_silences()

    assert steps() == ["note"]


def test_what_the_client_never_got_does_not_break_the_row(ada) -> None:
    unanswered(ada, 6, 3)
    unanswered(ada, 5, status="failed")

    watch_silences()

    assert steps() == ["note", "task"]


def answers(ada, at: datetime) -> None:
    make.check_in(ada, due_at=at, asked_at=at, status="answered", answer=1, reason="reply", ended_at=at)


def meets(ada, at: datetime, cast) -> None:
    sessions.session(cast.case_manager, ada.client, stage=SessionStage.HELD, starts_at=at)


def test_an_answer_ends_the_row(ada) -> None:
    unanswered(ada, 9, 8)
    answers(ada, make.NOON - 7 * DAY)
    unanswered(ada, 3)

    watch_silences()

    assert steps() == ["note"]


def test_a_meeting_ends_the_row(cast, ada) -> None:
    unanswered(ada, 6, 5)
    meets(ada, make.NOON - 4 * DAY, cast)
    unanswered(ada, 3)

    watch_silences()

    assert steps() == ["note"]


def test_any_text_of_the_client_ends_it_and_closes_the_work(ada, travel) -> None:
    unanswered(ada, 6, 5, 3)
    watch_silences()
    assert len(work()) == 2

    make.arrives(ada.number, "2")
    process_inbox()

    closed = WorkItem.objects.filter(kind__startswith="check_in", done_at__isnull=False)
    assert set(closed.values_list("outcome", flat=True)) == {"heard_of"}
    assert not {"check_ins_unanswered", "check_in_outreach"} & work().keys()
    assert watch_silences() == 0


def test_who_stopped_the_texts_is_not_silent_but_somebody_agrees_another_way(ada) -> None:
    """SMS-27."""
    make.plan(ada)
    unanswered(ada, 6, 5, 3)
    make.arrives(ada.number, "STOP")
    process_inbox()

    watch_silences()

    assert (steps(), set(work())) == ([], {"texting_opted_out"})
    assert work()["texting_opted_out"][1] == make.NOON + timedelta(hours=29)


@pytest.mark.parametrize("stage", [Stage.ON_HOLD, Stage.DISCHARGED])
def test_on_hold_and_after_the_end_nobody_is_silent(north, stage) -> None:
    held = make.texted(north, phone="+13165550133", stage=stage)
    unanswered(held, 6, 5, 3)

    watch_silences()

    assert steps() == []


def call(web, ada: make.Texted, *, reached: bool = False, channel: str = "phone"):
    attempt = {"episode": str(ada.episode.id), "channel": channel, "reached": reached}
    answer = web.post("contact-attempts/", attempt)
    assert answer.status_code == 201, answer.content


def test_three_calls_in_vain_are_a_supervisor_s_decision(cast, api, ada, travel) -> None:
    unanswered(ada, 6, 5, 3)
    watch_silences()
    web = api(cast.case_manager)

    for hour in (1, 2):
        travel(make.NOON + timedelta(hours=hour))
        call(web, ada)
    call(web, ada, channel="letter")
    assert "supervisor" not in steps()

    travel(make.NOON + timedelta(hours=3))
    call(web, ada)

    assert steps()[-1] == "supervisor"
    assert work()["check_in_unreached"][0] == "supervisor"


def test_a_call_that_reaches_the_client_ends_it(cast, api, ada) -> None:
    unanswered(ada, 6, 5, 3)
    watch_silences()

    call(api(cast.case_manager), ada, reached=True)

    assert not work()
    assert watch_silences() == 0


def test_a_late_answer_turns_a_missed_check_in_into_an_answered_one(ada, travel) -> None:
    """CHK-04: for 72 hours a reply is matched, though after 48 the check-in counted as missed."""
    asked = make.check_in(ada, status="asked", asked_at=make.NOON)
    make.message(ada, check_in=asked, status="sent", sent_at=make.NOON, attempts=1)
    travel(make.NOON + timedelta(hours=50))
    materialize()
    watch_silences()
    asked.refresh_from_db()
    assert (asked.status, steps()) == ("missed", ["note"])

    travel(make.NOON + timedelta(hours=71))
    make.arrives(ada.number, "1")
    process_inbox()

    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("answered", 1)


def test_the_people_who_look_after_the_client_see_it_and_nobody_else(cast, api, ada) -> None:
    unanswered(ada, 5, 3)
    watch_silences()

    shown = api(cast.peer).get(f"check-in-silences/?client={ada.client.id}").json()["results"]

    assert [(row["step"], row["unanswered"]) for row in shown] == [("task", 2), ("note", 2)]
    assert api(cast.outsider).get("check-in-silences/").json()["results"] == []


def test_nothing_anywhere_calls_silence_a_return_to_use(ada) -> None:
    unanswered(ada, 6, 5, 3)
    watch_silences()

    assert not [kind for kind in work() if "use" in kind or "relapse" in kind]
    assert Episode.objects.get().stage == Stage.THERAPY


def test_many_clients_who_answer_cost_nothing(north, django_assert_max_num_queries) -> None:
    for number in range(20):
        other = make.texted(north, phone=f"+131655503{number:02}")
        unanswered(other, 5)
        answers(other, make.NOON - 2 * DAY)

    with django_assert_max_num_queries(6):
        assert watch_silences() == 0
