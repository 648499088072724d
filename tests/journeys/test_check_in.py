"""A check-in from plan to answer, through HTTP, the ticks, the carrier and its webhooks; and a STOP (story step 6)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from twilio.request_validator import RequestValidator

from notifications.disclosures import CURRENT
from notifications.gateways import MemoryGateway
from notifications.models import Message
from notifications.services import carrier
from tests.factories import notifications as make

ADA, EVE = "+13165550111", "+13165550122"


@pytest.fixture
def gateway() -> Iterator[MemoryGateway]:
    yield make.fresh_gateway()
    carrier.built.cache_clear()


@pytest.fixture(autouse=True)
def noon(cast, travel) -> None:
    travel(make.NOON)
    cast.north.phone, cast.north.email = "+13165550199", "help@careline.example"
    cast.north.save(update_fields=["phone", "email"])


def ticks() -> str:
    told = io.StringIO()
    call_command("drain_once", stdout=told)
    return told.getvalue()


def webhook(path: str, **form: str) -> int:
    signature = RequestValidator("12345").compute_signature(f"https://testserver{path}", form)
    headers = {"X-Twilio-Signature": signature}
    kind = "application/x-www-form-urlencoded"
    return Browser().post(path, urlencode(form), content_type=kind, headers=headers).status_code


_sids = iter(range(1, 1000))


def phone_says(number: str, body: str) -> int:
    sid = f"SM{next(_sids):032x}"
    return webhook("/webhooks/sms/inbound/", MessageSid=sid, From=number, To=make.OUR_NUMBER, Body=body)


def person(web: Any, name: str, number: str) -> dict[str, Any]:
    """A client of North in an open episode who agreed to texts, all through the API."""
    client = web.post(
        "clients/",
        {"given_name": name, "family_name": "Example", "phone": number, "timezone": "America/Chicago"},
    ).json()
    episode = web.post("episodes/", {"client": client["id"], "source": "self", "reason": "asked for help"}).json()
    point = client["contact_points"][0]["id"]
    yes = {"contact_point": point, "event": "opt_in", "channel": "paper", "disclosure_version": CURRENT}
    assert web.post("texting-consents/", yes).status_code == 201
    ticks()
    assert phone_says(number, "YES") == 200
    ticks()
    return {"client": client["id"], "episode": episode["id"]}


def plan_for(web: Any, someone: dict[str, Any]) -> str:
    wanted = {"episode": someone["episode"], "times": ["12:30"], "weekdays": [2]}
    return str(web.post("check-in-plans/", wanted).json()["id"])


def test_a_client_is_asked_at_noon_and_asks_to_be_called(cast, api, gateway, travel) -> None:
    web = api(cast.case_manager)
    ada = person(web, "Ada", ADA)
    plan = plan_for(web, ada)
    before = len(gateway.sent)

    ticks()
    assert len(gateway.sent) == before

    travel(make.NOON + timedelta(minutes=30))
    assert "send: 1" in ticks()
    text = gateway.sent[-1]
    assert (text.to, text.body[:31]) == (ADA, "CareLine: How are you today? Re")

    sid = gateway.accepted[-1].receipt.provider_id
    callback = text.status_callback.removeprefix("https://testserver")
    assert webhook(callback, MessageSid=sid, MessageStatus="delivered") == 200
    assert phone_says(ADA, "3") == 200
    ticks()

    (check_in,) = web.get(f"check-ins/?plan={plan}&status=answered").json()["results"]
    (item,) = web.get(f"work-items/?client={ada['client']}&kind=reply_call_me").json()["results"]
    (message,) = web.get(f"messages/?check_in={check_in['id']}").json()["results"]
    assert (check_in["answer"], message["status"]) == (3, "delivered")
    assert (item["kind"], item["text"], item["role"]) == (
        "reply_call_me",
        "A client asks to be called.",
        "case_manager",
    )
    assert web.get(f"inbound-texts/{item['source_id']}/").json()["body"] == "3"


def test_a_stop_ends_the_text_that_is_already_due(cast, api, gateway, travel) -> None:
    web = api(cast.case_manager)
    eve = person(web, "Eve", EVE)
    plan_for(web, eve)
    ticks()
    travel(make.NOON + timedelta(minutes=31))
    due = Message.objects.get(kind="check_in")
    before = len(gateway.sent)

    assert phone_says(EVE, "Stop") == 200
    ticks()

    due.refresh_from_db()
    assert (due.status, due.reason, len(gateway.sent)) == ("cancelled", "sms_opted_out", before)
    assert [each["state"] for each in web.get(f"texting-consents/?client={eve['client']}").json()["results"]] == [
        "opted_out"
    ]
    kinds = [each["kind"] for each in web.get(f"work-items/?client={eve['client']}").json()["results"]]
    assert [kind for kind in kinds if kind.startswith(("texting", "reply", "message"))] == ["texting_opted_out"]


def test_an_outsider_sees_none_of_it(cast, api, gateway) -> None:
    web = api(cast.case_manager)
    ada = person(web, "Ada", ADA)
    plan = plan_for(web, ada)
    outside = api(cast.outsider)

    hidden, absent = outside.get(f"check-in-plans/{plan}/"), outside.get(f"check-in-plans/{ada['episode']}/")

    assert (hidden.status_code, hidden.content) == (404, absent.content)
    for path in ("check-in-plans/", "check-ins/", "messages/", "inbound-texts/", "texting-consents/"):
        assert outside.get(f"{path}?client={ada['client']}").json()["results"] == []
