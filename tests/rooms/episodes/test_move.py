"""Moving a client: told what is missing, told when late, written once, heard by the rooms that must."""

from __future__ import annotations

from datetime import timedelta

from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.episodes.models import StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from programs.models import Enrollment
from tests.factories import episodes, people, readiness

NOWHERE = "00000000-0000-7000-8000-000000000000"


def iop(cast, episode) -> dict:
    """Return the order that moves a client into IOP."""
    told = readiness.told(cast, episode)
    data = {"start_date": told["start_date"], "level_of_care": told.get("level_of_care", NOWHERE)}
    return {"verb": "enter_iop", "data": data}


def test_an_episode_is_opened_at_intake_with_its_first_row(cast, api) -> None:
    client = people.client(cast.north)
    body = {"client": str(client.id), "source": "self", "reason": "Wants to start."}

    first = api(cast.case_manager).post("episodes/", body)
    second = api(cast.case_manager).post("episodes/", body)
    peer = api(cast.peer).post("episodes/", body)

    assert (first.status_code, first.json()["stage"]) == (201, "intake")
    assert (second.status_code, second.json()["code"]) == (409, "episode_already_open")
    assert (peer.status_code, peer.json()["code"]) == (403, "not_permitted")
    row = StageMove.objects.get()
    assert (row.verb, row.rule, row.from_stage, row.to_stage) == ("open", "T1", "", "intake")


def test_everything_that_is_missing_is_told_at_once_and_nothing_happens(cast, api) -> None:
    client = people.client(cast.north, birth_date=None)
    episode = episodes.episode(client)

    answer = api(cast.therapist).post(f"episodes/{episode.id}/transitions/", iop(cast, episode))

    assert (answer.status_code, answer.json()["code"]) == (409, "transition_blocked")
    assert [each["guard"] for each in answer.json()["failed_guards"]] == ["G1", "G2", "G3", "G4", "G5", "G6"]
    assert StageMove.objects.count() == 1
    episode.refresh_from_db(fields=["version"])
    assert episode.version == 1
    assert AuditEvent.objects.filter(outcome="refused", reason_code="transition_blocked").count() == 1


def test_a_move_begins_the_planned_enrollment_and_keeps_what_the_guards_saw(cast, api) -> None:
    episode = readiness.ready_episode(cast)

    answer = api(cast.therapist).post(f"episodes/{episode.id}/transitions/", iop(cast, episode))

    assert answer.status_code == 201, answer.content
    assert answer["ETag"] == '"2"'
    row = StageMove.objects.get(verb="enter_iop")
    assert row.facts["notice_delivered"] is True
    assert row.given["level_of_care"] == row.facts["level_of_care"]["id"]
    assert (row.facts["level_of_care"]["code"], row.facts["policy"]["loc_valid_days"]) == ("2.1", 14)
    stages = dict(Enrollment.objects.values_list("program__kind", "stage"))
    assert stages.pop("iop") == "active"
    assert set(stages.values()) == {"planned"}


def test_a_stale_screen_is_told(cast, api) -> None:
    """STG-10."""
    episode = readiness.ready_episode(cast)
    web = api(cast.therapist)
    path, order = f"episodes/{episode.id}/transitions/", iop(cast, episode)

    stale = web.post(path, {**order, "version": 7})
    header = web.post(path, order, If_Match='"7"')

    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (header.status_code, header.json()["code"]) == (409, "stale_version")
    assert StageMove.objects.count() == 1


def test_what_a_rule_needs_is_told_field_by_field(cast, api) -> None:
    episode = readiness.ready_episode(cast)

    answer = api(cast.therapist).post(f"episodes/{episode.id}/transitions/", {"verb": "enter_iop"})

    assert (answer.status_code, answer.json()["code"]) == (400, "data_missing")
    assert set(answer.json()["fields"]) == {"start_date", "level_of_care"}


def test_a_move_may_hold_from_earlier_but_neither_from_later_nor_before_the_last(cast, api) -> None:
    episode = readiness.ready_episode(cast)
    web, path, at = api(cast.therapist), f"episodes/{episode.id}/transitions/", clock.now()
    order = iop(cast, episode)

    late = web.post(path, {**order, "effective_at": (at + timedelta(hours=1)).isoformat()})
    early = web.post(path, {**order, "effective_at": (at - timedelta(days=9)).isoformat()})
    fine = web.post(path, {**order, "effective_at": (at - timedelta(hours=2)).isoformat()})

    assert {late.json()["code"], early.json()["code"]} == {"effective_at_invalid"}
    assert fine.status_code == 201
    assert StageMove.objects.count() == 2


def test_a_hold_remembers_its_stage_and_is_looked_at_within_30_days(cast, api) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    web, path = api(cast.case_manager), f"episodes/{episode.id}/transitions/"
    day = people.today()

    def order(days: int) -> dict:
        return {"verb": "hold", "data": {"hold_reason": "hospital", "review_date": str(day + timedelta(days=days))}}

    far = web.post(path, order(31))
    held = web.post(path, order(30))
    back = web.post(path, {"verb": "enter_therapy", "data": {"resume_date": str(day)}})

    assert (far.status_code, list(far.json()["fields"])) == (400, ["data.review_date"])
    assert held.json()["to_stage"] == "on_hold"
    assert (back.status_code, back.json()["rule"]) == (201, "T12")
    assert web.get(f"episodes/{episode.id}/").json()["held_stage"] == ""


def test_terminating_treatment_takes_a_supervisor(cast, api) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    data = {
        "discharge_reason": "terminated_by_facility",
        "causes": ["violence_or_threat"],
        "last_contact": "2026-01-05",
        "reentry_information_given": True,
    }
    path = f"episodes/{episode.id}/transitions/"

    therapist = api(cast.therapist).post(path, {"verb": "discharge", "data": data})
    supervisor = api(cast.supervisor).post(path, {"verb": "discharge", "data": data})

    assert (therapist.status_code, therapist.json()["who"]) == (403, ["supervisor"])
    assert (supervisor.status_code, supervisor.json()["to_stage"]) == (201, "discharged")


def test_death_ends_everything_in_one_transaction_and_bars_a_new_episode(cast, api) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.AFTERCARE)
    web = api(cast.therapist)

    died = web.post(
        f"episodes/{episode.id}/transitions/",
        {"verb": "record_death", "data": {"death_source": "family", "died_on": "2026-01-04"}},
    )
    again = web.post("episodes/", {"client": str(episode.client_id), "source": "self", "reason": "x"})

    assert died.status_code == 201, died.content
    client = Client.objects.get(pk=episode.client_id)
    assert (client.deceased, str(client.deceased_on)) == (True, "2026-01-04")
    assert set(Enrollment.objects.values_list("stage", flat=True)) == {"ended"}
    assert (again.status_code, again.json()["code"]) == (422, "client_deceased")


def test_a_client_comes_back_in_a_new_episode_that_names_the_old(cast, api) -> None:
    old = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    web = api(cast.case_manager)
    body = {"client": str(old.client_id), "source": "self", "reason": "Wants to come back."}

    back = web.post("episodes/", {**body, "previous": str(old.id)})
    odd = web.post("episodes/", {**body, "previous": back.json()["id"]})

    assert (back.status_code, back.json()["previous_id"]) == (201, str(old.id))
    assert StageMove.objects.get(episode_id=back.json()["id"]).rule == "T18"
    assert odd.status_code in (400, 409)
