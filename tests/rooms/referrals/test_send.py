"""Sending: what leaves is covered by a consent at that moment, packed, accounted for; else nothing happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.calendars.rules import Calendar, moment_after
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.consent.notices import STATEMENTS
from casemgmt.consent.packets import packet_hash
from casemgmt.consent.services import Revocation, revoke_consent
from casemgmt.consent.words import RevocationChannel
from casemgmt.kernel import clock
from casemgmt.worklist.models import WorkItem
from programs.rules.kinds import Kind
from referrals.models import Referral, ReferralMove
from tests.factories import consent as consents
from tests.factories import people, referrals


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


def send(api, case, draft):
    return api(case.sender).post(f"referrals/{draft.id}/transitions/", {"verb": "send"})


def nothing_happened(draft: Referral) -> bool:
    row = Referral.objects.get(pk=draft.id)
    return (
        (row.stage, row.version, row.packet, row.packet_sha256) == ("draft", draft.version, {}, "")
        and ReferralMove.objects.filter(referral=row).count() == 1
        and not Disclosure.objects.exists()
        and not Grant.objects.filter(source_id=row.id).exists()
        and not WorkItem.objects.exclude(kind="referral_drafted").exists()
        and not AuditEvent.objects.filter(action__in=["referral.sent", "disclosure.made"]).exists()
    )


def test_without_a_consent_it_is_refused_and_nothing_happens(case, api) -> None:
    draft = case.draft()

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_missing")
    assert [each["code"] for each in answer.json()["missing"]] == ["consent_missing"]
    assert [each["guard"] for each in answer.json()["failed_guards"]] == ["P2-20"]
    assert nothing_happened(draft)


@pytest.mark.parametrize(
    ("fields", "code", "items"),
    [
        (
            {"info_categories": ("identity", "contact", "reason", "risk_level")},
            "category_not_covered",
            ["level_of_care"],
        ),
        ({"purposes": ("payment",)}, "purpose_not_covered", ["treatment"]),
        ({"info_description": " "}, "consent_deficient", []),
    ],
)
def test_a_consent_that_does_not_cover_it_says_what_is_missing(case, api, fields, code, items) -> None:
    consents.consent(case.client, recipients=[case.cast.south], **fields)
    draft = case.draft()

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [(each["code"], each["items"]) for each in answer.json()["missing"]] == [(code, items)]
    assert nothing_happened(draft)


def test_a_consent_for_another_organization_covers_nothing(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.east])
    draft = case.draft()

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (422, "recipient_not_covered")
    assert "Record a consent naming this recipient." in answer.json()["missing"][0]["sentence"]
    assert nothing_happened(draft)


def test_an_expired_consent_covers_nothing(case, api, travel) -> None:
    consents.consent(case.client, recipients=[case.cast.south], expires_at=clock.now() + timedelta(hours=1))
    draft = case.draft()
    travel(clock.now() + timedelta(hours=1))

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_expired")
    assert nothing_happened(draft)


@pytest.mark.parametrize("for_one", [True, False])
def test_a_revoked_consent_covers_nothing(case, api, for_one) -> None:
    consent = consents.consent(case.client, recipients=[case.cast.south, case.cast.east])
    draft = case.draft()
    taken_back = Revocation(RevocationChannel.WRITTEN, recipient_id=case.cast.south.id if for_one else None)
    revoke_consent(consent_id=consent.id, revocation=taken_back, version=None, actor=case.sender)

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_revoked")
    assert nothing_happened(draft)


def test_another_clients_consent_covers_nothing(case, api) -> None:
    consents.consent(people.client(case.cast.north, phone=None), recipients=[case.cast.south])
    draft = case.draft()

    assert send(api, case, draft).json()["code"] == "consent_missing"
    assert nothing_happened(draft)


def test_a_covered_referral_leaves_whole(case, api) -> None:
    consent = consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft()

    answer = send(api, case, draft)

    row = Referral.objects.get(pk=draft.id)
    assert (answer.status_code, answer.json()["to_stage"], answer["ETag"]) == (201, "sent", '"2"')
    assert (row.stage, row.consent_id, row.sent_by) == ("sent", consent.id, case.sender.id)
    assert row.packet_sha256 == packet_hash(row.packet)
    assert row.packet["sections"] == {
        "identity": {"given_name": "Ada", "family_name": "Example", "birth_date": "1990-05-17"},
        "contact": {
            "language": "en",
            "contact_points": [
                {"id": str(case.client.contact_points.get().id), "kind": "phone", "preferred": True},
            ],
        },
        "reason": "Asks for weekly therapy",
        "level_of_care": "1",
        "risk_level": "low",
    }
    assert row.packet["notice"]["text"] == STATEMENTS[1]
    assert "disclosure to South. Purposes: treatment." in row.packet["consent_scope"]
    assert row.packet["labels"] == ["R", "42CFRPart2", "ETH", "NORDSCLCD"]
    assert "+1316" not in str(row.packet)


def test_what_left_is_accounted_for(case, api) -> None:
    consent = consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft()
    send(api, case, draft)

    privacy = api(case.cast.at_north[Role.PRIVACY_OFFICER]).get(f"disclosures/?client={case.client.id}")
    others = api(case.sender).get(f"disclosures/?client={case.client.id}")
    elsewhere = api(case.cast.at_south[Role.PRIVACY_OFFICER]).get(f"disclosures/?client={case.client.id}")

    (row,) = privacy.json()["results"]
    assert row["recipient_organization_id"] == str(case.cast.south.id)
    assert (row["recipient_name"], row["purpose"], row["basis"]) == ("South", "treatment", "consent")
    assert row["categories"] == ["contact", "identity", "level_of_care", "reason", "risk_level"]
    assert (row["consent_id"], row["referral_id"]) == (str(consent.id), str(draft.id))
    assert row["packet_sha256"] == Referral.objects.get().packet_sha256
    assert (row["notice_statement"], row["actor_id"]) == (1, str(case.sender.id))
    assert (others.status_code, others.json()["code"]) == (403, "not_permitted")
    assert elsewhere.json()["results"] == []


def test_the_receiver_gets_a_grant_of_the_packet_and_work_to_do(case, api, travel) -> None:
    consent = consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft(urgency="urgent")
    send(api, case, draft)

    grant = Grant.objects.get(source_id=draft.id)
    assert (grant.organization_id, grant.scope, grant.reason) == (case.cast.south.id, "packet", "referral")
    assert grant.expires_at == consent.expires_at
    (item,) = api(case.receiver).get("work-items/").json()["results"]
    assert (item["kind"], item["source_id"], item["role"]) == ("referral_received", str(draft.id), "intake")
    assert WorkItem.objects.open().get().due_at == moment_after(
        Calendar(case.cast.south.timezone), Referral.objects.get().sent_at, timedelta(hours=4)
    )


def test_a_category_that_nobody_told_is_not_disclosed(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft(told={})
    send(api, case, draft)

    assert Disclosure.objects.get().categories == ["contact", "identity", "reason"]


def test_the_sender_may_leave_out_what_no_consent_covers(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.south], info_categories=("identity", "reason"))
    draft = case.draft()
    web = api(case.sender)
    assert send(api, case, draft).json()["missing"][0]["items"] == ["contact", "level_of_care", "risk_level"]

    web.patch(f"referrals/{draft.id}/", {"categories": ["identity", "reason"]}, If_Match='"1"')
    answer = send(api, case, draft)

    assert answer.status_code == 201
    assert set(Referral.objects.get().packet["sections"]) == {"identity", "reason"}


def test_medications_go_along_only_under_a_consent_that_names_them(case, api) -> None:
    wide = (*consents.CATEGORIES, "medications")
    consents.consent(case.client, recipients=[case.cast.south], info_categories=wide)
    told = referrals.TOLD | {"medications": "buprenorphine", "diagnosis": "never asked for"}
    draft = case.draft(told=told)
    send(api, case, draft)

    held = Referral.objects.get().packet["sections"]
    assert held["medications"] == "buprenorphine"
    assert "diagnosis" not in held


def test_a_single_consent_for_treating_providers_covers_therapy_and_no_residence(cast, api) -> None:
    therapy = referrals.case(cast)
    tpo = {
        "type": "tpo",
        "recipient_classes": ("treating_provider", "health_plan", "third_party_payer", "program_operations"),
        "purposes": ("treatment", "payment", "operations"),
        "expires_at": None,
        "redisclosure_statement_included": True,
        "refusal_consequences_included": True,
    }
    house = referrals.case(cast, kind=Kind.SOBER_LIVING, phone="+13165550101")
    for case in (therapy, house):
        consents.consent(case.client, info_categories=(*consents.CATEGORIES, "move_in", "funding"), **tpo)

    covered = send(api, therapy, therapy.draft())
    refused = send(api, house, house.draft(categories=("identity",)))

    assert covered.status_code == 201
    assert "single consent for all treatment" in Referral.objects.get(client=therapy.client).packet["consent_scope"]
    assert (refused.status_code, refused.json()["code"]) == (422, "recipient_not_covered")


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER])
def test_those_who_only_draft_do_not_send(case, api, role) -> None:
    consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft()

    answer = api(case.cast.at_north[role]).post(f"referrals/{draft.id}/transitions/", {"verb": "send"})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert nothing_happened(draft)


def test_a_program_that_takes_nobody_is_a_409_of_its_own(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft()
    case.program.status = "inactive"
    case.program.save()

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (409, "transition_blocked")
    assert answer.json()["failed_guards"][0]["code"] == "receiver_not_ready"
    assert nothing_happened(draft)


def test_looking_ahead_says_what_blocks_sending_and_what_needs_whom(case, api) -> None:
    draft = case.draft()
    path = f"referrals/{draft.id}/transitions/"

    blocked = {each["verb"]: each for each in api(case.sender).get(path).json()["transitions"]}
    peer = {each["verb"]: each for each in api(case.cast.peer).get(path).json()["transitions"]}
    consents.consent(case.client, recipients=[case.cast.south])
    allowed = {each["verb"]: each for each in api(case.sender).get(path).json()["transitions"]}

    assert set(blocked) == {"await_consent", "make_ready", "send", "cancel", "enter_in_error"}
    assert (blocked["make_ready"]["status"], blocked["await_consent"]["status"]) == ("blocked", "allowed")
    assert (allowed["make_ready"]["status"], allowed["await_consent"]["status"]) == ("allowed", "blocked")
    assert (peer["make_ready"]["status"], peer["await_consent"]["status"]) == ("blocked", "allowed")
    assert (blocked["send"]["status"], blocked["cancel"]["status"]) == ("blocked", "allowed")
    assert blocked["send"]["failed_guards"][0]["code"] == "consent_missing"
    assert peer["send"]["status"] == "not_permitted"
    assert (allowed["send"]["status"], allowed["send"]["failed_guards"]) == ("allowed", [])


def test_a_packet_of_nothing_is_refused(case, api) -> None:
    consents.consent(case.client, recipients=[case.cast.south])
    draft = case.draft(categories=("risk_level",), told={})

    answer = send(api, case, draft)

    assert (answer.status_code, answer.json()["code"]) == (422, "packet_empty")
    assert nothing_happened(draft)
    assert Consent.objects.count() == 1
