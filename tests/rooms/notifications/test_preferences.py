"""What clients wish of check-ins: a pause that ends by itself, other hours, another channel (CHK-09)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.episodes.stages import Stage
from casemgmt.worklist.models import WorkItem
from notifications.models import CheckIn, CheckInPlan, CheckInPreference, Message
from notifications.services.delivery import drain
from notifications.services.materializing import materialize
from tests.factories import notifications as make
from tests.factories import people
from tests.rooms.notifications.test_stage_plans import move


@pytest.fixture
def plan(ada) -> CheckInPlan:
    made = make.plan(ada)
    materialize()
    return made


def wish(web, of, **fields: object):
    return web.post("check-in-preferences/", {"client": str(of.client.id), **fields})


@pytest.mark.parametrize("days", [7, 14, 30])
def test_a_pause_calls_off_and_ends_by_itself(cast, api, ada, plan, travel, days) -> None:
    answer = wish(api(cast.peer), ada, kind="pause", days=days)

    assert (answer.status_code, answer.json()["kind"], answer.json()["days"]) == (201, "pause", days)
    plan.refresh_from_db()
    until = make.NOON + timedelta(days=days)
    assert (plan.status, plan.reason, plan.paused_until) == ("paused", "client_pause", until)
    assert not CheckIn.objects.under_way().exists()

    travel(until - timedelta(seconds=1))
    materialize()
    plan.refresh_from_db()
    assert plan.status == "paused"

    travel(until)
    materialize()
    plan.refresh_from_db()
    assert (plan.status, plan.reason, plan.paused_until) == ("active", "", None)
    assert CheckIn.objects.planned().filter(due_at__gt=until).exists()


def test_a_client_goes_on_before_the_pause_is_over(cast, api, ada, plan) -> None:
    wish(api(cast.case_manager), ada, kind="pause", days=30)

    wish(api(cast.case_manager), ada, kind="resume")

    plan.refresh_from_db()
    assert (plan.status, plan.paused_until) == ("active", None)
    assert CheckIn.objects.planned().exists()


def test_a_stage_that_begins_during_a_pause_pauses_too(cast, api, ada) -> None:
    wish(api(cast.case_manager), ada, kind="pause", days=14)

    move(ada, Stage.IOP)

    plan = CheckInPlan.objects.get()
    assert (plan.status, plan.reason, plan.paused_until) == (
        "paused",
        "client_pause",
        make.NOON + timedelta(days=14),
    )
    assert CheckIn.objects.count() == 0


def test_a_pause_that_ends_during_a_hold_waits_for_the_hold(cast, api, north, travel) -> None:
    held = make.texted(north, phone="+13165550199", stage=Stage.ON_HOLD)
    plan = make.plan(held, status="paused", reason="client_pause", paused_until=make.NOON + timedelta(days=7))
    travel(make.NOON + timedelta(days=7))

    materialize()

    plan.refresh_from_db()
    assert (plan.status, plan.reason) == ("paused", "episode_held")


def test_a_hold_that_ends_during_a_pause_leaves_it_paused(cast, api, ada, plan) -> None:
    move(ada, Stage.ON_HOLD)
    wish(api(cast.case_manager), ada, kind="pause", days=14)

    move(ada, Stage.THERAPY, origin="on_hold")

    plan.refresh_from_db()
    assert (plan.status, plan.reason) == ("paused", "client_pause")


def test_staff_do_not_overrule_a_wish_by_changing_the_plan(cast, api, ada, plan) -> None:
    web = api(cast.case_manager)
    wish(web, ada, kind="pause", days=7)

    answer = web.patch(f"check-in-plans/{plan.id}/", {"status": "active"}, If_Match='"2"')

    assert (answer.status_code, answer.json()["code"]) == (422, "check_in_wish_holds")
    assert not CheckIn.objects.planned().exists()


def test_hours_hold_the_text_until_the_client_s_window(cast, api, ada, gateway, travel) -> None:
    wish(api(cast.peer), ada, kind="hours", opens="15:00", closes="18:00")
    waiting = make.message(ada)

    drain(gateway=gateway)
    waiting.refresh_from_db()
    assert (gateway.sent, waiting.status, waiting.due_at) == ([], "pending", make.NOON + timedelta(hours=3))

    travel(make.NOON + timedelta(hours=3))
    drain(gateway=gateway)
    assert len(gateway.sent) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "hours", "opens": "08:00", "closes": "18:00"}, "outside_legal_window"),
        ({"kind": "hours", "opens": "09:00", "closes": "21:00"}, "outside_legal_window"),
        ({"kind": "hours", "opens": "18:00", "closes": "09:00"}, "invalid"),
        ({"kind": "hours", "opens": "10:00"}, "invalid"),
        ({"kind": "pause", "days": 8}, "invalid"),
        ({"kind": "pause"}, "invalid"),
        ({"kind": "resume", "days": 7}, "invalid"),
        ({"kind": "channel"}, "invalid"),
        ({"kind": "channel", "channel": "pigeon"}, "invalid"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(cast, api, ada, plan, fields, code) -> None:
    answer = wish(api(cast.case_manager), ada, **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (CheckInPreference.objects.count(), CheckInPlan.objects.get().status) == (0, "active")


def test_calls_instead_of_texts_are_somebody_s_work(cast, api, ada, plan, gateway) -> None:
    web = api(cast.peer)
    wish(web, ada, kind="channel", channel="call")

    plan.refresh_from_db()
    item = WorkItem.objects.get(kind="check_in_otherwise")
    assert (plan.status, plan.reason, item.role) == ("paused", "other_channel", "case_manager")
    assert (item.due_at - make.NOON).total_seconds() == (24 + 5) * 3600  # Wednesday, five in the afternoon

    wish(web, ada, kind="channel", channel="text")
    plan.refresh_from_db()
    item.refresh_from_db()
    assert (plan.status, item.outcome) == ("active", "settled")


def test_each_wish_stays_on_the_record(cast, api, ada, plan) -> None:
    web = api(cast.case_manager)
    wish(web, ada, kind="pause", days=7)
    wish(web, ada, kind="resume", said_by="staff")

    shown = web.get(f"check-in-preferences/?client={ada.client.id}").json()["results"]
    assert [(row["kind"], row["said_by"]) for row in shown] == [("resume", "staff"), ("pause", "client")]
    with pytest.raises(DatabaseError, match="permission denied|append-only"), transaction.atomic():
        CheckInPreference.objects.update(days=30)


def test_others_neither_see_nor_write_wishes(cast, api, ada, plan) -> None:
    wish(api(cast.case_manager), ada, kind="pause", days=7)
    web = api(cast.outsider)

    assert wish(web, ada, kind="resume").status_code == 404
    assert web.get("check-in-preferences/").json()["results"] == []

    Grant.objects.create(client_id=ada.client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    neighbor = api(people.staff(Role.CASE_MANAGER, at=cast.south))
    assert wish(neighbor, ada, kind="resume").status_code == 403
    assert neighbor.get("check-in-preferences/").json()["results"] == []
    assert CheckInPlan.objects.get().status == "paused"
    assert Message.objects.filter(status="pending").count() == 0
