"""F3: a provider without an account sees one packet by a link and a PIN, answers, and sees nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from casemgmt.access.models import Grant
from casemgmt.audit.models import AuditEvent
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.consent.notices import STATEMENTS
from casemgmt.consent.services import Revocation, revoke_consent
from casemgmt.consent.words import RevocationChannel
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral, ReferralLink, ReferralMove
from tests.factories import referrals

HOUR = timedelta(hours=1)


class Browser:
    """The provider's browser: no account, one secret at most."""

    def __init__(self, address: str) -> None:
        self.http, self.headers = Client(raise_request_exception=False), {}
        self.token = address.split("#")[1]

    def open(self, pin: str) -> Any:
        answer = self.ask("post", "session/", {"token": self.token, "pin": pin})
        if answer.status_code == 201:
            self.headers = {"Authorization": f"Link {answer.json()['secret']}"}
        return answer

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.http, method)(f"/api/v1/outside/{path}", headers=self.headers, **sent)

    def move(self, verb: str, **data: Any) -> Any:
        return self.ask("post", "referral/transitions/", {"verb": verb, "data": data})


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South, where nobody has an account."""
    found = referrals.case(cast)
    cast.south.joined = False
    cast.south.save(update_fields=["joined"])
    return found


@pytest.fixture
def sent(case) -> Referral:
    return case.sent()


def made(api, case, sent) -> dict[str, Any]:
    answer = api(case.sender).post(f"referrals/{sent.id}/links/", {"recipient_name": "Dr. Who"})
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 1_000_000:06}"


def opened(api, case, sent) -> Browser:
    link = made(api, case, sent)
    browser = Browser(link["address"])
    assert browser.open(link["pin"]).status_code == 201
    return browser


def work(case) -> set[str]:
    return set(WorkItem.objects.open().filter(organization_id=case.cast.north.id).values_list("kind", flat=True))


def test_sending_asks_the_sender_for_a_link_and_opens_nothing_by_itself(case, sent) -> None:
    assert "referral_link" in work(case)
    assert not WorkItem.objects.filter(organization_id=case.cast.south.id).exists()
    assert not Grant.objects.filter(source_id=sent.id).exists()
    assert Disclosure.objects.get().method == "electronic"


def test_the_packet_with_its_notice_is_read_and_answered(case, api, sent) -> None:
    link = made(api, case, sent)
    assert "referral_link" not in work(case)
    browser = Browser(link["address"])
    assert browser.open(link["pin"]).status_code == 201

    read = browser.ask("get", "referral/").json()
    assert read["packet"] == sent.packet
    assert read["packet"]["notice"]["text"] == STATEMENTS[1]
    assert read["contact"]
    assert {"episode_id", "client_id", "reason"}.isdisjoint(read)
    verbs = {each["verb"] for each in browser.ask("get", "referral/transitions/").json()["transitions"]}
    assert verbs == {"acknowledge", "request_info", "accept", "waitlist", "decline", "cancel"}

    steps = [
        browser.move("acknowledge"),
        browser.move("accept", contact_name="Dr. Who"),
        browser.move("complete", outcome="not_needed", summary="One talk was enough."),
    ]

    assert [each.status_code for each in steps] == [201] * 3, [each.content for each in steps]
    row = Referral.objects.get(pk=sent.id)
    assert (row.stage, row.returned_summary) == ("completed", "One talk was enough.")
    told = ReferralMove.objects.filter(referral=sent, verb="accept").get()
    assert (told.actor_kind, str(told.actor_id)) == ("outside", link["id"])
    assert told.actor_organization_id == case.cast.south.id
    reads = AuditEvent.objects.filter(action="referral.read", actor_kind="outside", client_ids=[sent.client_id])
    assert reads.count() == 1


def test_a_decline_ends_the_sight_at_once(case, api, sent) -> None:
    browser = opened(api, case, sent)

    answer = browser.move("decline", decline_reason="no_capacity", declined_by="receiver")

    assert answer.status_code == 201
    assert browser.ask("get", "referral/").status_code == 404
    assert browser.move("accept").status_code == 404
    assert Referral.objects.get(pk=sent.id).stage == "declined"


def test_a_consent_taken_back_ends_the_sight_at_once(case, api, sent) -> None:
    browser = opened(api, case, sent)
    taken = Revocation(channel=RevocationChannel.WRITTEN, reason="")
    revoke_consent(consent_id=sent.consent_id, revocation=taken, version=None, actor=case.sender)

    assert browser.ask("get", "referral/").status_code == 404
    assert "referral_stopped" in work(case)
    again = api(case.sender).post(f"referrals/{sent.id}/links/", {"recipient_name": "Dr. Who"})
    assert (again.status_code, again.json()["code"]) == (409, "referral_ended")


def test_no_link_is_made_while_no_consent_covers_it(case, api, sent) -> None:
    Consent.objects.update(revoked_for=[case.cast.south.id])

    answer = api(case.sender).post(f"referrals/{sent.id}/links/", {"recipient_name": "Dr. Who"})

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_revoked")
    assert answer.json()["missing"]
    assert not ReferralLink.objects.exists()
    assert not Grant.objects.filter(source_id=sent.id).exists()


def test_a_link_opens_once(case, api, sent) -> None:
    link = made(api, case, sent)
    assert Browser(link["address"]).open(link["pin"]).status_code == 201

    second = Browser(link["address"]).open(link["pin"])

    assert (second.status_code, second.json()["code"]) == (403, "link_refused")


def test_five_wrong_pins_lock_it_and_the_sender_hears(case, api, sent) -> None:
    link = made(api, case, sent)
    browser = Browser(link["address"])

    codes = {browser.open(wrong(link["pin"])).json()["code"] for _ in range(5)}
    assert "referral_link" not in work(case)
    right = browser.open(link["pin"])

    assert codes == {"link_refused"}
    assert (right.status_code, right.json()["code"]) == (403, "link_refused")
    assert "referral_link" in work(case)
    (shown,) = api(case.sender).get(f"referrals/{sent.id}/links/").json()["results"]
    assert (shown["state"], shown["opened_at"]) == ("locked", None)
    assert {"address", "pin"}.isdisjoint(shown)


def test_the_fifth_try_may_be_the_right_one(case, api, sent) -> None:
    link = made(api, case, sent)
    browser = Browser(link["address"])
    for _ in range(4):
        browser.open(wrong(link["pin"]))

    assert browser.open(link["pin"]).status_code == 201


def test_unknown_late_used_and_taken_back_are_one_answer(case, api, sent, travel) -> None:
    sender = api(case.sender)
    used, replaced = made(api, case, sent), None
    Browser(used["address"]).open(used["pin"])
    replaced = made(api, case, sent)
    revoked = made(api, case, sent)
    assert sender.delete(f"referral-links/{revoked['id']}/").status_code == 204
    late = made(api, case, sent)
    travel(clock.now() + 73 * HOUR)

    answers = [Browser(each["address"]).open(each["pin"]) for each in (used, replaced, revoked, late)]
    answers.append(Browser("https://x/#nobody").open("123456"))

    told = {json.dumps({**each.json(), "request_id": ""}, sort_keys=True) for each in answers}
    assert {each.status_code for each in answers} == {403}
    assert len(told) == 1
    states = [each["state"] for each in sender.get(f"referrals/{sent.id}/links/").json()["results"]]
    assert states == ["over", "revoked", "replaced", "replaced"]


def test_a_session_ends_by_its_time_by_its_user_and_with_a_new_link(case, api, sent, travel) -> None:
    first = opened(api, case, sent)
    second = opened(api, case, sent)
    assert first.ask("get", "referral/").status_code == 401
    assert second.ask("delete", "session/").status_code == 204
    assert second.ask("get", "referral/").status_code == 401
    third = opened(api, case, sent)
    assert third.ask("get", "referral/").status_code == 200
    travel(clock.now() + 9 * HOUR)
    assert third.ask("get", "referral/").status_code == 401


def test_what_waits_too_long_or_is_taken_back_moves_nothing(case, api, sent) -> None:
    link = made(api, case, sent)
    browser = Browser(link["address"])
    browser.open(link["pin"])
    api(case.sender).delete(f"referral-links/{link['id']}/")

    assert browser.move("accept").status_code == 401
    assert Referral.objects.get(pk=sent.id).stage == "sent"
    assert not Grant.objects.filter(source_id=sent.id, revoked_at__isnull=True).exists()


def test_only_the_senders_case_managers_and_clinicians_make_links(case, api, sent) -> None:
    body = {"recipient_name": "Dr. Who"}

    answers = [api(each).post(f"referrals/{sent.id}/links/", body) for each in (case.cast.peer, case.receiver)]

    assert [each.status_code for each in answers] == [403, 404]
    assert not ReferralLink.objects.exists()


def test_a_receiver_with_accounts_needs_no_link(cast, api) -> None:
    case = referrals.case(cast)
    sent = case.sent()

    answer = api(case.sender).post(f"referrals/{sent.id}/links/", {"recipient_name": "Dr. Who"})

    assert (answer.status_code, answer.json()["code"]) == (409, "receiver_has_accounts")


def test_nothing_secret_is_kept(case, api, sent) -> None:
    link = made(api, case, sent)
    token = link["address"].split("#")[1]

    row = ReferralLink.objects.values().get()

    assert token not in str(row)
    assert link["pin"] not in {str(value) for value in row.values()}
    assert not AuditEvent.objects.filter(reason_code__contains=token).exists()


def test_a_drafts_verbs_are_not_the_providers(case, api, sent) -> None:
    """REF-08: the receiver's side never cancels as the sender does, nor says that it was a mistake."""
    browser = opened(api, case, sent)

    answers = [browser.move("enter_in_error", error_reason="duplicate"), browser.move("send")]

    assert [each.status_code for each in answers] == [403, 409]
    assert Referral.objects.get(pk=sent.id).stage == "sent"


def test_the_page_runs_its_own_script_only_and_knows_nobody() -> None:
    page = Client().get("/outside/")
    script, style = (finders.find(f"referrals/outside.{kind}") for kind in ("js", "css"))

    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["Content-Security-Policy"] + ";"
    assert b"<script>" not in page.content
    assert script
    assert style
    assert "innerHTML" not in Path(script).read_text()
