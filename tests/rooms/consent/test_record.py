"""Recording, mending and activating consents over HTTP."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.consent.models import Consent
from tests.factories import consent as consents
from tests.factories import people


def test_a_whole_consent_is_in_force_at_once_and_reads_back_as_written(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)

    made = web.post("consents/", consents.request(client, cast.south))
    read = web.get(f"consents/{made.json()['id']}/")

    assert made.status_code == 201
    assert (read.status_code, read["ETag"], read.json()) == (200, '"1"', made.json())
    assert read.json()["status"] == "active"
    assert read.json()["recipient_ids"] == [str(cast.south.id)]
    assert set(AuditEvent.objects.filter(action__startswith="consent").values_list("action", flat=True)) == {
        "consent.recorded",
        "consent.activated",
        "consent.read",
    }


def test_a_deficient_consent_is_refused_with_all_it_lacks_and_nothing_is_recorded(cast, api) -> None:
    client = people.client(cast.north)
    body = consents.request(client, cast.south, purposes=[], signer_name="")

    answer = api(cast.case_manager).post("consents/", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_missing_purpose")
    assert [each["code"] for each in answer.json()["missing"]] == ["consent_missing_purpose", "consent_unsigned"]
    assert Consent.objects.count() == 0


def test_a_recipient_under_hipaa_asks_for_its_statement(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)
    neither = people.organization("Peers", hipaa_status="neither")
    without = {"hipaa_redisclosure_statement_included": False}

    refused = web.post("consents/", consents.request(client, cast.south, **without))
    allowed = web.post("consents/", consents.request(client, neither, **without))

    assert refused.json()["code"] == "consent_missing_hipaa_redisclosure_statement"
    assert allowed.status_code == 201


def test_a_draft_is_mended_and_then_activated(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)
    draft = web.post("consents/", consents.request(client, cast.south, activate=False, purposes=[])).json()

    refused = web.post(f"consents/{draft['id']}/activations/")
    mended = web.patch(f"consents/{draft['id']}/", {"purposes": ["treatment"]}, If_Match='"1"')
    activated = web.post(f"consents/{draft['id']}/activations/", {"version": 2})

    assert draft["status"] == "draft"
    assert (refused.status_code, refused.json()["code"]) == (422, "consent_missing_purpose")
    assert (mended.status_code, mended.json()["purposes"]) == (200, ["treatment"])
    assert (activated.status_code, activated.json()["status"], activated["ETag"]) == (200, "active", '"3"')


def test_a_signed_consent_is_edited_no_more(cast, api) -> None:
    client = people.client(cast.north)
    signed = consents.consent(client, recipients=[cast.south])
    web = api(cast.case_manager)

    edited = web.patch(f"consents/{signed.id}/", {"purposes": ["payment"]}, If_Match='"1"')
    again = web.post(f"consents/{signed.id}/activations/")

    assert (edited.status_code, edited.json()["code"]) == (409, "consent_not_draft")
    assert (again.status_code, again.json()["code"]) == (409, "consent_not_draft")
    assert Consent.objects.get(pk=signed.id).purposes == ["treatment"]


def test_a_consent_that_has_expired_cannot_be_put_in_force(cast, api) -> None:
    client = people.client(cast.north)

    answer = api(cast.case_manager).post(
        "consents/", consents.request(client, cast.south, expires_at="2020-01-01T00:00:00Z")
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_expired")


def test_a_recipient_must_be_known(cast, api) -> None:
    client = people.client(cast.north)
    body = consents.request(client) | {"recipient_ids": ["00000000-0000-7000-8000-000000000000"]}

    answer = api(cast.case_manager).post("consents/", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["recipient_ids"])
    assert Consent.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.INTAKE)])
def test_who_may_capture_is_as_table_1_9_says(cast, api, role) -> None:
    client = people.client(cast.north)
    may = role in (Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PRIVACY_OFFICER)

    answer = api(cast.at_north[role]).post("consents/", consents.request(client, cast.south))

    assert answer.status_code == (201 if may else 403)
    assert Consent.objects.count() == int(may)


def test_outsiders_and_recipients_see_no_consent(cast, api) -> None:
    client = people.client(cast.north)
    hidden = consents.consent(client, recipients=[cast.south])

    for actor in (cast.outsider, cast.at_south[Role.CASE_MANAGER], cast.at_north[Role.ADMIN]):
        web = api(actor)
        unknown = web.get("consents/00000000-0000-7000-8000-000000000000/")
        answers = [
            web.get(f"consents/{hidden.id}/"),
            web.patch(f"consents/{hidden.id}/", {"discloser": "X"}, If_Match='"1"'),
            web.post(f"consents/{hidden.id}/activations/"),
            web.post(f"consents/{hidden.id}/revocations/", {"channel": "written"}),
            web.post("consents/", consents.request(client, cast.south)),
        ]

        assert {(answer.status_code, answer.content) for answer in answers} == {(404, unknown.content)}
        assert web.get(f"consents/?client={client.id}").json()["results"] == []
    assert Consent.objects.get().status == "active"


def test_a_list_is_of_one_client_newest_first(cast, api) -> None:
    client, other = people.client(cast.north), people.client(cast.north, phone=None)
    made = [consents.consent(client, recipients=[cast.south]) for _ in range(3)]
    consents.consent(other, recipients=[cast.south])
    web = api(cast.case_manager)

    listed = web.get(f"consents/?client={client.id}&limit=2").json()
    rest = web.get(f"consents/?client={client.id}&limit=2&cursor={listed['next']}").json()

    assert [row["id"] for row in listed["results"] + rest["results"]] == [str(each.id) for each in reversed(made)]
    assert web.get("consents/").status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"type": "everything"},
        {"recipient_ids": "x"},
        {"purposes": ["fun"]},
        {"info_categories": [{}]},
        {"signed_at": "yesterday"},
        {"unknown": 1},
        {"client": "Ada"},
    ],
)
def test_nonsense_is_a_400(cast, api, change) -> None:
    client = people.client(cast.north)

    answer = api(cast.case_manager).post("consents/", consents.request(client, cast.south) | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("role", list(Role))
def test_consents_are_read_by_who_captures_or_revokes_them(cast, api, role) -> None:
    """Table 1.9: peers and houses witness, and read none."""
    client = people.client(cast.north)
    kept = consents.consent(client, recipients=[cast.south])
    web = api(cast.at_north[role])

    listed, read = (
        web.get(f"consents/?client={client.id}").json().get("results", []),
        web.get(f"consents/{kept.id}/").status_code,
    )

    reads = role in (Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PRIVACY_OFFICER)
    assert (len(listed), read) == ((1, 200) if reads else (0, 404))
