"""Spoken disclosures: judged like any other, incomplete until the statement was given (P2-30 to P2-32, P2-22)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from casemgmt.accounts.models import HipaaStatus
from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Disclosure
from casemgmt.consent.notices import LABELS, STATEMENTS
from casemgmt.disclosures.models import OralDisclosure
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from programs.rules.kinds import Kind
from tests.factories import consent as consents
from tests.factories import people, programs

STOCK = {
    "type": "tpo",
    "recipient_classes": ("treating_provider", "health_plan", "third_party_payer", "program_operations"),
    "purposes": ("treatment", "payment", "operations"),
    "redisclosure_statement_included": True,
    "refusal_consequences_included": True,
}


@pytest.fixture
def client(cast):
    """A client of North who lets South know."""
    made = people.client(cast.north)
    consents.consent(made, recipients=[cast.south])
    return made


@pytest.fixture
def web(cast, api):
    """North's case manager."""
    return api(cast.case_manager)


def say(web, client, recipient, **changes):
    return web.post(f"clients/{client.id}/oral-disclosures/", consents.spoken(recipient, **changes))


def owed() -> list[tuple[str, object]]:
    return list(WorkItem.objects.open().filter(kind="statement_owed").values_list("role", "assignee_id"))


def test_it_stays_incomplete_until_the_statement_was_given(cast, web, client) -> None:
    """P2-32: and who spoke has it on the list until then."""
    made = say(web, client, cast.south).json()
    before = owed()

    given = web.post(f"oral-disclosures/{made['id']}/statement/", {"how": "read"})
    again = web.post(f"oral-disclosures/{made['id']}/statement/", {"how": "sent"})

    row = Disclosure.objects.get()
    assert (made["status"], before) == ("incomplete", [("case_manager", cast.case_manager.id)])
    assert (given.status_code, given.json()["status"], owed()) == (200, "complete", [])
    assert again.json()["code"] == "already_complete"
    assert (row.artifact, row.method, row.basis, row.notice_statement) == ("oral", "oral", "consent", 1)
    assert row.recipient_name == "Sam Intake, by telephone"


def test_ticked_at_once_nothing_is_owed(cast, web, client) -> None:
    """P2-32."""
    made = say(web, client, cast.south, statement="read")

    row = OralDisclosure.objects.get()
    assert (made.status_code, made.json()["status"], owed()) == (201, "complete", [])
    assert (row.statement_by, row.statement_at is not None) == (cast.case_manager.id, True)


def test_what_is_to_be_read_or_sent_is_there_to_read(cast, web, client) -> None:
    """P2-30, P2-31, P2-33."""
    made = say(web, client, cast.south).json()

    shown = web.get(f"oral-disclosures/{made['id']}/statement/").json()

    assert shown["notice"]["text"] == STATEMENTS[1]
    assert shown["consent_scope"].startswith(
        "The client consented to this disclosure to Sam Intake, by telephone. Purposes: treatment."
    )
    assert shown["labels"] == list(LABELS)
    assert [each["code"] for each in shown["meta"]["security"]] == list(LABELS)


def test_a_statement_is_not_given_in_the_future_and_stays(cast, web, client) -> None:
    made = say(web, client, cast.south).json()
    path, later = f"oral-disclosures/{made['id']}/statement/", clock.now() + timedelta(minutes=5)

    early = web.post(path, {"how": "read", "given_at": later.isoformat()})
    still = OralDisclosure.objects.get().status
    web.post(path, {"how": "read"})

    assert (early.status_code, list(early.json()["fields"]), still) == (400, ["given_at"], "incomplete")
    with pytest.raises(DatabaseError), transaction.atomic():
        OralDisclosure.objects.update(statement_how="sent")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"categories": ["diagnosis"]}, "category_not_covered"),
        ({"purpose": "payment"}, "purpose_not_covered"),
        ({"categories": ["counseling_notes"]}, "category_not_covered"),
    ],
)
def test_what_no_consent_covers_is_not_said(cast, web, client, changes, code) -> None:
    """P2-20."""
    refused = say(web, client, cast.south, **changes)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (Disclosure.objects.count(), OralDisclosure.objects.count(), owed()) == (0, 0, [])


def test_without_a_consent_naming_them_one_is_offered(cast, web, client) -> None:
    """P2-22."""
    refused = say(web, client, cast.east).json()

    assert refused["code"] == "recipient_not_covered"
    assert refused["missing"][0]["sentence"].endswith("Record a consent naming this recipient.")


def test_a_residence_is_no_treating_provider_by_being_called_one(cast, web, client) -> None:
    """P2-22: the class is the directory's to know, not the speaker's to say."""
    consents.consent(client, **STOCK)
    programs.program(cast.east, kind=Kind.SOBER_LIVING)

    called = say(web, client, cast.east)
    honest = say(web, client, cast.east, recipient_class="recovery_residence")
    none_of = Disclosure.objects.count()
    programs.program(cast.east, kind=Kind.THERAPY)

    assert (called.status_code, list(called.json()["fields"])) == (400, ["recipient_class"])
    assert (honest.status_code, honest.json()["code"]) == (422, "recipient_not_covered")
    assert (none_of, say(web, client, cast.east).status_code) == (0, 201)


def test_without_programs_it_is_bound_by_hipaa_or_no_provider(cast, web, client) -> None:
    """P2-22."""
    consents.consent(client, **STOCK)
    cast.east.hipaa_status = HipaaStatus.NEITHER
    cast.east.save()

    free = say(web, client, cast.east)
    cast.east.hipaa_status = HipaaStatus.COVERED_ENTITY
    cast.east.save()

    assert (free.status_code, say(web, client, cast.east).status_code) == (400, 201)


def test_who_may_speak_and_who_may_read_it(cast, api, web, client) -> None:
    """Table 1.9; a supervisor and a privacy officer as well."""
    speaks = {role.value for role in Role if say(api(cast.at_north[role]), client, cast.south).status_code == 201}

    assert speaks == {"case_manager", "therapist", "supervisor", "privacy_officer"}
    assert OralDisclosure.objects.count() == 4
    for actor in (cast.outsider, cast.at_south[Role.PRIVACY_OFFICER]):
        made = OralDisclosure.objects.first()
        assert say(api(actor), client, cast.south).status_code == 404
        assert api(actor).get(f"oral-disclosures/{made.id}/statement/").status_code == 404
    assert OralDisclosure.objects.count() == 4


def test_the_list_takes_a_fixed_number_of_queries(cast, web, client, django_assert_num_queries) -> None:
    for count in (1, 3):
        say(web, client, cast.south)
        with django_assert_num_queries(7):
            assert len(web.get(f"oral-disclosures/?client={client.id}").json()["results"]) == min(count, 2)
