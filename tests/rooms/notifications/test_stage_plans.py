"""The default check-ins of each lead stage, and plans that begin and end with one (STG-13, CHK-02)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from casemgmt.clients.services import change_client, record_death
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.policies.services import set_number
from notifications.disclosures import CURRENT
from notifications.handlers import replan_check_ins
from notifications.models import CheckIn, CheckInPlan, TextingConsent
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from tests.factories import episodes, people
from tests.factories import notifications as make


def move(of, to: Stage, *, origin: str = "therapy", **more: object) -> None:
    """Tell that the episode stands in a stage, as the pathway does in its own transaction."""
    payload = {"to": to.value, "from": origin, **more}
    fact = Event("episode.held", of.episode.id, of.client.id, of.client.organization_id, payload)
    replan_check_ins(fact, actor=make.MACHINE)


def standing() -> list[tuple[str, str, str]]:
    return list(CheckInPlan.objects.order_by("id").values_list("stage", "status", "reason"))


def weekdays(plan: CheckInPlan) -> list[int]:
    days = plan.check_ins.filter(status="planned").order_by("due_at")
    return [day.local_date.isoweekday() for day in days]


@pytest.mark.parametrize(
    ("stage", "days"),
    [
        (Stage.IOP, [3, 5, 1, 3, 5, 1]),
        (Stage.SOBER_LIVING, [4, 1, 4, 1]),
        (Stage.PEER_SUPPORT, [4, 1, 4, 1]),
        (Stage.AFTERCARE, [3, 3]),
        (Stage.WAITLIST, [3, 3]),
    ],
)
def test_entering_a_stage_begins_its_check_ins_at_once(ada, stage, days) -> None:
    move(ada, stage)

    plan = CheckInPlan.objects.get()
    assert (plan.source, plan.stage, plan.times, plan.created_by) == ("stage", stage.value, [time(12)], None)
    assert weekdays(plan) == days
    assert {row.due_at.hour for row in plan.check_ins.all()} == {18}


def test_the_next_stage_takes_the_place_of_the_last(ada) -> None:
    move(ada, Stage.IOP)
    move(ada, Stage.AFTERCARE, origin="iop")

    assert standing() == [("iop", "ended", "stage_left"), ("aftercare", "active", "")]
    former = CheckInPlan.objects.get(stage="iop").check_ins
    assert set(former.values_list("status", "reason")) == {("cancelled", "plan_ended")}


def test_telling_the_same_stage_twice_adds_nothing(ada) -> None:
    move(ada, Stage.IOP)
    before = list(CheckIn.objects.order_by("id").values())

    move(ada, Stage.IOP)
    materialize()

    assert list(CheckIn.objects.order_by("id").values()) == before
    assert CheckInPlan.objects.count() == 1


@pytest.mark.parametrize("stage", [Stage.COMPLETED, Stage.DISCHARGED, Stage.TRANSFERRED, Stage.DECEASED])
def test_every_end_ends_it(ada, stage) -> None:
    move(ada, Stage.IOP)
    move(ada, stage, origin="iop")

    assert standing() == [("iop", "ended", f"episode_{stage.value}")]
    assert not CheckIn.objects.under_way().exists()


def test_a_hold_pauses_it_and_the_same_stage_brings_it_back(ada) -> None:
    move(ada, Stage.IOP)
    rows = list(CheckIn.objects.order_by("id").values_list("id", "due_at"))

    move(ada, Stage.ON_HOLD, origin="iop")
    assert standing() == [("iop", "paused", "episode_held")]

    move(ada, Stage.IOP, origin="on_hold")
    assert standing() == [("iop", "active", "")]
    assert list(CheckIn.objects.planned().order_by("id").values_list("id", "due_at")) == rows


def test_a_hold_that_leads_elsewhere_swaps_it(ada) -> None:
    move(ada, Stage.IOP)
    move(ada, Stage.ON_HOLD, origin="iop")
    move(ada, Stage.THERAPY, origin="on_hold")

    assert standing() == [("iop", "ended", "stage_left"), ("therapy", "active", "")]


def test_a_hold_that_keeps_check_ins_pauses_none(ada) -> None:
    move(ada, Stage.IOP)
    move(ada, Stage.ON_HOLD, origin="iop", keep_checkins=True)

    assert standing() == [("iop", "active", "")]


def test_whom_nobody_may_text_gets_no_plan(north) -> None:
    client = people.client(north, phone="+13165550123")
    silent = make.Texted(client, episodes.episode(client, stage=Stage.THERAPY), client.contact_points.get(), None)

    move(silent, Stage.IOP)

    assert CheckInPlan.objects.count() == 0


def test_the_yes_from_the_phone_begins_the_check_ins_of_the_stage(cast, api, north) -> None:
    client = people.client(north, phone="+13165550124")
    episodes.episode(client, stage=Stage.IOP)
    agreed = {"event": "opt_in", "channel": "paper", "disclosure_version": CURRENT}
    answer = api(cast.case_manager).post(
        "texting-consents/", {"contact_point": str(client.contact_points.get().id), **agreed}
    )
    assert (answer.status_code, CheckInPlan.objects.count()) == (201, 0)

    make.arrives("+13165550124", "YES")
    process_inbox()

    assert TextingConsent.objects.get().state == "opted_in"
    assert standing() == [("iop", "active", "")]


def test_stop_calls_off_and_start_brings_back(ada) -> None:
    move(ada, Stage.IOP)
    coming = set(CheckIn.objects.planned().values_list("id", flat=True))

    make.arrives(ada.number, "STOP")
    process_inbox()
    assert set(CheckIn.objects.values_list("status", "reason")) == {("cancelled", "sms_opted_out")}

    make.arrives(ada.number, "START")
    process_inbox()
    assert set(CheckIn.objects.planned().values_list("id", flat=True)) == coming
    assert standing() == [("iop", "active", "")]


def test_the_dead_have_none_and_get_none(ada) -> None:
    move(ada, Stage.IOP)
    record_death(client_id=ada.client.id, died_on=None, actor=Actor.system("import_fhir"))
    move(ada, Stage.THERAPY)

    assert standing() == [("iop", "ended", "client_deceased")]


def test_an_organization_sets_the_number_and_the_hour(cast, ada) -> None:
    for name, value in (("checkin_iop_count", 2), ("checkin_at_minutes", 15 * 60)):
        set_number(name=name, value=value, reason="As agreed.", actor=cast.supervisor)

    move(ada, Stage.IOP)

    plan = CheckInPlan.objects.get()
    assert (weekdays(plan), {row.due_at.hour for row in plan.check_ins.all()}) == ([4, 1, 4, 1], {21})


def test_none_where_an_organization_wants_none(cast, ada) -> None:
    set_number(name="checkin_iop_count", value=0, reason="By phone here.", actor=cast.supervisor)

    move(ada, Stage.IOP)

    assert CheckInPlan.objects.count() == 0


def test_whose_zone_becomes_known_is_checked_in_with_from_then_on(cast, north) -> None:
    lost = make.texted(north, phone="+18005550100", timezone="", residence_state="", stage=Stage.IOP)
    move(lost, Stage.IOP)
    assert CheckInPlan.objects.count() == 0

    change_client(
        client_id=lost.client.id, changes={"timezone": "America/Chicago"}, version=None, actor=cast.case_manager
    )

    assert standing() == [("iop", "active", "")]


def test_it_stands_beside_a_plan_made_by_hand(cast, api, ada) -> None:
    move(ada, Stage.THERAPY)

    wanted = {"episode": str(ada.episode.id), "times": ["15:00"], "weekdays": [6]}
    assert api(cast.case_manager).post("check-in-plans/", wanted).status_code == 201

    assert sorted(CheckInPlan.objects.values_list("source", "status")) == [("hand", "active"), ("stage", "active")]


def test_somebody_who_ends_it_ends_it_for_the_whole_stage(cast, api, ada) -> None:
    move(ada, Stage.IOP)
    plan = CheckInPlan.objects.get()
    web = api(cast.case_manager)
    ended = web.patch(f"check-in-plans/{plan.id}/", {"status": "ended"}, If_Match='"1"')
    assert ended.status_code == 200

    move(ada, Stage.ON_HOLD, origin="iop")
    move(ada, Stage.IOP, origin="on_hold")

    assert standing() == [("iop", "ended", "staff_decision")]


def test_its_cadence_is_the_organization_s(cast, api, ada) -> None:
    move(ada, Stage.IOP)
    plan = CheckInPlan.objects.get()

    answer = api(cast.case_manager).patch(f"check-in-plans/{plan.id}/", {"times": ["15:00"]}, If_Match='"1"')

    assert (answer.status_code, answer.json()["code"]) == (422, "check_in_plan_of_stage")
    assert {row.due_at.hour for row in plan.check_ins.all()} == {18}


def test_peer_support_thins_out_after_thirty_days(ada, travel) -> None:
    move(ada, Stage.PEER_SUPPORT)
    plan = CheckInPlan.objects.get()
    for day in range(1, 45):
        travel(make.NOON + timedelta(days=day))
        materialize()

    later = plan.check_ins.filter(local_date__gt=plan.starts_on + timedelta(days=32))
    assert {row.local_date.isoweekday() for row in later} == {3}


def test_a_plan_may_wait_for_a_stage_and_end_with_it(cast, api, ada, travel) -> None:
    wanted = {"episode": str(ada.episode.id), "times": ["15:00"], "rule": "FREQ=WEEKLY;BYDAY=TU"}
    offset = {"starts_stage": "aftercare", "starts_after_days": 3, "with_stage": True}
    made = api(cast.case_manager).post("check-in-plans/", {**wanted, **offset})
    assert (made.status_code, made.json()["status"], made.json()["starts_on"]) == (201, "waiting", None)
    assert CheckIn.objects.count() == 0

    travel(datetime(2026, 11, 27, 18, tzinfo=UTC))
    move(ada, Stage.AFTERCARE)
    hand = CheckInPlan.objects.get(source="hand")
    assert (hand.status, str(hand.starts_on)) == ("active", "2026-11-30")
    assert [str(row.local_date) for row in hand.check_ins.order_by("due_at")] == ["2026-12-01", "2026-12-08"]

    move(ada, Stage.THERAPY, origin="aftercare")
    hand.refresh_from_db()
    assert (hand.status, hand.reason) == ("ended", "stage_left")


def test_one_text_three_days_after_a_stage_that_began_already(cast, api, ada) -> None:
    wanted = {"episode": str(ada.episode.id), "times": ["15:00"], "rule": "FREQ=DAILY;COUNT=1"}

    made = api(cast.case_manager).post("check-in-plans/", {**wanted, "starts_stage": "therapy", "starts_after_days": 3})

    assert (made.status_code, made.json()["starts_on"]) == (201, "2026-11-26")
    assert [str(row.local_date) for row in CheckIn.objects.all()] == ["2026-11-26"]
