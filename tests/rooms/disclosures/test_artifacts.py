"""Everything that leaves carries the notice and stands in the ledger (P2-30, P2-33, P2-55), whatever it is.

A new kind of artifact stands in `words.Artifact` and in `artifacts.py`, and is made here once; else this is red.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.api.renderers import JsonRenderer
from casemgmt.consent.artifacts import ARTIFACTS
from casemgmt.consent.disclosures import Released, write_release
from casemgmt.consent.models import Disclosure
from casemgmt.consent.notices import LABELS, STATEMENTS
from casemgmt.consent.words import Artifact, Basis
from casemgmt.kernel import clock
from referrals.models import Referral
from tests.factories import consent as consents
from tests.factories import referrals
from tests.matrix.asking import operations
from tests.web import Web

from . import paper


@dataclass(frozen=True)
class Made:
    """What left: its words as the recipient sees them, and its form where it has one."""

    words: str
    told: Mapping[str, Any] | None = None


def leaves(told: Mapping[str, Any]) -> Made:
    return Made(str(told["notice"]["text"]) + str(told.get("consent_scope", "")), told)


def referral_packet(case: referrals.Case) -> Made:
    sent = case.sent()
    return leaves(Web(case.receiver).get(f"referrals/{sent.id}/").json()["packet"])


def oral(case: referrals.Case) -> Made:
    consents.consent(case.client, recipients=[case.cast.south])
    web = Web(case.sender)
    path = f"clients/{case.client.id}/oral-disclosures/"
    made = web.post(path, consents.spoken(case.cast.south, statement="read")).json()
    return leaves(web.get(f"oral-disclosures/{made['id']}/statement/").json())


def emergency_content(case: referrals.Case) -> Made:
    made = Web(case.sender).post(f"clients/{case.client.id}/emergency-disclosures/", consents.EMERGENCY).json()
    return leaves(made["content"]["packet"])


def _accounting(case: referrals.Case, artifact: Artifact) -> tuple[Web, str]:
    web = Web(case.cast.at_north[Role.PRIVACY_OFFICER])
    asks = {"requester": "self", "requester_name": "Ada Example", "received_at": clock.now().isoformat()}
    made = web.post(f"clients/{case.client.id}/accounting-requests/", asks).json()
    path = f"accounting-requests/{made['id']}/"
    web.post(f"{path}delivery/", {"method": "in_person", "artifact": artifact.value})
    return web, path


def accounting_json(case: referrals.Case) -> Made:
    web, path = _accounting(case, Artifact.ACCOUNTING_JSON)
    return leaves(web.get(f"{path}report/").json())


def accounting_pdf(case: referrals.Case) -> Made:
    web, path = _accounting(case, Artifact.ACCOUNTING_PDF)
    return Made(paper.prose(web.get(f"{path}report/pdf/").content))


MAKERS: Mapping[str, Callable[[referrals.Case], Made]] = {
    Artifact.REFERRAL_PACKET.value: referral_packet,
    Artifact.ORAL.value: oral,
    Artifact.EMERGENCY_CONTENT.value: emergency_content,
    Artifact.ACCOUNTING_JSON.value: accounting_json,
    Artifact.ACCOUNTING_PDF.value: accounting_pdf,
}


def test_every_kind_has_its_line_and_is_made_here() -> None:
    assert set(Artifact.values) == set(ARTIFACTS) == set(MAKERS)


def test_whatever_is_no_json_is_a_kind_of_artifact() -> None:
    """A route that answers with a file of its own kind stands here, next to the kind that the file is."""
    files = {
        route: [each.media_type for each in view.renderer_classes if each is not JsonRenderer]
        for (_, route), view in operations().items()
        if list(view.renderer_classes) != [JsonRenderer]
    }

    assert files == {"accounting-requests/<uuid:pk>/report/pdf/": ["application/pdf"]}  # ACCOUNTING_PDF


@pytest.mark.parametrize("kind", Artifact.values)
def test_it_carries_the_notice_and_stands_in_the_ledger(cast, kind) -> None:
    """P2-30, P2-31, P2-33, P2-55."""
    made = MAKERS[kind](referrals.case(cast))

    row = Disclosure.objects.get()
    assert row.artifact == kind
    assert row.basis in ARTIFACTS[kind].bases
    assert (row.notice_statement, len(row.packet_sha256)) == (ARTIFACTS[kind].notice, 64)
    assert STATEMENTS[ARTIFACTS[kind].notice] in made.words
    assert (row.basis == Basis.CONSENT) is ("The client consented to this disclosure" in made.words)
    if made.told is None:
        assert all(label in made.words for label in LABELS)
    else:
        assert made.told["labels"] == list(LABELS)
        assert [each["code"] for each in made.told["meta"]["security"]] == list(LABELS)


def test_what_answers_a_question_about_a_referral_is_one_more_of_both(cast) -> None:
    """P2-20, P2-30: the second packet is accounted for like the first."""
    case = referrals.case(cast)
    sent = case.sent()
    case.move(sent.id, "request_info", case.receiver, question="Which level?")
    case.move(sent.id, "answer_info", case.sender, told={"risk_level": "low"})

    (supplement,) = Referral.objects.get().supplements.all()
    assert supplement.packet["notice"]["text"] == STATEMENTS[1]
    assert [each["code"] for each in supplement.packet["meta"]["security"]] == list(LABELS)
    assert supplement.disclosure.packet_sha256 == supplement.packet_sha256
    assert Disclosure.objects.filter(artifact=Artifact.REFERRAL_PACKET.value).count() == 2


def test_an_unknown_kind_and_a_ground_that_is_not_its_own_are_refused(cast) -> None:
    """P2-55: by the room and by PostgreSQL."""
    client = referrals.case(cast).client
    told = {
        "client_id": client.id,
        "organization_id": cast.north.id,
        "recipient_name": "X",
        "purpose": "treatment",
        "categories": ("identity",),
        "description": "X",
        "packet_sha256": "0" * 64,
        "method": "oral",
    }
    wrong = Released(basis=Basis.PATIENT_ACCESS, artifact=Artifact.EMERGENCY_CONTENT, **told)
    with pytest.raises(ValueError, match="does not leave on the basis"), transaction.atomic():
        write_release(wrong, at=clock.now(), actor=cast.case_manager)
    columns = told | {"categories": ["identity"], "artifact": "fax", "basis": "patient_access"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.create(**columns, actor_kind="staff")

    assert Disclosure.objects.count() == 0
