"""Nobody is paged for a client who has died; a text from their phone is somebody else's (T17, MSR-05, SMS-62)."""

from __future__ import annotations

import pytest

from casemgmt.clients.models import Client
from casemgmt.clients.services import record_death
from casemgmt.kernel import clock
from casemgmt.measures.models import Response
from casemgmt.safety.models import AlertPage, RiskAlert
from casemgmt.safety.words import Source
from tests.factories import alerts, people, told

WORRYING = {**told.CALM, "9": 2}


@pytest.fixture
def died(cast) -> Client:
    """A client of North who has died."""
    client = people.client(cast.north)
    record_death(client_id=client.id, died_on=None, actor=cast.therapist)
    return client


def screener(client: Client, **more: str) -> dict[str, object]:
    return {"client": str(client.id), "instrument": "phq9", "items": WORRYING, "mode": "in_person", **more}


def test_who_has_died_is_not_screened(cast, api, died) -> None:
    """T17: what is said to be answered now was not."""
    answer = api(cast.therapist).post("measures/responses/", screener(died))

    assert (answer.status_code, answer.json()["code"]) == (422, "client_deceased")
    assert (Response.objects.count(), RiskAlert.objects.count()) == (0, 0)


def test_what_was_answered_before_is_kept_and_pages_nobody(cast, api, died) -> None:
    """T17, MSR-05: told late."""
    before = screener(died, completed_at=f"{clock.now():%Y-%m-%d}T00:00:00Z")

    answer = api(cast.therapist).post("measures/responses/", before)

    assert answer.status_code == 201, answer.content
    assert (Response.objects.count(), RiskAlert.objects.count(), AlertPage.objects.count()) == (1, 0, 0)


def test_nobody_worries_by_hand_about_the_dead(cast, api, died) -> None:
    """T17."""
    worry = {"client": str(died.id), "severity": "high", "what": "concern"}

    answer = api(cast.therapist).post("alerts/", worry)

    assert (answer.status_code, answer.json()["code"]) == (422, "client_deceased")
    assert RiskAlert.objects.count() == 0


def test_a_crisis_told_from_their_phone_reaches_somebody(cast, died) -> None:
    """SMS-62: whoever holds the phone now is alive."""
    alert = alerts.alert(died, cast.north, source=Source.TEXT)

    assert alert.pages.exists()
