"""SMS-02: what a client is shown before agreeing to texts, word for word, and kept with the yes."""

from __future__ import annotations

import pytest

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from notifications.disclosures import CURRENT, DISCLOSURES, disclosure
from notifications.models import TextingConsentEvent
from tests.factories import episodes, people

MUST_SAY = (
    "CareLine",
    "check-in texts",
    "up to 3 a week",
    "Message and data rates may apply",
    "HELP",
    "STOP",
    "not encrypted",
    "others who see your phone may read",
    "not a condition of any service",
    "do not share your number",
    "https://careline.example/privacy",
    "https://careline.example/texts",
)


def test_staff_read_the_words_of_now_and_the_ledger_keeps_them(cast, api, north) -> None:
    client = people.client(north, phone="+13165550123")
    episodes.episode(client)
    shown = api(cast.peer).get("texting-disclosure/").json()
    told = {"contact_point": str(client.contact_points.get().id), "event": "opt_in", "channel": "verbal"}

    answer = api(cast.case_manager).post("texting-consents/", {**told, "disclosure_version": shown["version"]})

    assert answer.status_code == 201
    assert TextingConsentEvent.objects.get().disclosure_text == shown["text"]
    assert [each for each in MUST_SAY if each not in shown["text"]] == []


def test_an_organization_without_a_name_for_texts_has_none(cast, api, north) -> None:
    Organization.objects.update(sms_alias="")

    answer = api(cast.case_manager).get("texting-disclosure/")

    assert (answer.status_code, answer.json()["code"]) == (422, "sms_alias_missing")


def test_who_does_not_ask_clients_is_refused(cast, api, north) -> None:
    assert api(cast.at_north[Role.INTAKE]).get("texting-disclosure/").status_code == 403


@pytest.mark.parametrize("version", DISCLOSURES)
def test_what_was_signed_before_is_still_known_word_for_word(version: str) -> None:
    text = disclosure(version, alias="CareLine", privacy="P", terms="T")

    assert text is not None
    assert "{" not in text
    assert ("Privacy: P Terms: T" in text) is (version == CURRENT)
