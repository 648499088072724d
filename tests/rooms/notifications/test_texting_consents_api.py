"""Writing down what clients say about texts: a yes is confirmed from the phone, a no is final at once."""

from __future__ import annotations

import pytest

from casemgmt.worklist.models import WorkItem
from notifications.disclosures import CURRENT
from notifications.models import Message, TextingConsent, TextingConsentEvent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import episodes, people
from tests.factories import notifications as make


@pytest.fixture
def eve(north):
    """A client of North whom nobody asked yet."""
    client = people.client(north, phone="+13165550123")
    episodes.episode(client)
    return client.contact_points.get()


def yes(point, **fields: str) -> dict[str, str]:
    return {
        "contact_point": str(point.id),
        "event": "opt_in",
        "channel": "paper",
        "disclosure_version": CURRENT,
        **fields,
    }


def no(point, **fields: str) -> dict[str, str]:
    return {"contact_point": str(point.id), "event": "opt_out", "channel": "phone_call", **fields}


def test_a_yes_is_asked_for_once_more_from_the_phone(cast, api, eve, gateway) -> None:
    answer = api(cast.case_manager).post("texting-consents/", yes(eve, evidence="folder 12"))
    drain(gateway=gateway)

    event = TextingConsentEvent.objects.get()
    assert (answer.status_code, answer.json()["state_after"]) == (201, "pending")
    assert event.disclosure_text.startswith("CareLine would like to send you")
    assert (event.alias, event.evidence, event.actor_id) == ("CareLine", "folder 12", cast.case_manager.id)
    assert [text.body[:19] for text in gateway.sent] == ["CareLine: Reply YES"]

    make.arrives(eve.value, "Yes!")
    process_inbox()
    drain(gateway=gateway)
    assert TextingConsent.objects.get().state == "opted_in"
    assert [text.body[:29] for text in gateway.sent[1:]] == ["CareLine: You're signed up fo"]


def test_until_the_phone_says_yes_no_check_in_goes(cast, api, eve, gateway) -> None:
    api(cast.case_manager).post("texting-consents/", yes(eve))
    waiting = make.Texted(eve.client, eve.client.episodes.get(), eve, TextingConsent.objects.get())
    message = make.message(waiting)

    drain(gateway=gateway)

    message.refresh_from_db()
    assert message.reason == "sms_no_consent"


def test_saying_yes_twice_asks_the_phone_once(cast, api, eve, gateway) -> None:
    web = api(cast.case_manager)
    web.post("texting-consents/", yes(eve))
    drain(gateway=gateway)

    web.post("texting-consents/", yes(eve))
    drain(gateway=gateway)

    assert len(gateway.sent) == 1
    assert set(Message.objects.values_list("status", "reason")) == {
        ("sent", ""),
        ("cancelled", "sms_opt_in_already_requested"),
    }


def test_a_no_told_to_anybody_on_the_team_counts_at_once(cast, api, ada, gateway) -> None:
    message = make.message(ada)

    answer = api(cast.peer).post("texting-consents/", no(ada.point))

    message.refresh_from_db()
    assert (answer.status_code, answer.json()["state_after"]) == (201, "opted_out")
    assert (message.status, message.reason) == ("cancelled", "sms_opted_out")


def test_a_yes_is_taken_by_case_managers_and_clinicians(cast, api, eve) -> None:
    answer = api(cast.peer).post("texting-consents/", yes(eve))

    assert (answer.status_code, TextingConsent.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"disclosure_version": "1999"}, 400, "invalid"),
        ({"channel": "inbound_sms"}, 400, "invalid"),
        ({"event": "re_opt_in"}, 400, "invalid"),
        ({"surprise": "1"}, 400, "invalid"),
    ],
)
def test_a_yes_without_what_the_law_asks_for_is_refused(cast, api, eve, change, status, code) -> None:
    answer = api(cast.case_manager).post("texting-consents/", yes(eve, **change))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert TextingConsent.objects.count() == 0


def test_a_yes_names_what_the_client_was_shown(cast, api, eve) -> None:
    body = {name: value for name, value in yes(eve).items() if name != "disclosure_version"}

    answer = api(cast.case_manager).post("texting-consents/", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["disclosure_version"])


def test_who_stopped_by_text_starts_by_text(cast, api, ada) -> None:
    make.arrives(ada.number, "STOP")
    process_inbox()

    answer = api(cast.case_manager).post("texting-consents/", yes(ada.point))

    assert (answer.status_code, answer.json()["code"]) == (422, "sms_needs_start")


def test_who_stopped_by_phone_may_agree_again_on_paper(cast, api, ada) -> None:
    web = api(cast.case_manager)
    web.post("texting-consents/", no(ada.point))

    answer = web.post("texting-consents/", yes(ada.point))

    assert (answer.status_code, answer.json()["state_after"]) == (201, "pending")


def test_without_an_open_episode_nobody_is_asked(cast, api, north) -> None:
    point = people.client(north, phone="+13165550123").contact_points.get()

    answer = api(cast.case_manager).post("texting-consents/", yes(point))

    assert (answer.status_code, answer.json()["code"]) == (422, "episode_not_open")
    assert (TextingConsent.objects.count(), Message.objects.count()) == (0, 0)


def test_a_request_that_could_not_be_sent_is_work_for_a_person(cast, api, eve, gateway) -> None:
    api(cast.case_manager).post("texting-consents/", yes(eve))
    eve.client.__class__.objects.update(timezone="", residence_state="")
    eve.__class__.objects.update(value="+18005550123")

    drain(gateway=gateway)

    assert (Message.objects.get().reason, WorkItem.objects.get().kind) == ("sms_timezone_unknown", "message_failed")


def test_a_client_who_agreed_is_not_asked_again(cast, api, ada) -> None:
    answer = api(cast.case_manager).post("texting-consents/", yes(ada.point))

    assert (answer.status_code, answer.json()["code"]) == (409, "sms_already_opted_in")


def test_an_outsider_learns_nothing(cast, api, ada) -> None:
    web = api(cast.outsider)

    assert (
        web.post("texting-consents/", no(ada.point)).json()
        == web.post("texting-consents/", no(ada.point, contact_point="00000000-0000-7000-8000-000000000000")).json()
    )
    assert web.get("texting-consents/").json()["results"] == []
    assert web.get(f"texting-consents/{ada.consent.id}/events/").status_code == 404
    assert TextingConsent.objects.get().state == "opted_in"


def test_the_ledger_is_read_newest_first(cast, api, ada) -> None:
    rows = api(cast.peer).get(f"texting-consents/{ada.consent.id}/events/").json()["results"]

    assert [row["event"] for row in rows] == ["confirm", "opt_in"]
