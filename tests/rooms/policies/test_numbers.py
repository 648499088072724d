"""An organization's numbers over HTTP and in the database: bounded, its own, and never edited."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.policies.catalog import NUMBERS, Policy
from casemgmt.policies.models import PolicySetting
from casemgmt.policies.services import policy_of

EVERY = list(NUMBERS.values())
INSERT = (
    "INSERT INTO policies_policysetting (organization_id, name, value, reason, set_by_id, request_id)"
    " VALUES (%s, %s, %s, %s, %s, '')"
)


def setting(name="cosign_hours", value=12, reason="The supervisor is here twice a day.") -> dict:
    return {"name": name, "value": value, "reason": reason}


def numbers(web) -> dict[str, dict]:
    body = web.get("policies/").json()
    assert body["next"] is None
    return {row["name"]: row for row in body["results"]}


def insert(cast, name, value, reason="because") -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [cast.north.id, name, value, reason, cast.supervisor.id])


def test_all_numbers_are_listed_with_what_one_needs_to_judge_them(cast, api) -> None:
    shown = numbers(api(cast.peer))

    assert list(shown) == list(NUMBERS)
    assert shown["iop_hours_per_week"] == {
        "name": "iop_hours_per_week",
        "value": 9,
        "default": 9,
        "low": 9,
        "high": 19,
        "unit": "hours",
        "rule": "CLN-02",
        "law": True,
        "set_at": None,
        "set_by_id": None,
    }


def test_a_supervisor_sets_a_number_and_it_holds_from_now_on(cast, api) -> None:
    web = api(cast.supervisor)

    answer = web.post("policies/", setting())

    assert answer.status_code == 201, answer.content
    assert (answer.json()["value"], answer.json()["set_by_id"]) == (12, str(cast.supervisor.id))
    assert numbers(web)["cosign_hours"] == answer.json()
    assert policy_of(cast.north.id).cosign_hours == 12
    assert AuditEvent.objects.filter(action="policy.set", actor_id=cast.supervisor.id).count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_nobody_else_does(cast, api, role) -> None:
    answer = api(cast.at_north[role]).post("policies/", setting())

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert not PolicySetting.objects.exists()
    assert policy_of(cast.north.id) == Policy()


def test_every_number_takes_its_bounds_and_nothing_beyond_over_http(cast, api) -> None:
    """CLN-02 and all others: what a law or a payer fixes is tightened, never loosened."""
    web = api(cast.supervisor)

    for number in EVERY:
        for value in (number.low, number.high):
            assert web.post("policies/", setting(number.name, value)).status_code == 201, number.name
        for value in (number.low - 1, number.high + 1):
            answer = web.post("policies/", setting(number.name, value))
            assert (answer.status_code, answer.json()["code"]) == (400, "out_of_bounds"), number.name
            assert number.rule in answer.json()["fields"]["value"][0]

    assert policy_of(cast.north.id) == Policy(**{number.name: number.high for number in EVERY})


def test_every_number_takes_its_bounds_and_nothing_beyond_in_the_database(cast) -> None:
    """CLN-02 and all others: whoever writes, as the application's role."""
    for number in EVERY:
        for value in (number.low, number.high):
            insert(cast, number.name, value)
        for value in (number.low - 1, number.high + 1):
            with pytest.raises(IntegrityError, match="policy_setting_within_bounds"):
                insert(cast, number.name, value)

    assert PolicySetting.objects.count() == 2 * len(EVERY)


@pytest.mark.parametrize(("name", "looser"), [("iop_hours_per_week", 8), ("iop_recertify_days", 61)])
def test_whose_bound_it_is_is_said(cast, api, name, looser) -> None:
    """CLN-02: the payer asks for nine hours and a new certificate every other month."""
    answer = api(cast.supervisor).post("policies/", setting(name, looser))

    assert "Law or payer" in answer.json()["fields"]["value"][0]
    assert getattr(policy_of(cast.north.id), name) == getattr(Policy(), name)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "patience_days"}, "unknown_number"),
        ({"name": ""}, "invalid"),
        ({"name": "x" * 41}, "invalid"),
        ({"value": "many"}, "invalid"),
        ({"value": 2**31}, "invalid"),
        ({"value": None}, "invalid"),
        ({"value": 12.5}, "invalid"),
        ({"reason": ""}, "invalid"),
        ({"reason": "  "}, "invalid"),
        ({"reason": "x" * 501}, "invalid"),
        ({"organization": "x"}, "invalid"),
    ],
)
def test_odd_bodies_are_refused(cast, api, wrong, code) -> None:
    answer = api(cast.supervisor).post("policies/", {**setting(), **wrong})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not PolicySetting.objects.exists()


@pytest.mark.parametrize(("name", "reason"), [("patience_days", "because"), ("cosign_hours", "")])
def test_the_database_takes_no_unknown_number_and_none_without_a_reason(cast, name, reason) -> None:
    with pytest.raises(IntegrityError):
        insert(cast, name, 10, reason)


def test_one_organization_s_numbers_are_no_other_s(cast, api) -> None:
    api(cast.supervisor).post("policies/", setting())
    south = api(cast.at_south[Role.SUPERVISOR])

    assert numbers(south)["cosign_hours"]["value"] == 24
    assert south.get("policies/history/").json()["results"] == []
    south.post("policies/", setting(value=6))
    assert (policy_of(cast.north.id).cosign_hours, policy_of(cast.south.id).cosign_hours) == (12, 6)
    assert policy_of(cast.east.id) == Policy()


def test_the_history_tells_what_why_and_by_whom_newest_first(cast, api) -> None:
    web = api(cast.supervisor)
    for value in range(1, 6):
        web.post("policies/", setting(value=value, reason=f"for reason {value}"))
    web.post("policies/", setting("intake_days", 5))

    first = web.get("policies/history/?name=cosign_hours&limit=3").json()
    second = web.get(f"policies/history/?name=cosign_hours&limit=3&cursor={first['next']}").json()
    whole = web.get("policies/history/").json()["results"]

    assert [row["value"] for row in first["results"] + second["results"]] == [5, 4, 3, 2, 1]
    assert (first["results"][0]["reason"], second["next"]) == ("for reason 5", None)
    assert {row["set_by_id"] for row in whole} == {str(cast.supervisor.id)}
    assert [row["name"] for row in whole][:2] == ["intake_days", "cosign_hours"]


@pytest.mark.parametrize("query", ["name=patience_days", "cursor=zz", "cursor=" + "9" * 36, "limit=0", "x=1"])
def test_odd_questions_of_the_history_are_refused(cast, api, query) -> None:
    assert api(cast.supervisor).get(f"policies/history/?{query}").status_code == 400


def test_numbers_cost_the_same_few_queries_however_often_they_were_set(cast, api) -> None:
    web = api(cast.supervisor)
    web.get("policies/")  # warm
    with CaptureQueriesContext(connection) as few:
        numbers(web)
    for number in EVERY:
        for value in (number.low, number.high):
            insert(cast, number.name, value)
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(web)) == len(EVERY)

    assert len(many) == len(few)


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET value = 1", "DELETE FROM {}", "TRUNCATE {}", "ALTER TABLE {} DISABLE TRIGGER ALL"]
)
def test_what_was_set_is_never_edited(cast, api, statement) -> None:
    api(cast.supervisor).post("policies/", setting())

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("policies_policysetting"))

    assert policy_of(cast.north.id).cosign_hours == 12


def test_the_same_request_twice_sets_it_once(cast, api) -> None:
    web = api(cast.supervisor)

    answers = [web.post("policies/", setting(), Idempotency_Key="once") for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert PolicySetting.objects.count() == 1
