"""Planning enrollments, naming providers and moving them over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind, ProgramStatus
from tests.factories import episodes, people, programs


@pytest.fixture
def episode(cast) -> Any:
    """Return an episode at North in waiting."""
    return episodes.episode(people.client(cast.north), stage=Stage.INTAKE)


def plan(web: Any, episode: Any, program: Program, **more: object) -> Any:
    """POST a plan."""
    return web.post("enrollments/", {"episode": str(episode.id), "program": str(program.id), **more})


def test_planning_takes_a_place_and_begins_a_ledger(cast, api, episode) -> None:
    program = programs.program(cast.north, capacity_total=3)
    web = api(cast.case_manager)

    made = plan(web, episode, program, provider=str(cast.peer.id), reason="wants it")

    assert made.status_code == 201
    body = made.json()
    assert (body["stage"], body["kind"], body["organization_id"]) == ("planned", "peer_support", str(cast.north.id))
    assert Program.objects.get().places_taken == 1
    assert [move["to_stage"] for move in web.get(f"enrollments/{body['id']}/moves/").json()["results"]] == ["planned"]
    assert web.get(f"programs/{program.id}/").json()["places_open"] == 2


def test_a_full_program_refuses_and_nothing_happened(cast, api, episode) -> None:
    program = programs.program(cast.north, capacity_total=1, places_taken=1)

    refused = plan(api(cast.case_manager), episode, program)

    assert (refused.status_code, refused.json()["code"]) == (409, "capacity_full")
    assert not Enrollment.objects.exists()
    assert not EnrollmentMove.objects.exists()
    assert Program.objects.get().places_taken == 1


def test_unknown_capacity_refuses_nobody(cast, api, episode) -> None:
    program = programs.program(cast.north, places_taken=1000)

    assert plan(api(cast.case_manager), episode, program).status_code == 201


def test_a_client_enrolls_once_at_a_time(cast, api, episode) -> None:
    program = programs.program(cast.north)
    programs.enrollment(episode, program, stage=EnrollmentStage.ENDED)
    web = api(cast.case_manager)

    first, second = plan(web, episode, program), plan(web, episode, program)

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "already_enrolled")
    assert Program.objects.get().places_taken == 1


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER])
def test_who_may_see_the_client_may_not_thereby_plan(cast, api, episode, role: Role) -> None:
    program = programs.program(cast.north)

    refused = plan(api(cast.at_north[role]), episode, program)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_an_outsider_learns_nothing(cast, api, episode) -> None:
    enrollment = programs.enrollment(episode, programs.program(cast.north))
    web = api(cast.outsider)

    hidden = web.get(f"enrollments/{enrollment.id}/")

    assert hidden.status_code == 404
    assert web.get("enrollments/00000000-0000-7000-8000-000000000000/").content == hidden.content
    assert web.get("enrollments/").json()["results"] == []
    for answer in (
        plan(web, episode, enrollment.program),
        web.get(f"enrollments/{enrollment.id}/transitions/"),
        web.get(f"enrollments/{enrollment.id}/moves/"),
        web.post(f"enrollments/{enrollment.id}/transitions/", {"verb": "end"}),
        web.patch(f"enrollments/{enrollment.id}/", {"provider": None}, If_Match='"1"'),
    ):
        assert answer.content == hidden.content


@pytest.mark.parametrize(
    ("fields", "joined"), [({"status": ProgramStatus.TEMPORARILY_CLOSED}, True), ({"status": "active"}, False)]
)
def test_a_program_that_takes_nobody_refuses(cast, api, episode, fields: dict[str, str], joined: bool) -> None:
    cast.north.joined = joined
    cast.north.save()
    program = programs.program(cast.north, **fields)

    refused = plan(api(cast.case_manager), episode, program)

    assert (refused.status_code, refused.json()["code"]) == (409, "program_not_accepting")


def test_an_ended_episode_enrolls_nowhere(cast, api) -> None:
    ended = episodes.episode(people.client(cast.north), stage=Stage.DISCHARGED)

    refused = plan(api(cast.case_manager), ended, programs.program(cast.north))

    assert (refused.status_code, refused.json()["code"]) == (409, "episode_ended")


def test_the_provider_works_there_in_a_fitting_role(cast, api, episode) -> None:
    program = programs.program(cast.north, kind=Kind.IOP)
    web = api(cast.case_manager)

    for unfit in (cast.peer, cast.at_south[Role.THERAPIST]):
        refused = plan(web, episode, program, provider=str(unfit.id))
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["provider"])
    Membership.objects.filter(user_id=cast.supervisor.id).update(ended_at=clock.now())
    assert plan(web, episode, program, provider=str(cast.supervisor.id)).status_code == 400
    assert plan(web, episode, program, provider=str(cast.therapist.id)).status_code == 201


def test_a_provider_is_named_later(cast, api, episode) -> None:
    enrollment = programs.enrollment(episode, programs.program(cast.north))
    web, path = api(cast.case_manager), f"enrollments/{enrollment.id}/"

    named = web.patch(path, {"provider": str(cast.peer.id)}, If_Match='"1"')
    stale = web.patch(path, {"provider": None}, If_Match='"1"')

    assert (named.status_code, named.json()["provider_id"], named["ETag"]) == (200, str(cast.peer.id), '"2"')
    assert stale.json()["code"] == "stale_version"
    assert web.patch(path, {"stage": "ended"}, If_Match='"2"').status_code == 400


def test_activation_names_everything_that_is_missing_and_then_goes_through(cast, api, episode) -> None:
    enrollment = programs.enrollment(episode, programs.program(cast.north))
    web, path = api(cast.case_manager), f"enrollments/{enrollment.id}/transitions/"

    blocked = web.post(path, {"verb": "activate"})
    options = {each["verb"]: each for each in web.get(path).json()["transitions"]}
    programs.notice(episode.client, cast.north)
    web.patch(f"enrollments/{enrollment.id}/", {"provider": str(cast.peer.id)}, If_Match='"1"')
    moved = web.post(path, {"verb": "activate", "version": 2})

    codes = [each["code"] for each in blocked.json()["failed_guards"]]
    assert (blocked.status_code, codes) == (409, ["provider_missing", "part2_notice_missing"])
    assert [each["code"] for each in options["activate"]["failed_guards"]] == codes
    assert (options["activate"]["status"], options["end"]["needs"]) == ("blocked", ["end_reason"])
    assert (moved.status_code, moved.json()["to_stage"], moved["ETag"]) == (201, "active", '"3"')
    assert Enrollment.objects.get().started_at is not None


def test_another_organization_takes_part_only_after_an_accepted_referral(cast, api, episode) -> None:
    programs.notice(episode.client, cast.north)
    program = programs.program(cast.south)
    web = api(cast.case_manager)

    made = plan(web, episode, program, provider=str(cast.at_south[Role.PEER_SPECIALIST].id))
    blocked = web.post(f"enrollments/{made.json()['id']}/transitions/", {"verb": "activate"})

    assert made.status_code == 201
    assert api(cast.at_south[Role.CASE_MANAGER]).get("enrollments/").json()["results"] == []
    assert [each["code"] for each in blocked.json()["failed_guards"]] == ["referral_not_accepted"]


def test_a_third_organization_that_sees_the_client_plans_nothing_between_others(cast, api, episode) -> None:
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.east.id, reason=Reason.EXPLICIT)

    refused = plan(api(cast.outsider), episode, programs.program(cast.north))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_a_third_organization_that_sees_the_client_moves_nothing_between_others(cast, api, episode) -> None:
    """1.9: a role is held in one organization."""
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.east.id, reason=Reason.EXPLICIT)
    enrollment = programs.enrollment(episode, programs.program(cast.north), provider_id=cast.peer.id)
    web, path = api(cast.outsider), f"enrollments/{enrollment.id}/"

    named = web.patch(path, {"provider": None}, If_Match='"1"')
    moved = web.post(f"{path}transitions/", {"verb": "end", "data": {"end_reason": "other"}})

    assert web.get(path).status_code == 200
    assert [(each.status_code, each.json()["code"]) for each in (named, moved)] == [(403, "not_permitted")] * 2
    kept = Enrollment.objects.get()
    assert (kept.stage, kept.provider_id, kept.version) == ("planned", cast.peer.id, 1)


def test_ending_needs_a_reason_and_frees_the_place(cast, api, episode) -> None:
    program = programs.program(cast.north, capacity_total=1)
    enrollment = programs.enrollment(episode, program, stage=EnrollmentStage.ON_HOLD, provider_id=cast.peer.id)
    web, path = api(cast.case_manager), f"enrollments/{enrollment.id}/transitions/"

    missing = web.post(path, {"verb": "end"})
    ended = web.post(path, {"verb": "end", "data": {"end_reason": "moved_on"}})
    again = web.post(path, {"verb": "end", "data": {"end_reason": "moved_on"}})

    assert (missing.status_code, missing.json()["code"]) == (400, "data_missing")
    assert (ended.status_code, ended.json()["given"]) == (201, {"end_reason": "moved_on"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_stage")
    assert Program.objects.get().places_taken == 0


def test_a_move_holds_from_no_later_than_now_and_no_earlier_than_the_last(cast, api, episode) -> None:
    enrollment = programs.enrollment(episode, programs.program(cast.north), stage=EnrollmentStage.ACTIVE)
    web, path = api(cast.case_manager), f"enrollments/{enrollment.id}/transitions/"
    at = clock.now()

    for wrong in (at + timedelta(hours=1), at - timedelta(days=1)):
        refused = web.post(path, {"verb": "hold", "effective_at": wrong.isoformat()})
        assert (refused.status_code, refused.json()["code"]) == (400, "effective_at_invalid")
    moved = web.post(path, {"verb": "hold", "effective_at": (at - timedelta(minutes=30)).isoformat()})

    assert moved.status_code == 201
    assert Enrollment.objects.get().stage == "on_hold"


def test_the_ledger_refuses_what_the_chart_does_not_know(cast, episode) -> None:
    enrollment = programs.enrollment(episode, programs.program(cast.north))
    row = EnrollmentMove.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        EnrollmentMove.objects.create(
            enrollment=enrollment, verb="hop", rule="x", from_stage="planned", to_stage="on_hold", at=row.at,
            effective_at=row.at, actor_kind="staff",
        )  # fmt: skip
    for forbidden in (lambda: EnrollmentMove.objects.update(rule="y"), lambda: EnrollmentMove.objects.all().delete()):
        with pytest.raises(Exception, match="append-only|permission denied"), transaction.atomic():
            forbidden()


def test_the_list_filters_and_takes_the_same_number_of_queries(cast, api, episode) -> None:
    web, counts = api(cast.case_manager), []
    for amount in (1, 5, 20):
        for _ in range(amount - Enrollment.objects.count()):
            programs.enrollment(episode, programs.program(cast.north))
        with CaptureQueriesContext(connection) as queries:
            listed = web.get(f"enrollments/?episode={episode.id}").json()["results"]
        assert len(listed) == amount
        counts.append(len(queries))

    assert len(set(counts)) == 1
    assert web.get(f"enrollments/?client={cast.north.id}").json()["results"] == []
