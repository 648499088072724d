"""Both outcome families of a client, side by side, and nothing that sets one against the other (MSR-10)."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.measures.outcomes import outcomes_of
from casemgmt.measures.services import amend_response
from tests.factories import people

from .pathway import answer, answers, enter, opened

FAMILIES = ("peer", "therapy", "shared", "recovery")


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North."""
    return people.client(cast.north)


def outcomes(web, client: Client) -> dict[str, Any]:
    """Return the outcomes as they are told."""
    answered = web.get(f"measures/outcomes/?client={client.id}")
    assert answered.status_code == 200
    told: dict[str, Any] = answered.json()
    return told


def measures(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each measure by family, aim, instrument and code."""
    return {
        f"{family}.{aim['code']}.{each['instrument']}.{each['code']}": each
        for family in FAMILIES
        for aim in told[family]
        for each in aim["measures"]
    }


def test_both_families_are_told_with_values_changes_and_dates(cast, api, client, travel) -> None:
    """MSR-10: peer and therapy measures of one client; MSR-08: raw and change, since the baseline and the stage."""
    episode, at = opened(client), clock.now()
    answer(client, cast.peer, "ruler_hope", item_1=3)
    answer(client, cast.therapist, "phq9", item_1=3, item_2=3)
    travel(at + timedelta(days=30))
    answer(client, cast.peer, "ruler_hope", item_1=4)
    enter(episode, "therapy")
    travel(at + timedelta(days=40))
    last = answer(client, cast.peer, "ruler_hope", item_1=9)
    wrong = answer(client, cast.therapist, "phq9", item_1=3)
    amend_response(response_id=wrong.id, items=answers("phq9", item_1=1), reason="misread", actor=cast.therapist)
    answer(client, cast.therapist, "bam_r", item_9=2, item_4=1)

    told = outcomes(api(cast.case_manager), client)

    found = measures(told)
    hope = found["peer.hope.ruler_hope.value"]
    assert (hope["value"], hope["change_since_baseline"], hope["change_since_stage"]) == (9, 6, 5)
    assert hope["completed_at"] == last.completed_at.isoformat().replace("+00:00", "Z")
    phq9 = found["therapy.symptoms.phq9.total"]
    assert (phq9["value"], phq9["change_since_baseline"], phq9["change_since_stage"]) == (1, -5, -5)
    assert found["peer.empowerment.bam_r.9"]["value"] == 2
    assert found["recovery.use_risk_protection.bam_r.use"]["value"] == 1
    assert found["recovery.use_risk_protection.bam_r.use"]["change_since_baseline"] is None
    assert (told["episode_id"], told["lead_stage"], told["retention_days"]) == (str(episode.id), "therapy", 40)
    assert AuditEvent.objects.get(action="measure.outcomes_read").client_ids == [client.id]


def test_what_nobody_answered_is_said_to_be_missing(cast, api, client) -> None:
    """MSR-10: missing is told, and is not zero (MSR-01). An optional item can be missing in an answered instrument."""
    answer(client, cast.therapist, "phq9")

    found = measures(outcomes(api(cast.therapist), client))

    assert {name for name, each in found.items() if not each["missing"]} == {"therapy.symptoms.phq9.total"}
    assert found["therapy.symptoms.phq9.total"]["value"] == 0
    difficulty = found["therapy.functioning.phq9.difficulty"]
    assert (difficulty["missing"], difficulty["value"], difficulty["completed_at"]) == (True, None, None)


def test_a_peer_sees_what_the_peer_administered_and_that_there_is_more(cast, api, client) -> None:
    """MSR-07, table 1.9: answers of others are hidden from a peer, which is not the same as missing."""
    answer(client, cast.peer, "ruler_hope", item_1=5)
    answer(client, cast.therapist, "phq9", item_1=3)

    found = measures(outcomes(api(cast.peer), client))

    assert found["peer.hope.ruler_hope.value"]["value"] == 5
    phq9 = found["therapy.symptoms.phq9.total"]
    assert (phq9["value"], phq9["hidden"], phq9["missing"]) == (None, True, False)
    gad7 = found["therapy.symptoms.gad7.total"]
    assert (gad7["hidden"], gad7["missing"]) == (False, True)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PEER_SPECIALIST, 200),
        (Role.CASE_MANAGER, 200),
        (Role.THERAPIST, 200),
        (Role.SUPERVISOR, 200),
        (Role.PRIVACY_OFFICER, 200),
        (Role.HOUSE_MANAGER, 403),
        (Role.INTAKE, 404),
        (Role.ADMIN, 404),
    ],
)
def test_who_reads_outcomes(cast, api, client, role, status) -> None:
    answered = api(cast.at_north[role]).get(f"measures/outcomes/?client={client.id}")

    assert answered.status_code == status
    assert AuditEvent.objects.filter(action="measure.outcomes_read").exists() is (status == 200)


def test_an_outsider_learns_nothing(cast, api, client) -> None:
    absent = "00000000-0000-7000-8000-000000000000"
    web = api(cast.outsider)

    hidden = web.get(f"measures/outcomes/?client={client.id}")

    assert hidden.status_code == 404
    assert web.get(f"measures/outcomes/?client={absent}").content == hidden.content


def test_after_the_end_the_episode_is_as_long_as_it_was(cast, api, client, travel) -> None:
    episode, at = opened(client), clock.now()
    enter(episode, "therapy")
    travel(at + timedelta(days=12, hours=6))
    enter(episode, "discharged")
    travel(at + timedelta(days=90))

    told = outcomes(api(cast.therapist), client)

    assert (told["retention_days"], told["lead_stage"]) == (12, "therapy")


def test_the_queries_do_not_grow_with_the_answers(cast, client) -> None:
    opened(client)
    answer(client, cast.therapist, "phq9")
    with CaptureQueriesContext(connection) as few:
        outcomes_of(client_id=client.id, actor=cast.therapist)
    for days_ago in range(5):
        for instrument in ("gad7", "bam_r", "barc10", "phq9", "ruler_hope"):
            answer(client, cast.therapist, instrument, days_ago=days_ago)

    with CaptureQueriesContext(connection) as many:
        outcomes_of(client_id=client.id, actor=cast.therapist)

    assert len(many) == len(few) <= 9


def described() -> dict[str, Any]:
    """Return the description of the API."""
    out = io.StringIO()
    call_command("spectacular", stdout=out, stderr=io.StringIO())
    found: dict[str, Any] = yaml.safe_load(out.getvalue())
    return found


def test_no_report_sets_peer_support_against_therapy(cast, api, client) -> None:
    """MSR-10: numbers stand under one instrument in one family; no address, parameter or field compares families."""
    for instrument in ("phq9", "gad7", "bam_r", "barc10", "ruler_hope"):
        answer(client, cast.therapist, instrument)
    told = outcomes(api(cast.supervisor), client)
    beside = {name: value for name, value in told.items() if name not in FAMILIES}
    schema = described()
    ours = {path: each for path, each in schema["paths"].items() if "/measures/" in path}

    assert set(beside) == {"client_id", "episode_id", "lead_stage", "retention_days"}
    assert all(set(aim) == {"code", "measures"} for family in FAMILIES for aim in told[family])
    words = re.compile(r"compar|versus|\bvs\b|better|rank|best|worst|difference", re.IGNORECASE)
    assert [path for path in schema["paths"] if words.search(path)] == []
    parameters = {
        each["name"] for path in ours.values() for verb in path.values() for each in verb.get("parameters", ())
    }
    assert {name for name in parameters if words.search(name) or "order" in name or "sort" in name} == set()
    fields = {name for shape in ("OutcomesOut", "AimOut", "ReadingOut") for name in properties(schema, shape)}
    assert {name for name in fields if words.search(name)} == set()


def test_no_answer_ranks_clients_or_staff(cast, api, client) -> None:
    """MSR-08: a trend and the outcomes are of one client, who must be named; no list is ordered by a score."""
    web = api(cast.supervisor)

    for address in ("measures/trend/?instrument=phq9", "measures/outcomes/", "measures/responses/"):
        refused = web.get(address)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["client"])
    ordered = web.get(f"measures/responses/?client={client.id}&ordering=scores")
    assert (ordered.status_code, list(ordered.json()["fields"])) == (400, ["ordering"])


def properties(schema: dict[str, Any], name: str) -> set[str]:
    """Return the fields of a shape."""
    return set(schema["components"]["schemas"][name]["properties"])
