"""R10: a phone of the operators goes the whole way of a client's text, and they hear when it does not arrive."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.management.ticks import watch_parts
from casemgmt.settings import environment
from notifications.models import CheckIn, CheckInPlan, Message, SilenceStep
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from notifications.services.silences import watch_silences
from tests.factories import notifications as make

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PHONE = "+13125550142"


def trace(**change: str) -> UUID:
    """Make a tracer of a phone in Chicago, checked in with at one o'clock on even weekdays; return its client."""
    given = {"timezone": "America/Chicago", "state": "il", "at": "13:00", "days": "even", "alias": "CareLine"}
    printed = StringIO()
    number = change.pop("number", PHONE)
    asked = {**given, "phone": "+13125550190", **change}
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    call_command("tracer", number, *options, stdout=printed, stderr=StringIO())
    return UUID(printed.getvalue().strip())


@pytest.fixture
def tracer(settings, gateway) -> UUID:
    """A tracer that agreed from its phone, on Tuesday at noon; checked in with at one."""
    settings.OPERATORS_EMAIL = ["ops@careline.example"]
    client_id = trace()
    settings.TRACER_CLIENTS = [client_id]
    drain(gateway=gateway)
    make.arrives(PHONE, "YES")
    process_inbox()
    drain(gateway=gateway)
    return client_id


def subjects() -> list[str]:
    return [letter.subject for letter in mail.outbox]


def at_one(travel, gateway, *, later: timedelta = timedelta()) -> None:
    travel(make.NOON + 60 * MINUTE + later)
    materialize()
    drain(gateway=gateway)


def test_it_is_a_client_of_an_organization_without_staff(tracer) -> None:
    client = Client.objects.get(pk=tracer)

    assert (client.organization.name, client.organization.memberships.count()) == ("Tracer", 0)
    assert list(CheckInPlan.objects.values_list("client_id", "weekdays")) == [(tracer, [2, 4, 6])]


def test_what_arrives_is_told_of_to_nobody(tracer, gateway, travel) -> None:
    at_one(travel, gateway)
    text = gateway.sent[-1]
    Message.objects.filter(kind="check_in").update(status="delivered")
    travel(make.NOON + 76 * MINUTE)

    assert (text.to, len(gateway.sent), watch_parts(), subjects()) == (PHONE, 3, 0, [])


@pytest.mark.parametrize("status", ["pending", "sent"])
def test_what_did_not_arrive_within_a_quarter_of_an_hour_is_told_of_until_it_did(
    tracer, gateway, travel, status
) -> None:
    at_one(travel, gateway)
    Message.objects.filter(kind="check_in").update(status=status)

    travel(make.NOON + 75 * MINUTE)
    early = watch_parts()
    travel(make.NOON + 75 * MINUTE + timedelta(seconds=1))
    told = [watch_parts(), watch_parts()]
    Message.objects.filter(kind="check_in").update(status="delivered")

    assert (early, told, watch_parts()) == (0, [1, 0], 1)
    assert subjects() == ["casemgmt stands still: tracer:1", "casemgmt works again: tracer:1"]
    assert PHONE not in mail.outbox[0].body


def test_an_answer_is_proof_enough(tracer, gateway, travel) -> None:
    at_one(travel, gateway)
    make.arrives(PHONE, "1")
    process_inbox()
    travel(make.NOON + 80 * MINUTE)

    assert watch_parts() == 0


def test_plans_that_stand_still_are_told_of(tracer, travel) -> None:
    CheckIn.objects.all().delete()
    travel(make.NOON + 8 * DAY - MINUTE)
    early = watch_parts()
    travel(make.NOON + 8 * DAY + MINUTE)

    assert (early, watch_parts()) == (0, 1)


def test_its_silence_is_nobodys_work(tracer, gateway, travel) -> None:
    at_one(travel, gateway)
    travel(make.NOON + 3 * DAY)
    materialize()
    assert CheckIn.objects.filter(status="missed").count() == 1

    assert (watch_silences(), SilenceStep.objects.count()) == (0, 0)


@pytest.mark.parametrize(("number", "why"), [("12", "not a phone"), ("+13165550100", "has this number already")])
def test_a_number_of_a_client_is_refused(number: str, why: str) -> None:
    make.texted(make.organization())
    before = Client.objects.count()

    with pytest.raises(CommandError, match=why):
        trace(number=number)

    assert (Client.objects.count(), Organization.objects.filter(name="Tracer").count()) == (before, 0)


def test_what_cannot_be_made_leaves_nothing() -> None:
    with pytest.raises(CommandError, match="zone"):
        trace(timezone="Mars/Olympus")

    assert Organization.objects.count() == 0


def test_ids_that_are_none_are_refused(monkeypatch) -> None:
    monkeypatch.setenv("TRACER_CLIENTS", "tracer")

    with pytest.raises(ImproperlyConfigured, match="TRACER_CLIENTS"):
        environment.ids("TRACER_CLIENTS")
