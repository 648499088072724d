"""GET …/transitions/: one request that says everything, at one price for every stage and role (issue: F1)."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.episodes.stages import CARE, OPEN, Stage
from tests.factories import episodes, people, readiness

SEES = (Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PEER_SPECIALIST, Role.HOUSE_MANAGER)
MOST_QUERIES = 30


def test_every_stage_and_role_costs_the_same_number_of_queries(cast, api) -> None:
    webs = {role: api(cast.at_north[role]) for role in SEES}
    spent = {}
    for stage, held in [*((stage, Stage.THERAPY) for stage in OPEN), *((Stage.ON_HOLD, held) for held in CARE)]:
        episode = readiness.ready_episode(cast, stage=stage, held=held)
        readiness.handed_over(cast, episode)
        for role in SEES:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert webs[role].get(f"episodes/{episode.id}/transitions/").status_code == 200
            spent[stage.value, held.value, role.value] = len(queries)

    assert len(set(spent.values())) == 1, spent
    assert max(spent.values()) <= MOST_QUERIES


def test_a_bare_episode_costs_no_more_than_a_full_one(cast, api) -> None:
    bare = episodes.episode(people.client(cast.north))
    full = readiness.ready_episode(cast)
    readiness.handed_over(cast, full)
    web, spent = api(cast.case_manager), []

    for episode in (bare, full):
        with CaptureQueriesContext(connection) as queries:
            web.get(f"episodes/{episode.id}/transitions/")
        spent.append(len(queries))

    assert spent[0] <= spent[1] <= MOST_QUERIES


def option(listed: list[dict], verb: str, rule: str) -> dict:
    return next(each for each in listed if (each["verb"], each["rule"]) == (verb, rule))


def test_each_step_says_its_rule_its_way_and_what_it_needs(cast, api) -> None:
    episode = readiness.ready_episode(cast, stage=Stage.SOBER_LIVING)

    listed = api(cast.case_manager).get(f"episodes/{episode.id}/transitions/").json()["transitions"]

    up, skip, down = (
        option(listed, *name) for name in (("enter_iop", "T8"), ("enter_aftercare", "T10"), ("enter_therapy", "T9"))
    )
    assert (up["direction"], up["skip"], up["status"], up["needs"]) == ("step_up", False, "needs_cosign", ["trigger"])
    assert (skip["direction"], skip["skip"], skip["status"]) == ("step_down", True, "needs_approval")
    assert skip["needs"] == ["skip_reason", "client_view"]
    assert (down["direction"], down["skip"], down["who"]) == (
        "step_down",
        False,
        ["case_manager", "supervisor", "therapist"],
    )
    after = option(listed, "enter_iop", "T19")
    assert (after["case"], after["needs"]) == ({"trigger": "return_to_use"}, ["trigger", "return_to_use"])
    hold = option(listed, "hold", "T11")
    assert (hold["direction"], hold["skip"], hold["case"], hold["cosign"]) == ("", False, {}, [])


def test_from_hold_the_way_is_told_from_the_stage_that_led(cast, api) -> None:
    """T13."""
    episode = readiness.ready_episode(cast, stage=Stage.ON_HOLD, held=Stage.IOP)

    listed = api(cast.therapist).get(f"episodes/{episode.id}/transitions/").json()["transitions"]

    ways = {
        each["target"]: (each["rule"], each["direction"], each["skip"]) for each in listed if each["target"] in CARE
    }
    assert ways == {
        "iop": ("T12", "", False),
        "therapy": ("T13", "step_down", False),
        "peer_support": ("T13", "step_down", True),
        "sober_living": ("T13", "step_down", False),
        "aftercare": ("T13", "step_down", True),
    }


@pytest.mark.parametrize(("role", "stage"), list(product(SEES, (Stage.INTAKE, Stage.PEER_SUPPORT))))
def test_failed_guards_are_explained_to_whoever_may_look(cast, api, role, stage) -> None:
    """Whoever may not decide still learns what is missing, in words that tell no score and no answer."""
    client = people.client(cast.north, birth_date=None)
    episode = episodes.episode(client, stage=stage)

    listed = api(cast.at_north[role]).get(f"episodes/{episode.id}/transitions/").json()["transitions"]

    iop = next(each for each in listed if each["verb"] == "enter_iop")
    assert {"G1", "G2", "G3", "G6"} <= {each["guard"] for each in iop["failed_guards"]}
    assert all(each["sentence"] and each["remedy"] and each["code"] for each in iop["failed_guards"])
    decides = role in (Role.THERAPIST, Role.SUPERVISOR) or (role is Role.CASE_MANAGER and stage is Stage.PEER_SUPPORT)
    assert iop["status"] == ("blocked" if decides else "needs_approval")
