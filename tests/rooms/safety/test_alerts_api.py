"""Alerts over HTTP, as each role and as an outsider."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.kernel.ids import new_id
from casemgmt.safety.models import AlertNote, RiskAlert
from casemgmt.safety.words import Severity, What
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import alerts, episodes, people

TEAM = (Role.PEER_SPECIALIST, Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR)


@pytest.fixture
def client(cast) -> Client:
    return people.client(cast.north)


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.json()["results"]]


def closing() -> dict[str, Any]:
    told = alerts.closing(clock.now())
    return {"verb": "close", "data": {**told, "follow_up_at": told["follow_up_at"].isoformat()}}


# --- who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*TEAM, Role.PRIVACY_OFFICER])
def test_the_team_sees_the_alert(cast, api, client, role) -> None:
    alert = alerts.alert(client, cast.north)
    web = api(cast.at_north[role])

    assert ids(web.get("alerts/")) == [str(alert.id)]
    assert web.get(f"alerts/{alert.id}/").json()["severity"] == "critical"


@pytest.mark.parametrize("role", [Role.HOUSE_MANAGER, Role.INTAKE, Role.ADMIN])
def test_roles_without_risk_see_none(cast, api, client, role) -> None:
    alert = alerts.alert(client, cast.north)
    web = api(cast.at_north[role])

    assert ids(web.get("alerts/")) == []
    assert web.get(f"alerts/{alert.id}/").status_code == 404


def test_an_outsider_gets_the_answer_of_an_alert_that_does_not_exist(cast, api, client) -> None:
    alert = alerts.alert(client, cast.north)
    web, absent = api(cast.outsider), new_id()

    for method, path, body in (
        ("get", "", None),
        ("get", "transitions/", None),
        ("post", "transitions/", {"verb": "acknowledge"}),
        ("post", "notes/", {"kind": "note", "text": "x"}),
    ):
        ask = getattr(web, method)
        given = [] if body is None else [body]
        seen, nothing = ask(f"alerts/{alert.id}/{path}", *given), ask(f"alerts/{absent}/{path}", *given)
        assert (seen.status_code, seen.content) == (404, nothing.content)
    assert ids(web.get("alerts/")) == []
    assert RiskAlert.objects.get().stage == "open"


def test_another_organization_that_sees_the_client_does_not_see_our_alert(cast, api, client) -> None:
    from casemgmt.access.models import Grant, Reason

    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    alert = alerts.alert(client, cast.north)
    web = api(cast.at_south[Role.SUPERVISOR])

    assert ids(web.get("alerts/")) == []
    assert web.get(f"alerts/{alert.id}/").status_code == 404


def test_a_text_of_nobody_we_know_is_the_organization_s(cast, api) -> None:
    alert = alerts.alert(None, cast.north)

    assert ids(api(cast.therapist).get("alerts/")) == [str(alert.id)]
    assert ids(api(cast.at_south[Role.THERAPIST]).get("alerts/")) == []


def test_a_peer_is_told_the_flag_and_the_severity_only(cast, api, client) -> None:
    alert = alerts.alert(client, cast.north, term="want to die", lexicon_version="1")
    peer, therapist = api(cast.peer), api(cast.therapist)
    therapist.post(f"alerts/{alert.id}/notes/", {"kind": "note", "text": "Has a plan."})
    peer.post(f"alerts/{alert.id}/notes/", {"kind": "note", "text": "I am with her."})
    lower = {"verb": "lower", "reason": "Spoke with her.", "data": {"severity": "high"}}
    assert therapist.post(f"alerts/{alert.id}/transitions/", lower).status_code == 201

    told = peer.get(f"alerts/{alert.id}/").json()
    whole = therapist.get(f"alerts/{alert.id}/").json()

    assert (told["severity"], told["what"], told["details_hidden"]) == ("high", "crisis_text", True)
    assert (told["term"], told["lexicon_version"]) == ("", "")
    assert [note["text"] for note in told["notes"]] == ["I am with her."]
    assert {move["reason"] for move in told["moves"]} == {""}
    assert (whole["term"], whole["details_hidden"], len(whole["notes"])) == ("want to die", False, 2)
    assert whole["moves"][-1]["reason"] == "Spoke with her."


# --- the list -------------------------------------------------------------------------------------------------------


def test_the_gravest_come_first_then_the_oldest_and_closed_ones_on_demand(cast, api, client) -> None:
    made = {
        severity: alerts.alert(client, cast.north, severity=severity, what=What.CONCERN)
        for severity in (Severity.LOW, Severity.CRITICAL, Severity.MODERATE, Severity.HIGH)
    }
    later = alerts.alert(client, cast.north)
    gone = alerts.alert(client, cast.north)
    web = api(cast.therapist)
    assert web.post(f"alerts/{gone.id}/transitions/", closing()).status_code == 201

    expected = [made[Severity.CRITICAL], later, made[Severity.HIGH], made[Severity.MODERATE], made[Severity.LOW]]
    first = web.get("alerts/?limit=3")
    rest = web.get(f"alerts/?limit=3&cursor={first.json()['next']}")
    assert ids(first) + ids(rest) == [str(each.id) for each in expected]
    assert ids(web.get("alerts/?closed=true")) == [str(gone.id)]
    assert ids(web.get("alerts/?severity=high")) == [str(made[Severity.HIGH].id)]
    assert ids(web.get(f"alerts/?client={new_id()}")) == []


def test_mine_are_those_i_was_asked_about_took_or_raised(cast, api, client) -> None:
    alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)
    asked = alerts.alert(client, cast.north)
    other = alerts.alert(client, cast.north, severity=Severity.MODERATE, what=What.CSSRS_MODERATE)
    manager = api(cast.case_manager)

    assert ids(api(cast.therapist).get("alerts/?mine=true")) == [str(asked.id)]
    assert ids(manager.get("alerts/?mine=true")) == []
    manager.post(f"alerts/{other.id}/transitions/", {"verb": "acknowledge"})
    assert ids(manager.get("alerts/?mine=true")) == [str(other.id)]


def test_a_work_item_leads_to_its_alert(cast, api, client) -> None:
    alert = alerts.alert(client, cast.north)
    alerts.alert(client, cast.north)
    item = WorkItem.objects.open().filter(kind=ItemKind.RISK_ALERT).order_by("id").first()
    assert item is not None

    assert ids(api(cast.therapist).get(f"alerts/?page={item.source_id}")) == [str(alert.id)]


def test_lists_and_details_take_the_same_number_of_queries(cast, api, client) -> None:
    web, counts = api(cast.supervisor), []
    for amount in (1, 4, 12):
        for _ in range(RiskAlert.objects.count(), amount):
            made = alerts.alert(client, cast.north)
            for _ in range(amount):
                web.post(f"alerts/{made.id}/notes/", {"kind": "note", "text": "x"})
        with CaptureQueriesContext(connection) as listing:
            assert len(ids(web.get("alerts/"))) == amount
        with CaptureQueriesContext(connection) as reading:
            web.get(f"alerts/{made.id}/")
        with CaptureQueriesContext(connection) as looking:
            web.get(f"alerts/{made.id}/transitions/")
        counts.append((len(listing), len(reading), len(looking)))

    assert len(set(counts)) == 1


# --- raising --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*TEAM, Role.HOUSE_MANAGER])
def test_anybody_of_the_team_raises_by_hand(cast, api, client, role) -> None:
    """MSR-07: worrying is nobody's privilege; a house manager sees what the house manager raised."""
    web = api(cast.at_north[role])

    made = web.post("alerts/", {"client": str(client.id), "severity": "high", "what": "self_harm"})

    assert made.status_code == 201
    alert = RiskAlert.objects.get()
    assert (alert.source, alert.what, alert.raised_by_id) == ("staff", "self_harm", cast.at_north[role].id)
    assert alert.pages.count() == 2
    assert ids(web.get("alerts/")) == [str(alert.id)]


def test_the_same_worry_twice_is_one_alert(cast, api, client) -> None:
    """F7: a repeat adds nothing and is told which alert stands; another worry is another alert."""
    web, body = api(cast.peer), {"client": str(client.id), "severity": "high", "what": "self_harm"}
    first = web.post("alerts/", body).json()

    again = api(cast.case_manager).post("alerts/", body | {"severity": "critical"})

    assert (again.status_code, again.json()["code"], again.json()["alert_id"]) == (409, "alert_open", first["id"])
    assert web.post("alerts/", body | {"what": "overdose"}).status_code == 201
    assert RiskAlert.objects.count() == 2


def test_a_repeat_names_no_alert_that_the_one_who_raises_may_not_see(cast, api, client) -> None:
    """Table 1.9, note 2: a house manager knows of the house manager's own alerts only."""
    body = {"client": str(client.id), "severity": "high", "what": "self_harm"}
    api(cast.therapist).post("alerts/", body)

    again = api(cast.at_north[Role.HOUSE_MANAGER]).post("alerts/", body)

    assert (again.status_code, again.json()["code"]) == (409, "alert_open")
    assert "alert_id" not in again.json()
    assert "Add a note" not in again.json()["detail"]


def test_an_episode_of_another_organization_is_refused(cast, api, client) -> None:
    """An alert hangs on an episode of the organization that answers for it."""
    theirs = episodes.episode(client, at_other=cast.south)
    body = {"client": str(client.id), "severity": "high", "what": "concern", "episode": str(theirs.id)}

    assert api(cast.case_manager).post("alerts/", body).status_code == 400
    assert not RiskAlert.objects.exists()


def test_what_cannot_be_raised(cast, api, client) -> None:
    web = api(cast.case_manager)
    body = {"client": str(client.id), "severity": "high", "what": "concern"}
    foreign = episodes.episode(people.client(cast.north))

    for change, status in (
        ({"what": "crisis_text"}, 400),  # machines' words
        ({"severity": "huge"}, 400),
        ({"client": str(new_id())}, 404),
        ({"episode": str(foreign.id)}, 400),
        ({"episode": str(new_id())}, 400),
        ({"note": "x"}, 400),
    ):
        assert web.post("alerts/", body | change).status_code == status, change
    assert api(cast.at_north[Role.PRIVACY_OFFICER]).post("alerts/", body).status_code == 403
    assert not RiskAlert.objects.exists()
    assert not WorkItem.objects.exists()


# --- answering ------------------------------------------------------------------------------------------------------


def test_the_verbs_over_http(cast, api, client) -> None:
    """PEER-02: 422 for a peer; SMS-65: closing without its parts names them."""
    alert = alerts.alert(client, cast.north)
    path = f"alerts/{alert.id}/transitions/"
    web = api(cast.therapist)

    peers = api(cast.peer).post(path, closing())
    assert (peers.status_code, peers.json()["code"]) == (422, "outside_peer_scope")
    assert [each["verb"] for each in api(cast.peer).get(path).json()["transitions"]] == ["worsen"]
    stale = web.post(path, {"verb": "acknowledge", "version": 7})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert web.post(path, {"verb": "acknowledge"}).json()["to_stage"] == "acknowledged"
    late = closing()["data"] | {"follow_up_at": "2020-01-01T00:00:00Z"}
    blocked = web.post(path, {"verb": "close", "data": late})
    assert (blocked.status_code, blocked.json()["code"]) == (409, "transition_blocked")
    assert [each["code"] for each in blocked.json()["failed_guards"]] == ["follow_up_too_late"]
    machine = web.post(path, {"verb": "close", "data": closing()["data"] | {"disposition": "client_died"}})
    assert machine.status_code == 400
    assert web.post(path, closing() | {"effective_at": "2020-01-01T00:00:00Z"}).status_code == 400
    done = web.post(path, closing())
    assert (done.status_code, done.json()["given"]["disposition"]) == (201, "safe_with_plan")


def test_a_supervisor_is_shown_what_to_decide_between(cast, api, client, travel) -> None:
    """SMS-62: call again, emergency contact, mobile crisis, 911, until somebody reached the client."""
    from casemgmt.safety.services.paging import escalate

    alert = alerts.alert(client, cast.north)
    web = api(cast.supervisor)
    assert web.get(f"alerts/{alert.id}/").json()["decisions"] == []
    travel(clock.now() + timedelta(minutes=16))
    escalate()

    choices = web.get(f"alerts/{alert.id}/").json()["decisions"]
    attempt = {"kind": "contact_attempt", "channel": "phone", "outcome": "reached"}
    web.post(f"alerts/{alert.id}/notes/", attempt)

    assert choices == ["call_again", "emergency_contact", "mobile_crisis", "emergency_services"]
    assert web.get(f"alerts/{alert.id}/").json()["decisions"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "note"}, "text"),
        ({"kind": "note", "text": "x", "channel": "phone"}, "channel"),
        ({"kind": "contact_attempt", "channel": "phone"}, "outcome"),
        ({"kind": "contact_attempt", "channel": "owl", "outcome": "reached"}, "channel"),
        ({"kind": "note", "text": "x" * 2001}, "text"),
        ({"kind": "note", "text": "x", "happened_at": "2999-01-01T00:00:00Z"}, "happened_at"),
        (
            {
                "kind": "contact_attempt",
                "channel": "phone",
                "outcome": "reached",
                "happened_at": "2020-01-01T00:00:00Z",
            },
            "happened_at",
        ),
    ],
)
def test_a_note_says_something_and_an_attempt_says_how(cast, api, client, body, field) -> None:
    alert = alerts.alert(client, cast.north)

    refused = api(cast.case_manager).post(f"alerts/{alert.id}/notes/", body)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not AlertNote.objects.exists()
