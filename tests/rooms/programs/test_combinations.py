"""Which enrollments run together: the rules over HTTP, and what planning, beginning and ending say of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.episodes.stages import Stage
from programs.lifecycle import EnrollmentStage
from programs.models import CombinationRule, Enrollment, EnrollmentMove, Program
from programs.rules.combinations import SHIPPED
from programs.rules.kinds import Kind
from tests.factories import episodes, people, programs

RULE = {
    "name": "therapy_with_peer",
    "kind": "therapy",
    "relation": "needs_one_of",
    "kinds": ["peer_support"],
    "sentence": "Here nobody starts therapy without a peer.",
    "reason": "Agreed by the clinical team.",
}
END = {"verb": "end", "data": {"end_reason": "moved_on"}}


@pytest.fixture
def episode(cast) -> Any:
    """Return an episode at North at intake, with the notice given."""
    made = episodes.episode(people.client(cast.north))
    programs.notice(made.client, cast.north)
    return made


def of(cast: Any, kind: Kind) -> Program:
    """Return North's program of a kind."""
    return Program.objects.filter(organization=cast.north, kind=kind).first() or programs.program(cast.north, kind=kind)


def plan(web: Any, cast: Any, episode: Any, kind: Kind) -> Any:
    """POST a plan in North's program of a kind."""
    return web.post("enrollments/", {"episode": str(episode.id), "program": str(of(cast, kind).id)})


def running(cast: Any, episode: Any, kind: Kind) -> Enrollment:
    """Return an enrollment of a kind that runs."""
    return programs.enrollment(episode, of(cast, kind), stage=EnrollmentStage.ACTIVE)


def refusals(answer: Any) -> list[tuple[str, str]]:
    """Return the code of each refusal and the rule that it names."""
    assert (answer.status_code, answer.json()["code"]) == (409, "transition_blocked")
    found = answer.json()["failed_guards"]
    assert {each["guard"] for each in found} == {"STG-01"}
    assert all(each["remedy"].startswith("First ") for each in found)
    return [(each["code"], each["sentence"].rpartition("(rule ")[2].rstrip(")")) for each in found]


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST])
def test_a_residence_is_not_planned_without_care_or_a_peer(cast, api, episode, role) -> None:
    """STG-01: the refusal names the rule and the remedy, and nothing happened; with a peer planned it goes through."""
    web = api(cast.at_north[role])

    refused = plan(web, cast, episode, Kind.SOBER_LIVING)

    assert refusals(refused) == [("combination_needs", "residence_beside_care")]
    assert not Enrollment.objects.exists()
    assert not EnrollmentMove.objects.exists()
    assert of(cast, Kind.SOBER_LIVING).places_taken == 0
    assert plan(web, cast, episode, Kind.PEER_SUPPORT).status_code == 201
    assert plan(web, cast, episode, Kind.SOBER_LIVING).status_code == 201


@pytest.mark.parametrize(("first", "second"), [(Kind.IOP, Kind.AFTERCARE), (Kind.AFTERCARE, Kind.IOP)])
def test_what_excludes_each_other_is_not_planned_together(cast, api, episode, first, second) -> None:
    """STG-01: in either order."""
    web = api(cast.case_manager)

    assert plan(web, cast, episode, first).status_code == 201
    assert refusals(plan(web, cast, episode, second)) == [("combination_excluded", "aftercare_follows_iop")]
    assert Enrollment.objects.count() == 1


def test_the_next_lead_may_be_planned_beside_the_present_one_but_not_begin(cast, api) -> None:
    """STG-01, T9: leaving the old service is the move's to settle; by hand the two never run together."""
    episode = episodes.episode(people.client(cast.north), stage=Stage.IOP)
    programs.notice(episode.client, cast.north)
    running(cast, episode, Kind.IOP)
    web = api(cast.case_manager)
    body = {"episode": str(episode.id), "program": str(of(cast, Kind.AFTERCARE).id)}

    planned = web.post("enrollments/", {**body, "provider": str(cast.therapist.id)})
    path = f"enrollments/{planned.json()['id']}/transitions/"
    ahead = {each["verb"]: each["status"] for each in web.get(path).json()["transitions"]}

    assert planned.status_code == 201
    assert ahead["activate"] == "blocked"
    assert refusals(web.post(path, {"verb": "activate"})) == [("combination_excluded", "aftercare_follows_iop")]


def test_what_another_needs_ends_after_it(cast, api, episode) -> None:
    """STG-01: the last company of a residence stays until the residence ended."""
    peer = running(cast, episode, Kind.PEER_SUPPORT)
    house = running(cast, episode, Kind.SOBER_LIVING)
    web = api(cast.case_manager)

    refused = web.post(f"enrollments/{peer.id}/transitions/", END)

    assert refusals(refused) == [("combination_needs", "residence_beside_care")]
    assert str(Enrollment.objects.get(pk=peer.pk).stage) == "active"
    assert web.post(f"enrollments/{house.id}/transitions/", END).status_code == 201
    assert web.post(f"enrollments/{peer.id}/transitions/", END).status_code == 201


def test_beginning_and_resuming_are_judged_again(cast, api, episode) -> None:
    """STG-01: rules that were set after the plan hold when it begins."""
    house = programs.enrollment(episode, of(cast, Kind.SOBER_LIVING), provider_id=cast.at_north[Role.HOUSE_MANAGER].id)
    iop = programs.enrollment(episode, of(cast, Kind.IOP), stage=EnrollmentStage.ON_HOLD, provider_id=cast.therapist.id)
    running(cast, episode, Kind.AFTERCARE)
    web = api(cast.case_manager)
    stricter = {**RULE, "name": "residence_beside_care", "kind": "sober_living"}

    assert api(cast.supervisor).post("combinations/", stricter).status_code == 201
    began = web.post(f"enrollments/{house.id}/transitions/", {"verb": "activate"})
    resumed = web.post(f"enrollments/{iop.id}/transitions/", {"verb": "resume"})

    assert refusals(began) == [("combination_needs", "residence_beside_care")]
    assert refusals(resumed) == [("combination_excluded", "aftercare_follows_iop")]


def test_what_ships_holds_until_an_organization_sets_its_own(cast, api, episode) -> None:
    """STG-01: rules are an organization's data, with a history that only grows."""
    web, other = api(cast.supervisor), api(cast.at_south[Role.SUPERVISOR])
    shipped = sorted(rule.name for rule in SHIPPED)

    assert [(each["name"], each["shipped"]) for each in web.get("combinations/").json()["results"]] == [
        (name, True) for name in shipped
    ]
    made = web.post("combinations/", RULE)
    aside = web.post("combinations/aside/", {"name": "residence_beside_care", "reason": "Our houses are peer-run."})

    assert (made.status_code, aside.status_code) == (201, 201)
    assert [(each["name"], each["shipped"]) for each in web.get("combinations/").json()["results"]] == [
        ("aftercare_follows_iop", True),
        ("therapy_with_peer", False),
    ]
    history = web.get("combinations/history/").json()["results"]
    assert [(each["name"], each["in_force"]) for each in history] == [
        ("residence_beside_care", False),
        ("therapy_with_peer", True),
    ]
    assert [each["name"] for each in other.get("combinations/").json()["results"]] == shipped
    assert other.get("combinations/history/").json()["results"] == []
    assert AuditEvent.objects.filter(action="enrollment.combination_set", actor_id=cast.supervisor.id).count() == 2
    assert plan(web, cast, episode, Kind.SOBER_LIVING).status_code == 201
    assert refusals(plan(web, cast, episode, Kind.THERAPY)) == [("combination_needs", "therapy_with_peer")]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_only_a_supervisor_sets_them(cast, api, role) -> None:
    web = api(cast.at_north[role])

    for answer in (
        web.post("combinations/", RULE),
        web.post("combinations/aside/", {"name": "aftercare_follows_iop", "reason": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert not CombinationRule.objects.exists()
    assert web.get("combinations/").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "yoga"}, "kind"),
        ({"kinds": ["yoga"]}, "kinds.0"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["peer_support", "peer_support"]}, "kinds"),
        ({"kinds": ["therapy"]}, "kinds"),
        ({"relation": "likes"}, "relation"),
        ({"name": "With Blanks"}, "name"),
        ({"sentence": ""}, "sentence"),
        ({"reason": ""}, "reason"),
        ({"extra": 1}, "extra"),
        # the shipped rule says that a residence needs one of these
        ({"kind": "iop", "relation": "excludes", "kinds": ["sober_living"]}, "kinds"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_by_field(cast, api, change, field) -> None:
    """STG-01: kinds that exist, and no contradiction."""
    refused = api(cast.supervisor).post("combinations/", {**RULE, **change})

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not CombinationRule.objects.exists()


def test_what_does_not_hold_is_not_set_aside(cast, api) -> None:
    refused = api(cast.supervisor).post("combinations/aside/", {"name": "nothing", "reason": "x"})

    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_combination")


def test_by_sql_the_history_only_grows_and_knows_its_words(cast, api) -> None:
    api(cast.supervisor).post("combinations/", RULE)
    row = CombinationRule.objects.get()

    for forbidden in (lambda: CombinationRule.objects.update(name="y"), lambda: CombinationRule.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only|permission denied"), transaction.atomic():
            forbidden()
    for column, value in (("kind", "'yoga'"), ("kinds", "'{}'"), ("kinds", "'{yoga}'"), ("relation", "'likes'")):
        columns = ["kind", "relation", "kinds"]
        values = ", ".join(value if each == column else each for each in columns)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO programs_combinationrule (organization_id, name, sentence, in_force, reason, set_by_id,"
                f" request_id, {', '.join(columns)}) SELECT organization_id, name, sentence, in_force, reason,"  # noqa: S608
                f" set_by_id, request_id, {values} FROM programs_combinationrule WHERE seq = {row.seq}"
            )
