"""Taking a consent back, in full or for one recipient (P2-19)."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.consent.models import Consent, ConsentRevocation
from tests.factories import consent as consents
from tests.factories import people


@pytest.fixture
def given(cast):
    """Return a consent of a client of North that names South and East."""
    return consents.consent(people.client(cast.north), recipients=[cast.south, cast.east])


def test_in_full(cast, api, given) -> None:
    answer = api(cast.case_manager).post(f"consents/{given.id}/revocations/", {"channel": "written", "reason": "x"})

    row = ConsentRevocation.objects.get()
    assert (answer.status_code, answer.json()["status"], answer["ETag"]) == (200, "revoked", '"2"')
    assert answer.json()["revoked_at"] is not None
    assert (row.consent_id, row.recipient_id, row.channel, row.actor_id) == (
        given.id,
        None,
        "written",
        cast.case_manager.id,
    )
    assert AuditEvent.objects.filter(action="consent.revoked", object_id=given.id).count() == 1


def test_for_one_recipient_while_the_rest_stands(cast, api, given) -> None:
    web = api(cast.at_north[Role.PRIVACY_OFFICER])

    answer = web.post(f"consents/{given.id}/revocations/", {"channel": "oral", "recipient": str(cast.south.id)})
    rest = web.post(f"consents/{given.id}/revocations/", {"channel": "written"})

    assert (answer.json()["status"], answer.json()["revoked_for"]) == ("active", [str(cast.south.id)])
    assert rest.json()["status"] == "revoked"
    assert ConsentRevocation.objects.count() == 2


def test_twice_is_a_conflict(cast, api, given) -> None:
    web = api(cast.case_manager)
    for body in ({"channel": "written", "recipient": str(cast.south.id)}, {"channel": "written"}):
        web.post(f"consents/{given.id}/revocations/", body)

        again = web.post(f"consents/{given.id}/revocations/", body)

        assert (again.status_code, again.json()["code"]) == (409, "already_revoked")
    assert ConsentRevocation.objects.count() == 2


def test_a_recipient_that_is_not_covered_cannot_be_taken_back(cast, api, given) -> None:
    elsewhere = people.organization("West")

    answer = api(cast.case_manager).post(
        f"consents/{given.id}/revocations/", {"channel": "written", "recipient": str(elsewhere.id)}
    )

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["recipient"])
    assert ConsentRevocation.objects.count() == 0


def test_a_draft_was_never_in_force(cast, api) -> None:
    draft = Consent.objects.create(client=people.client(cast.north), organization=cast.north, type="tpo")

    answer = api(cast.case_manager).post(f"consents/{draft.id}/revocations/", {"channel": "written"})

    assert (answer.status_code, answer.json()["code"]) == (409, "consent_not_active")


def test_a_stale_screen_revokes_nothing(cast, api, given) -> None:
    answer = api(cast.case_manager).post(f"consents/{given.id}/revocations/", {"channel": "written", "version": 2})

    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
    assert Consent.objects.get(pk=given.id).status == "active"


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_witnesses_do_not_revoke(cast, api, given, role) -> None:
    answer = api(cast.at_north[role]).post(f"consents/{given.id}/revocations/", {"channel": "written"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Consent.objects.get(pk=given.id).status == "active"
