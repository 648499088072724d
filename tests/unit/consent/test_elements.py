"""Each element of §2.31 is asked for with its own code (P2-10 to P2-17). No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from casemgmt.consent.elements import Form, Surroundings, deficiencies

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
SOUTH = UUID(int=2)

NAMED = Form(
    type="named_recipient",
    client_name="Ada Example",
    discloser="North Recovery",
    recipient_ids=(SOUTH,),
    info_categories=("identity", "reason"),
    info_description="Name, birth date and why I am referred",
    purposes=("treatment",),
    expires_at=AT + timedelta(days=365),
    revocation_instructions="In writing to North Recovery, except for what was already sent.",
    hipaa_redisclosure_statement_included=True,
    signer_name="Ada Example",
    signer_relationship="self",
    signed_at=AT - timedelta(hours=1),
    signature_method="paper",
)
TPO = replace(
    NAMED,
    type="tpo",
    recipient_ids=(),
    recipient_classes=("treating_provider", "health_plan"),
    purposes=("treatment", "payment", "operations"),
    expires_at=None,
    redisclosure_statement_included=True,
    refusal_consequences_included=True,
)
TREATMENT = Form(
    type="treatment",
    client_name="Ada Example",
    signer_name="Ada Example",
    signer_relationship="self",
    signed_at=AT,
    signature_method="documented",
)


def codes(form: Form, **around: Any) -> list[str]:
    return [missing.code for missing in deficiencies(form, Surroundings(**{"at": AT, **around}))]


@pytest.mark.parametrize("form", [NAMED, TPO, TREATMENT], ids=lambda form: form.type)
def test_a_whole_form_lacks_nothing(form) -> None:
    assert codes(form) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_name": "  "}, "consent_missing_patient_name"),
        ({"discloser": ""}, "consent_missing_discloser"),
        ({"info_categories": ()}, "consent_missing_information"),
        ({"info_description": " "}, "consent_missing_information"),
        ({"info_description": '"All".'}, "consent_information_not_specific"),
        ({"recipient_ids": ()}, "consent_missing_recipient"),
        ({"purposes": ()}, "consent_missing_purpose"),
        ({"revocation_instructions": ""}, "consent_missing_revocation"),
        ({"expires_at": None}, "consent_expiry_not_allowed"),
        ({"signer_name": ""}, "consent_unsigned"),
        ({"signed_at": None}, "consent_unsigned"),
        ({"signature_method": ""}, "consent_unsigned"),
        ({"signature_method": "documented"}, "consent_unsigned"),
        ({"signed_at": AT + timedelta(seconds=1)}, "consent_signed_in_future"),
        ({"signer_relationship": ""}, "consent_signer_not_authorised"),
        ({"signer_relationship": "other"}, "consent_signer_not_authorised"),
        ({"info_categories": ("identity", "counseling_notes")}, "consent_combination_forbidden"),
        ({"purposes": ("treatment", "legal_proceeding")}, "consent_combination_forbidden"),
    ],
)
def test_each_element_is_asked_for_by_its_own_code(change, code) -> None:
    assert codes(replace(NAMED, **change)) == [code]


def test_everything_that_is_missing_is_told_at_once() -> None:
    assert codes(Form(type="named_recipient")) == [
        "consent_missing_patient_name",
        "consent_missing_discloser",
        "consent_missing_information",
        "consent_missing_recipient",
        "consent_missing_purpose",
        "consent_missing_revocation",
        "consent_expiry_not_allowed",
        "consent_unsigned",
        "consent_signer_not_authorised",
    ]


def test_the_hipaa_statement_is_needed_where_the_recipient_is_under_hipaa_and_the_purpose_is_tpo() -> None:
    without = replace(NAMED, hipaa_redisclosure_statement_included=False)
    wanted = ["consent_missing_hipaa_redisclosure_statement"]

    assert codes(without) == []
    assert codes(without, recipient_under_hipaa=True) == wanted
    assert codes(replace(without, recipient_classes=("treating_provider",))) == wanted
    assert codes(replace(without, purposes=("recovery_support",)), recipient_under_hipaa=True) == []
    assert codes(replace(TPO, hipaa_redisclosure_statement_included=False)) == wanted


@pytest.mark.parametrize("statement", ["redisclosure_statement_included", "refusal_consequences_included"])
def test_a_tpo_consent_needs_both_its_statements(statement) -> None:
    assert codes(replace(TPO, **{statement: False})) == ["consent_missing_tpo_statements"]


def test_only_a_pure_tpo_consent_may_last_for_ever() -> None:
    assert codes(replace(TPO, purposes=("treatment", "recovery_support"))) == ["consent_expiry_not_allowed"]


def test_the_word_all_is_enough_in_a_tpo_consent() -> None:
    assert codes(replace(TPO, info_description="all")) == []


def test_the_dead_do_not_sign_for_themselves() -> None:
    assert codes(NAMED, client_deceased=True) == ["consent_signer_not_authorised"]
    assert codes(replace(NAMED, signer_relationship="personal_representative"), client_deceased=True) == []


def test_consent_to_receive_service_needs_a_signature_and_nothing_about_disclosure() -> None:
    assert codes(replace(TREATMENT, signer_name="")) == ["consent_unsigned"]
    assert codes(replace(TREATMENT, client_name="")) == ["consent_missing_patient_name"]


INTERMEDIATED = replace(NAMED, through_intermediary=True, intermediary_name="Valley Exchange")


@pytest.mark.parametrize(
    ("form", "complete"),
    [
        (INTERMEDIATED, True),  # its participants by name
        (replace(INTERMEDIATED, recipient_ids=(), recipient_classes=("treating_provider",)), True),
        (replace(INTERMEDIATED, intermediary_name=" "), False),
        (replace(INTERMEDIATED, recipient_classes=("treating_provider", "health_plan")), False),
        (replace(INTERMEDIATED, through_intermediary=False, recipient_classes=("recovery_residence",)), False),
    ],
)
def test_an_intermediary_is_named_with_participants_or_with_treating_providers_only(form, complete) -> None:
    """P2-13a."""
    codes = [each.code for each in deficiencies(form, Surroundings(at=AT))]

    assert codes == ([] if complete else ["consent_intermediary_incomplete"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "named_recipient"}, "consent_always_revocable"),
        ({"revocable_from": None}, "consent_missing_revocable_from"),
        ({"revocable_from": AT + timedelta(days=366)}, "consent_never_revocable"),
        ({"recipient_classes": ("treating_provider",)}, "consent_recipient_not_monitoring"),
    ],
)
def test_only_a_criminal_justice_consent_may_be_irrevocable_and_only_for_a_while(changes, code) -> None:
    """P2-15, P2-23."""
    whole = replace(NAMED, type="criminal_justice", purposes=("monitoring",), revocable_from=AT + timedelta(days=30))

    assert deficiencies(whole, Surroundings(at=AT)) == ()
    assert [each.code for each in deficiencies(replace(whole, **changes), Surroundings(at=AT))] == [code]


COUNSELING = replace(NAMED, type="counseling_notes", info_categories=("counseling_notes",))
PROCEEDING = replace(NAMED, type="legal_proceeding", purposes=("legal_proceeding",))


@pytest.mark.parametrize(
    ("form", "stands"),
    [
        (COUNSELING, True),
        (replace(COUNSELING, info_categories=("counseling_notes", "identity")), False),
        (replace(COUNSELING, purposes=("treatment", "legal_proceeding")), False),
        (PROCEEDING, True),
        (replace(PROCEEDING, purposes=("legal_proceeding", "treatment")), False),
        (replace(PROCEEDING, info_categories=("identity", "counseling_notes")), False),
    ],
)
def test_counseling_notes_and_proceedings_go_together_with_nothing_else(form: Form, stands: bool) -> None:
    """P2-17: in consents of their own types, too."""
    assert ("consent_combination_forbidden" not in codes(form)) is stands


JUSTICE = replace(
    NAMED,
    type="criminal_justice",
    recipient_ids=(),
    recipient_classes=("justice_monitor",),
    purposes=("recovery_support",),
    revocable_from=AT + timedelta(days=30),
)


@pytest.mark.parametrize(
    ("form", "code", "asked"),
    [
        (
            replace(TPO, purposes=("recovery_support",), hipaa_redisclosure_statement_included=False),
            "consent_missing_hipaa_redisclosure_statement",
            True,
        ),
        (replace(NAMED, purposes=("treatment", "fundraising")), "consent_missing_fundraising_optout", True),
        (
            replace(NAMED, purposes=("fundraising",), fundraising_optout_statement_included=True),
            "consent_missing_fundraising_optout",
            False,
        ),
        (
            replace(NAMED, expires_at=None, expires_event="end_of_program"),
            "consent_expiry_program_missing",
            True,
        ),
        (
            replace(NAMED, expires_at=None, expires_event="end_of_program", expires_program_id=SOUTH),
            "consent_expiry_program_missing",
            False,
        ),
        (replace(JUSTICE, expires_at=None, expires_event="end_of_episode"), "consent_never_revocable", False),
        (replace(JUSTICE, expires_at=AT + timedelta(days=29)), "consent_never_revocable", True),
        (replace(JUSTICE, expires_at=AT + timedelta(days=30)), "consent_never_revocable", False),
    ],
)
def test_what_is_asked_of_some_is_asked_of_them_alone(form: Form, code: str, asked: bool) -> None:
    """P2-13b, P2-14, P2-16, P2-23."""
    assert (code in codes(form)) is asked
