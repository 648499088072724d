"""Restrictions: asked for by anybody who sees the client, answered by the privacy officer, kept before every disclosure
(P2-50)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from casemgmt.accounts.roles import SEES_RECORDS, Role
from casemgmt.consent.models import Disclosure, RestrictionRequest
from casemgmt.kernel import clock
from casemgmt.kernel.errors import GuardsFailed
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral
from tests.factories import consent as consents
from tests.factories import people, referrals

ASKED = {"scope": "Do not tell why I am referred.", "categories": ["reason"]}
PAID = {"kind": "paid_in_full", "scope": "I paid for it myself.", "categories": ["diagnosis"]}


@pytest.fixture
def client(cast):
    """A client of North."""
    return people.client(cast.north)


@pytest.fixture
def officer(cast, api):
    """North's privacy officer."""
    return api(cast.at_north[Role.PRIVACY_OFFICER])


@pytest.fixture
def ask(cast, api, client):
    """Return `ask(**changes)`: a peer asks on the client's behalf; the id."""
    web = api(cast.peer)
    return lambda **changes: web.post(f"clients/{client.id}/restriction-requests/", ASKED | changes).json()["id"]


def say(api, cast, client, **changes):
    web = api(cast.case_manager)
    return web.post(f"clients/{client.id}/oral-disclosures/", consents.spoken(cast.south, **changes))


@pytest.mark.parametrize("role", [role for role in Role if role.value in SEES_RECORDS])
def test_whoever_sees_the_client_asks_on_their_behalf(cast, api, client, role) -> None:
    answer = api(cast.at_north[role]).post(f"clients/{client.id}/restriction-requests/", ASKED)

    assert (answer.status_code, answer.json()["decision"]) == (201, "pending")
    assert WorkItem.objects.open().get().kind == "restriction_asked"
    assert WorkItem.objects.open().get().role == "privacy_officer"


def test_only_the_privacy_officer_answers(cast, api, client, ask) -> None:
    """Table 1.9."""
    asked = ask()

    for role in (Role.CASE_MANAGER, Role.SUPERVISOR, Role.PEER_SPECIALIST):
        web = api(cast.at_north[role])
        for path, body in (("agreement/", {}), ("declining/", {"reason": "x"})):
            assert web.post(f"restriction-requests/{asked}/{path}", body).status_code == 403
    assert RestrictionRequest.objects.get().decision == "pending"


def test_an_agreed_restriction_stops_what_a_consent_would_let_leave(cast, api, client, officer, ask) -> None:
    """P2-20, P2-50: evaluated in the transaction that discloses."""
    consents.consent(client, recipients=[cast.south])
    asked = ask()
    while_pending = say(api, cast, client)

    agreed = officer.post(f"restriction-requests/{asked}/agreement/")
    refused = say(api, cast, client)
    beside = say(api, cast, client, categories=["identity"])

    assert (while_pending.status_code, agreed.json()["decision"]) == (201, "agreed")
    assert (refused.status_code, refused.json()["code"]) == (422, "restriction_active")
    assert refused.json()["missing"][0]["items"] == ["reason"]
    assert beside.status_code == 201
    assert Disclosure.objects.count() == 2
    assert WorkItem.objects.open().filter(kind="restriction_asked").count() == 0


def test_a_referral_is_not_sent_against_it(cast) -> None:
    case = referrals.case(cast)
    consents.consent(case.client, recipients=[cast.south])
    draft = case.draft()
    consents.restricted(case.client, categories=["risk_level"])

    with pytest.raises(GuardsFailed) as refused:
        case.move(draft.id, "send", case.sender)

    assert [refusal.code for refusal in refused.value.refusals] == ["restriction_active"]
    assert (Referral.objects.get().stage, Disclosure.objects.count()) == ("draft", 0)


def test_it_holds_for_its_recipient_class_purpose_and_from_its_day(cast, api, client) -> None:
    consents.consent(client, recipients=[cast.south])
    elsewhere = [
        {"recipient_id": cast.east.id},
        {"recipient_classes": ["health_plan"]},
        {"purposes": ["payment"]},
        {"effective_from": clock.now() + timedelta(days=1)},
        {"decision": "declined", "effective_from": None},
    ]
    for fields in elsewhere:
        consents.restricted(client, **fields)

    free = say(api, cast, client)
    consents.restricted(client, recipient_id=cast.south.id, recipient_classes=["treating_provider"])

    assert free.status_code == 201
    assert say(api, cast, client).json()["code"] == "restriction_active"


def test_what_was_paid_in_full_must_be_agreed_to(client, officer, ask) -> None:
    """§2.26(a)(6): to the plan, for payment and operations."""
    asked = ask(**PAID)

    declined = officer.post(f"restriction-requests/{asked}/declining/", {"reason": "Too much work."})
    stays = RestrictionRequest.objects.get()
    agreed = officer.post(f"restriction-requests/{asked}/agreement/")

    assert (declined.status_code, declined.json()["code"]) == (422, "restriction_must_be_agreed")
    assert stays.decision == "pending"
    assert (agreed.json()["recipient_classes"], agreed.json()["purposes"]) == (
        ["health_plan"],
        ["payment", "operations"],
    )


@pytest.mark.parametrize("changes", [{"decision": "declined", "effective_from": None}, {"decision": "pending"}])
def test_postgresql_knows_that_too(client, changes) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        consents.restricted(client, kind="paid_in_full", **changes)

    assert RestrictionRequest.objects.count() == 0


def test_the_program_does_not_end_by_itself_what_was_paid_in_full(client, officer, ask) -> None:
    asked = ask(**PAID)
    officer.post(f"restriction-requests/{asked}/agreement/")
    path = f"restriction-requests/{asked}/termination/"

    refused = officer.post(path, {"basis": "program_informed", "note": "Told by letter."})
    stays = RestrictionRequest.objects.get().terminated_at
    ended = officer.post(path, {"basis": "client_oral", "note": "Said so on the telephone, 3 March."})

    assert (refused.status_code, refused.json()["code"]) == (422, "restriction_termination_not_allowed")
    assert stays is None
    assert ended.status_code == 200


@pytest.mark.parametrize("basis", ["client_written", "client_oral"])
def test_the_client_s_word_ends_it_for_everything(cast, api, client, officer, basis) -> None:
    consents.consent(client, recipients=[cast.south])
    kept = consents.restricted(client)
    before = say(api, cast, client).status_code

    officer.post(f"restriction-requests/{kept.id}/termination/", {"basis": basis, "note": "As filed."})

    assert (before, say(api, cast, client).status_code) == (422, 201)


def test_the_program_s_word_ends_it_only_for_what_comes_after(cast, api, client, officer) -> None:
    """P2-50: nobody can say that what would be told was made since, so it stays back."""
    consents.consent(client, recipients=[cast.south])
    kept = consents.restricted(client)

    ended = officer.post(
        f"restriction-requests/{kept.id}/termination/", {"basis": "program_informed", "note": "Told by letter."}
    )

    assert ended.status_code == 200
    assert say(api, cast, client).json()["code"] == "restriction_active"


def test_an_answer_is_given_once_and_stays(client, officer, ask) -> None:
    asked = ask()
    blank = officer.post(f"restriction-requests/{asked}/declining/", {"reason": " "})
    early = officer.post(f"restriction-requests/{asked}/termination/", {"basis": "client_oral", "note": "x"})
    officer.post(f"restriction-requests/{asked}/declining/", {"reason": "We must tell the payer."})

    again = [
        officer.post(f"restriction-requests/{asked}/agreement/"),
        officer.post(f"restriction-requests/{asked}/declining/", {"reason": "x"}),
    ]

    assert (blank.status_code, early.json()["code"]) == (400, "restriction_not_active")
    assert [answer.json()["code"] for answer in again] == ["already_decided"] * 2
    for change in ({"decision": "agreed"}, {"reason": "Other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            RestrictionRequest.objects.update(**change)
    assert RestrictionRequest.objects.get().reason == "We must tell the payer."


def test_outsiders_ask_and_read_nothing(cast, api, client, ask) -> None:
    asked = ask()

    for actor in (cast.outsider, cast.at_south[Role.PRIVACY_OFFICER]):
        web = api(actor)
        assert web.post(f"clients/{client.id}/restriction-requests/", ASKED).status_code == 404
        assert web.get(f"restriction-requests/{asked}/").status_code == 404
        assert web.post(f"restriction-requests/{asked}/agreement/").status_code == 404
        assert web.get(f"restriction-requests/?client={client.id}").json()["results"] == []
    assert RestrictionRequest.objects.get().decision == "pending"
