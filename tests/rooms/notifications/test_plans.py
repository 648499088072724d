"""Plans over HTTP: made, changed, paused, resumed, ended, and the check-ins that follow (CHK-02)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.episodes.stages import Stage
from notifications.models import CheckIn, CheckInPlan
from tests.factories import notifications as make
from tests.factories import people

NOWHERE = "00000000-0000-7000-8000-000000000000"


def wanted(of: make.Texted, **fields: object) -> dict[str, object]:
    return {"episode": str(of.episode.id), "times": ["12:30"], "weekdays": [2, 4], **fields}


@pytest.fixture
def plan(cast, api, ada) -> dict[str, object]:
    answer = api(cast.case_manager).post("check-in-plans/", wanted(ada))
    assert answer.status_code == 201, answer.content
    return answer.json()


def planned() -> list[datetime]:
    return list(CheckIn.objects.filter(status="planned").order_by("due_at").values_list("due_at", flat=True))


def test_a_plan_has_its_check_ins_at_once(cast, ada, plan) -> None:
    days = [datetime(2026, 11, 24, 18, 30, tzinfo=UTC), datetime(2026, 11, 26, 18, 30, tzinfo=UTC)]

    assert planned()[:2] == days
    assert len(planned()) == 4
    assert (plan["client_id"], plan["status"], plan["times"]) == (str(ada.client.id), "active", ["12:30:00"])
    assert AuditEvent.objects.filter(action="check_in_plan.created", actor_id=cast.case_manager.id).count() == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"weekdays": [8]}, "invalid"),
        ({"weekdays": []}, "invalid"),
        ({"weekdays": [1, 1]}, "invalid"),
        ({"times": []}, "invalid"),
        ({"times": ["12:30:15"]}, "invalid"),
        ({"times": ["noon"]}, "invalid"),
        ({"ends_on": "2026-11-01"}, "invalid"),
        ({"times": ["09:00", "18:00"]}, "check_in_plan_over_cap"),
        ({"weekdays": [1, 2, 3, 4]}, "check_in_plan_over_cap"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(cast, api, ada, fields, code) -> None:
    answer = api(cast.case_manager).post("check-in-plans/", wanted(ada, **fields))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (CheckInPlan.objects.count(), CheckIn.objects.count()) == (0, 0)


@pytest.mark.parametrize("stage", [Stage.ON_HOLD, Stage.DISCHARGED])
def test_an_episode_that_is_not_open_gets_no_plan(cast, api, north, stage) -> None:
    held = make.texted(north, stage=stage)

    answer = api(cast.case_manager).post("check-in-plans/", wanted(held))

    assert (answer.status_code, answer.json()["code"]) == (422, "episode_not_open")


def test_without_a_time_zone_there_is_no_plan(cast, api, north) -> None:
    lost = make.texted(north, phone="+18005550100", timezone="", residence_state="")

    answer = api(cast.case_manager).post("check-in-plans/", wanted(lost))

    assert (answer.status_code, answer.json()["code"]) == (422, "sms_timezone_unknown")


def test_one_plan_is_enough(cast, api, ada, plan) -> None:
    answer = api(cast.case_manager).post("check-in-plans/", wanted(ada))

    assert (answer.status_code, answer.json()["code"]) == (409, "check_in_plan_exists")


def test_peers_read_plans_and_do_not_make_them(cast, api, ada, plan) -> None:
    web = api(cast.peer)

    assert web.post("check-in-plans/", wanted(ada)).status_code == 403
    assert web.get(f"check-in-plans/{plan['id']}/").json() == plan
    assert len(web.get(f"check-ins/?plan={plan['id']}").json()["results"]) == 4


def test_an_outsider_sees_none_of_it(cast, api, ada, plan) -> None:
    web = api(cast.outsider)

    hidden = web.get(f"check-in-plans/{plan['id']}/")
    assert (hidden.status_code, hidden.content) == (404, web.get(f"check-in-plans/{NOWHERE}/").content)
    assert web.post("check-in-plans/", wanted(ada)).status_code == 404
    for path in ("check-in-plans/", "check-ins/", "messages/", "inbound-texts/"):
        assert web.get(path).json()["results"] == []


def test_another_organization_that_sees_the_client_does_not_plan_for_it(cast, api, ada) -> None:
    Grant.objects.create(client_id=ada.client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)

    answer = api(people.staff(Role.CASE_MANAGER, at=cast.south)).post("check-in-plans/", wanted(ada))

    assert (answer.status_code, CheckInPlan.objects.count()) == (403, 0)


def test_a_new_time_moves_the_check_ins_and_doubles_none(cast, api, plan) -> None:
    before = set(CheckIn.objects.values_list("id", flat=True))

    answer = api(cast.case_manager).patch(f"check-in-plans/{plan['id']}/", {"times": ["15:00"]}, If_Match='"1"')

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert set(CheckIn.objects.values_list("id", flat=True)) == before
    assert {due.hour for due in planned()} == {21}


def test_a_new_cadence_calls_off_the_days_it_leaves_out(cast, api, plan) -> None:
    api(cast.case_manager).patch(f"check-in-plans/{plan['id']}/", {"weekdays": [4, 6]}, If_Match='"1"')

    gone = CheckIn.objects.filter(status="cancelled")
    assert {each.local_date.isoweekday() for each in gone} == {2}
    assert {each.reason for each in gone} == {"plan_changed"}
    assert {due.isoweekday() for due in planned()} == {4, 6}


def test_a_pause_calls_off_and_a_resume_brings_back(cast, api, ada, plan) -> None:
    web = api(cast.case_manager)
    coming = planned()
    waiting = make.message(ada, check_in=CheckIn.objects.order_by("due_at").first())
    CheckIn.objects.filter(pk=waiting.check_in_id).update(status="scheduled")

    paused = web.patch(
        f"check-in-plans/{plan['id']}/", {"status": "paused", "reason": "client_request"}, If_Match='"1"'
    ).json()
    waiting.refresh_from_db()
    assert (paused["status"], paused["reason"], planned()) == ("paused", "client_request", [])
    assert (waiting.status, waiting.reason) == ("cancelled", "plan_paused")

    resumed = web.patch(f"check-in-plans/{plan['id']}/", {"status": "active"}, If_Match='"2"').json()
    assert (resumed["status"], resumed["reason"], planned()) == ("active", "", coming)


def test_an_ended_plan_stays_ended(cast, api, plan) -> None:
    web = api(cast.case_manager)

    ended = web.patch(f"check-in-plans/{plan['id']}/", {"status": "ended"}, If_Match='"1"')
    again = web.patch(f"check-in-plans/{plan['id']}/", {"status": "active"}, If_Match='"2"')

    assert (ended.status_code, ended.json()["reason"], planned()) == (200, "staff_decision", [])
    assert (again.status_code, again.json()["code"]) == (409, "check_in_plan_ended")


@pytest.mark.parametrize(("header", "status"), [({}, 428), ({"If_Match": '"7"'}, 412)])
def test_a_change_names_the_version_it_changes(cast, api, plan, header, status) -> None:
    answer = api(cast.case_manager).patch(f"check-in-plans/{plan['id']}/", {"times": ["15:00"]}, **header)

    assert answer.status_code == status
    assert {due.hour for due in planned()} == {18}
