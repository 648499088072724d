"""Emergencies: medical personnel only, no consent needed, four facts, told and judged (P2-60 to P2-62, P2-50)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.consent.notices import DO_NOT_REDISCLOSE, STATEMENTS
from casemgmt.consent.packets import packet_hash
from casemgmt.disclosures.clockwork import pass_time
from casemgmt.disclosures.models import EmergencyContent, EmergencyDisclosure
from casemgmt.disclosures.words import MEDICAL, RecipientKind
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from tests.factories import consent as consents
from tests.factories import people

AT_ONCE = {"recipient_kind": "ambulance", "categories": ["identity"]}


@pytest.fixture
def client(cast):
    """A client of North."""
    return people.client(cast.north)


def tell(web, client, **changes):
    return web.post(f"clients/{client.id}/emergency-disclosures/", consents.EMERGENCY | changes)


def open_items() -> list[tuple[str, str]]:
    return sorted(WorkItem.objects.open().values_list("kind", "role"))


def test_it_needs_no_consent_and_is_in_the_ledger_with_the_notice_at_once(cast, api, client) -> None:
    """P2-60, P2-55, P2-30: in one transaction."""
    answer = tell(api(cast.case_manager), client)

    assert answer.status_code == 201
    row, kept = Disclosure.objects.get(), EmergencyContent.objects.get()
    packet = answer.json()["content"]["packet"]
    assert (row.basis, row.consent_id, row.method) == ("emergency_2_51", None, "oral")
    assert (row.artifact, row.redisclosure_basis, row.notice_statement) == ("emergency_content", "none", 1)
    assert row.recipient_name == "Dr. Rosa Lind, St. Mary's Emergency Department"
    assert sorted(row.categories) == ["identity", "medications"] == sorted(packet["sections"])
    assert packet["sections"]["medications"] == "Methadone 80 mg daily"
    assert packet["notice"]["text"] == STATEMENTS[1]
    assert kept.packet == packet
    assert row.packet_sha256 == kept.packet_sha256 == packet_hash(packet)
    assert AuditEvent.objects.filter(action="disclosure.made", client_ids=[client.id]).count() == 1


def test_it_works_while_every_consent_is_taken_back(cast, api, client) -> None:
    given = consents.consent(client, recipients=[cast.south])
    web = api(cast.case_manager)
    web.post(f"consents/{given.id}/revocations/", {"channel": "written"})

    answer = tell(web, client)

    assert (answer.status_code, Consent.objects.get().status) == (201, "revoked")
    assert Disclosure.objects.count() == 1


@pytest.mark.parametrize("kind", [kind for kind in RecipientKind if kind not in MEDICAL])
def test_nobody_but_medical_personnel_is_told(cast, api, client, kind) -> None:
    """P2-60: family, police, employer, landlord, house manager, dispatch."""
    answer = tell(api(cast.case_manager), client, recipient_kind=kind.value)

    assert (answer.status_code, answer.json()["code"]) == (422, "not_medical_personnel")
    assert (Disclosure.objects.count(), EmergencyDisclosure.objects.count(), open_items()) == (0, 0, [])


@pytest.mark.parametrize("kind", sorted(MEDICAL))
def test_medical_personnel_are(cast, api, client, kind) -> None:
    assert tell(api(cast.case_manager), client, recipient_kind=kind).status_code == 201


def test_only_what_was_chosen_is_told(cast, api, client) -> None:
    """P2-60: only to the extent necessary."""
    web = api(cast.case_manager)

    narrow = web.post(f"clients/{client.id}/emergency-disclosures/", AT_ONCE).json()
    beside = tell(web, client, categories=["identity"])
    nothing = tell(web, client, categories=["diagnosis"], told={})
    notes = tell(web, client, categories=["counseling_notes"], told={"counseling_notes": "x"})

    assert list(narrow["content"]["packet"]["sections"]) == ["identity"]
    assert (beside.status_code, list(beside.json()["fields"])) == (400, ["told"])
    assert (nothing.status_code, nothing.json()["code"]) == (422, "packet_empty")
    assert (notes.status_code, notes.json()["code"]) == (422, "counseling_notes_not_covered")
    assert Disclosure.objects.count() == 1


def test_what_nothing_is_known_of_is_left_out(cast, api) -> None:
    unreached = people.client(cast.north, phone=None)

    answer = tell(api(cast.case_manager), unreached, categories=["identity", "contact"], told={})

    assert list(answer.json()["content"]["packet"]["sections"]) == ["identity"]


def test_houses_and_peers_tell_what_they_know_and_read_no_birth_date_by_it(cast, api, client) -> None:
    """P2-41."""
    body = AT_ONCE | {"categories": ["identity", "contact"]}

    answer = api(cast.at_north[Role.HOUSE_MANAGER]).post(f"clients/{client.id}/emergency-disclosures/", body)

    assert answer.json()["content"]["packet"]["sections"] == {
        "identity": {"given_name": "Ada", "family_name": "Example"}
    }


@pytest.mark.parametrize("fact", ["personnel_name", "facility", "discloser_name", "disclosed_at", "nature"])
def test_it_is_not_closed_without_each_of_its_facts(cast, api, client, fact) -> None:
    """P2-61: personnel and facility, discloser, date and time, nature."""
    web = api(cast.case_manager)
    body = {name: value for name, value in consents.EMERGENCY.items() if name != fact}
    made = web.post(f"clients/{client.id}/emergency-disclosures/", body).json()["emergency"]

    refused = web.post(f"emergency-disclosures/{made['id']}/close/")
    web.patch(f"emergency-disclosures/{made['id']}/", {fact: consents.EMERGENCY[fact]}, If_Match='"1"')
    closed = web.post(f"emergency-disclosures/{made['id']}/close/")

    assert (refused.status_code, refused.json()["code"]) == (422, "emergency_facts_missing")
    assert refused.json()["missing"] == [fact]
    assert closed.status_code == 200
    assert closed.json()["closed_at"] is not None


def test_a_blank_is_no_fact_for_postgresql_either(cast, api, client) -> None:
    """P2-61."""
    made = api(cast.case_manager).post(f"clients/{client.id}/emergency-disclosures/", AT_ONCE).json()["emergency"]

    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyDisclosure.objects.filter(pk=made["id"]).update(closed_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyDisclosure.objects.filter(pk=made["id"]).update(recipient_kind="police")

    assert EmergencyDisclosure.objects.get().closed_at is None


def test_a_closed_record_stays_as_it_is(cast, api, client) -> None:
    web = api(cast.case_manager)
    made = tell(web, client).json()["emergency"]
    web.post(f"emergency-disclosures/{made['id']}/close/")

    edited = web.patch(f"emergency-disclosures/{made['id']}/", {"nature": "Other"}, If_Match='"2"')
    again = web.post(f"emergency-disclosures/{made['id']}/close/")

    assert (edited.status_code, edited.json()["code"]) == (409, "already_closed")
    assert again.json()["code"] == "already_closed"
    for change in ("UPDATE", "DELETE"):
        rows = EmergencyDisclosure.objects.filter(pk=made["id"])
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(nature="Other") if change == "UPDATE" else rows.delete()
    assert EmergencyDisclosure.objects.get().nature == consents.EMERGENCY["nature"]


def test_times_to_come_are_none(cast, api, client) -> None:
    later = (clock.now() + timedelta(minutes=5)).isoformat()

    answer = tell(api(cast.case_manager), client, disclosed_at=later)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["disclosed_at"])
    assert Disclosure.objects.count() == 0


def test_the_privacy_officer_is_told_at_once_and_again_when_facts_are_late(cast, api, client, travel) -> None:
    """P2-61: after an hour, and an hour later the supervisors; each once."""
    api(cast.case_manager).post(f"clients/{client.id}/emergency-disclosures/", AT_ONCE)
    at_once = open_items()
    told = [pass_time()]

    travel(clock.now() + timedelta(minutes=61))
    told += [pass_time(), pass_time()]
    after_an_hour = open_items()
    travel(clock.now() + timedelta(minutes=61))
    told += [pass_time(), pass_time()]

    assert at_once == [("emergency_facts", "case_manager"), ("emergency_told", "privacy_officer")]
    assert after_an_hour == sorted([*at_once, ("emergency_overdue", "privacy_officer")])
    assert open_items() == sorted([*after_an_hour, ("emergency_still_overdue", "supervisor")])
    assert told == [0, 1, 0, 1, 0]
    assert WorkItem.objects.get(kind="emergency_facts").assignee_id == cast.case_manager.id


def test_once_closed_it_is_judged_by_somebody_else(cast, api, client) -> None:
    officer = api(cast.at_north[Role.PRIVACY_OFFICER])
    own = tell(officer, client).json()["emergency"]["id"]
    made = tell(api(cast.case_manager), client).json()["emergency"]["id"]

    early = officer.post(f"emergency-disclosures/{made}/review/", {"outcome": "appropriate"})
    for each in (own, made):
        officer.post(f"emergency-disclosures/{each}/close/")
    waiting = open_items()
    by_who_told = officer.post(f"emergency-disclosures/{own}/review/", {"outcome": "appropriate"})
    bare = officer.post(f"emergency-disclosures/{made}/review/", {"outcome": "inappropriate"})
    judged = officer.post(f"emergency-disclosures/{made}/review/", {"outcome": "needs_followup", "remark": "Call."})
    again = officer.post(f"emergency-disclosures/{made}/review/", {"outcome": "appropriate"})
    manager = api(cast.case_manager).post(f"emergency-disclosures/{own}/review/", {"outcome": "appropriate"})

    assert early.json()["code"] == "not_closed"
    assert waiting == [("emergency_review", "privacy_officer")] * 2
    assert (by_who_told.status_code, manager.status_code) == (403, 403)
    assert list(bare.json()["fields"]) == ["remark"]
    assert (judged.status_code, judged.json()["outcome"]) == (200, "needs_followup")
    assert again.json()["code"] == "already_reviewed"
    assert open_items() == [("emergency_review", "privacy_officer")]


def test_a_restriction_is_overridden_and_the_provider_is_asked_not_to_pass_it_on(cast, api, client) -> None:
    """P2-50, §2.26(a)(4)."""
    consents.restricted(client, categories=["medications"])
    consents.restricted(client, categories=["identity"], recipient_id=cast.south.id)
    web = api(cast.case_manager)

    made = tell(web, client)
    free = web.post(f"clients/{client.id}/emergency-disclosures/", AT_ONCE).json()
    told, packet = made.json()["emergency"], made.json()["content"]["packet"]
    refused = web.post(f"emergency-disclosures/{told['id']}/close/")
    asked = {"redisclosure_request_at": consents.EMERGENCY["disclosed_at"]}
    web.patch(f"emergency-disclosures/{told['id']}/", asked, If_Match='"1"')
    closed = web.post(f"emergency-disclosures/{told['id']}/close/")

    assert (told["restriction_overridden"], packet["do_not_redisclose"]) == (True, DO_NOT_REDISCLOSE)
    assert refused.json()["missing"] == ["redisclosure_request_at"]
    assert closed.status_code == 200
    assert free["emergency"]["restriction_overridden"] is False
    assert "do_not_redisclose" not in free["content"]["packet"]


def test_the_script_identifies_nobody_and_is_read_by_everybody(cast, api) -> None:
    """P2-62."""
    for role in Role:
        told = api(cast.at_north[role]).get("emergency-disclosures/script/")

        assert told.status_code == 200
        assert "neither confirm nor deny" in told.json()["say"][0]
        assert len(told.json()["besides"]) == 3


def test_outsiders_tell_and_read_nothing(cast, api, client) -> None:
    made = tell(api(cast.case_manager), client).json()["emergency"]["id"]

    for actor in (cast.outsider, cast.at_south[Role.PRIVACY_OFFICER]):
        web = api(actor)
        answers = [
            tell(web, client),
            web.get(f"emergency-disclosures/{made}/"),
            web.get(f"emergency-disclosures/{made}/content/"),
            web.post(f"emergency-disclosures/{made}/close/"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert web.get("emergency-disclosures/").json()["results"] == []
    assert Disclosure.objects.count() == 1


def test_the_list_takes_a_fixed_number_of_queries(cast, api, client, django_assert_num_queries) -> None:
    web = api(cast.at_north[Role.PRIVACY_OFFICER])
    for count in (1, 3):
        tell(api(cast.case_manager), client)
        with django_assert_num_queries(7):  # login, savepoint, who acts, rows, audit row, who acted, release
            assert len(web.get("emergency-disclosures/?closed=false").json()["results"]) == min(count, 2)
