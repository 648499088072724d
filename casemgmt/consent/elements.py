"""What a written consent must contain before it may be relied on (42 CFR 2.31; P2-10 to P2-17). Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from .words import (
    TPO_PURPOSES,
    Category,
    ConsentType,
    ExpiryEvent,
    Purpose,
    RecipientClass,
    SignatureMethod,
    SignerRelationship,
)

# Classes whose members are covered entities or work for one (P2-13b).
UNDER_HIPAA = frozenset(
    {
        RecipientClass.TREATING_PROVIDER.value,
        RecipientClass.HEALTH_PLAN.value,
        RecipientClass.THIRD_PARTY_PAYER.value,
        RecipientClass.PROGRAM_OPERATIONS.value,
    }
)
MAY_SIGN = frozenset(
    {
        SignerRelationship.SELF.value,
        SignerRelationship.GUARDIAN.value,
        SignerRelationship.PERSONAL_REPRESENTATIVE.value,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A consent as written: the elements of §2.31(a), named as the columns of Consent. Times are aware UTC."""

    type: str
    client_name: str = ""
    discloser: str = ""
    recipient_ids: tuple[UUID, ...] = ()
    recipient_classes: tuple[str, ...] = ()
    through_intermediary: bool = False
    intermediary_name: str = ""
    info_categories: tuple[str, ...] = ()
    info_description: str = ""
    purposes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    expires_event: str = ""
    expires_program_id: UUID | None = None
    revocation_instructions: str = ""
    redisclosure_statement_included: bool = False
    refusal_consequences_included: bool = False
    hipaa_redisclosure_statement_included: bool = False
    fundraising_optout_statement_included: bool = False
    revocable_from: datetime | None = None
    template_version: str = ""
    signer_name: str = ""
    signer_relationship: str = ""
    signed_at: datetime | None = None
    signature_method: str = ""
    signature_artifact_hash: str = ""

    @classmethod
    def of(cls, row: Any) -> Form:
        """Return the form that a row with these columns holds."""
        told: dict[str, Any] = {name: getattr(row, name) for name in FORM_FIELDS}
        for name, value in told.items():
            told[name] = tuple(value) if isinstance(value, list) else value
        return cls(**told)

    @property
    def document_hash(self) -> str:
        """The SHA-256 of the elements as written: the same words give the same 64 hex digits."""
        told = {name: getattr(self, name) for name in FORM_FIELDS}
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=_as_text).encode()).hexdigest()


def _as_text(value: UUID | datetime) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


FORM_FIELDS = tuple(each.name for each in fields(Form))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the form itself cannot say: the moment (aware UTC), and what is known of client and recipients."""

    at: datetime
    client_deceased: bool = False
    recipient_under_hipaa: bool = False  # a named recipient is a covered entity or business associate


@dataclass(frozen=True, slots=True)
class Missing:
    """One element that is absent or wrong: its code and the sentence to show."""

    code: str
    sentence: str


def deficiencies(form: Form, around: Surroundings) -> tuple[Missing, ...]:
    """Return every element that is missing or wrong, in the order of §2.31(a); empty when the form may be relied on.

    A consent to receive service is no consent to disclose; it needs a client, a signature and nothing else (G3).
    """
    found = [*_client(form)]
    if form.type != ConsentType.TREATMENT:
        found += [*_what_and_who(form), *_recipient_statement(form, around), *_purpose(form), *_ending(form)]
    found += [*_signature(form, around)]
    if form.type == ConsentType.TPO:
        found += [*_tpo_statements(form)]
    return tuple(found)


def _client(form: Form) -> Iterator[Missing]:
    if not form.client_name.strip():
        yield Missing("consent_missing_patient_name", "The form does not name the client (P2-10).")


def _what_and_who(form: Form) -> Iterator[Missing]:
    if not form.discloser.strip():
        yield Missing("consent_missing_discloser", "The form does not say who may disclose (P2-11).")
    description = form.info_description.strip()
    if not form.info_categories or not description:
        yield Missing(
            "consent_missing_information", "The form does not describe the information: categories and words (P2-12)."
        )
    elif form.type != ConsentType.TPO and description.strip(" .!\"'").casefold() == "all":
        yield Missing("consent_information_not_specific", 'The word "all" alone describes nothing (P2-12).')
    if not _stands_alone(form):
        yield Missing(
            "consent_combination_forbidden",
            "Counseling notes and legal proceedings need a consent of their own (P2-17).",
        )
    if not form.recipient_ids and not form.recipient_classes:
        yield Missing("consent_missing_recipient", "The form names no recipient and no class of recipients (P2-13).")
    if (form.through_intermediary or form.intermediary_name.strip()) and not _intermediary_told(form):
        yield Missing(
            "consent_intermediary_incomplete",
            "Through an intermediary, the form names it, and either its participants or those of them who treat the"
            " client (P2-13a).",
        )


def _intermediary_told(form: Form) -> bool:
    """True when the form names the intermediary, and participants by name or as treating providers only (P2-13a)."""
    return bool(form.intermediary_name.strip()) and set(form.recipient_classes) <= {
        RecipientClass.TREATING_PROVIDER.value
    }


def _stands_alone(form: Form) -> bool:
    """True unless two things that go together with nothing else do (P2-17)."""
    notes, proceeding = Category.COUNSELING_NOTES.value, Purpose.LEGAL_PROCEEDING.value
    if form.type == ConsentType.COUNSELING_NOTES:
        return set(form.info_categories) <= {notes} and proceeding not in form.purposes
    if form.type == ConsentType.LEGAL_PROCEEDING:
        return set(form.purposes) <= {proceeding} and notes not in form.info_categories
    return notes not in form.info_categories and proceeding not in form.purposes


def _recipient_statement(form: Form, around: Surroundings) -> Iterator[Missing]:
    bound = around.recipient_under_hipaa or not UNDER_HIPAA.isdisjoint(form.recipient_classes)
    for_tpo = form.type == ConsentType.TPO or not TPO_PURPOSES.isdisjoint(form.purposes)
    if bound and for_tpo and not form.hipaa_redisclosure_statement_included:
        yield Missing(
            "consent_missing_hipaa_redisclosure_statement",
            "The form must say that the recipient may redisclose as HIPAA permits, except in proceedings against the"
            " client (P2-13b).",
        )


def _purpose(form: Form) -> Iterator[Missing]:
    if not form.purposes:
        yield Missing("consent_missing_purpose", "The form names no purpose (P2-14).")
    if Purpose.FUNDRAISING in form.purposes and not form.fundraising_optout_statement_included:
        yield Missing("consent_missing_fundraising_optout", "The form must say how to opt out of fundraising (P2-14).")


def _ending(form: Form) -> Iterator[Missing]:
    if not form.revocation_instructions.strip():
        yield Missing("consent_missing_revocation", "The form does not say how to revoke it (P2-15).")
    # a TPO consent that also serves another purpose would otherwise last for ever for that one
    only_tpo = form.type == ConsentType.TPO and TPO_PURPOSES.issuperset(form.purposes)
    if form.expires_at is None and not form.expires_event and not only_tpo:
        yield Missing("consent_expiry_not_allowed", "Only a TPO consent may have no expiry (P2-16).")
    if form.expires_event == ExpiryEvent.END_OF_PROGRAM and form.expires_program_id is None:
        yield Missing("consent_expiry_program_missing", "The form does not say which program's end it means (P2-16).")
    yield from _justice(form)


def _justice(form: Form) -> Iterator[Missing]:
    """P2-23: what a court waits for goes to who monitors it, and says from when it may be taken back."""
    if form.type != ConsentType.CRIMINAL_JUSTICE:
        if form.revocable_from is not None:
            yield Missing("consent_always_revocable", "The client may take this back at any time (P2-15, P2-23).")
        return
    if form.revocable_from is None:
        yield Missing("consent_missing_revocable_from", "The form must say when it becomes revocable (P2-23).")
    elif form.expires_at is not None and form.revocable_from > form.expires_at:
        yield Missing("consent_never_revocable", "It becomes revocable before it ends, not after (P2-23).")
    if not set(form.recipient_classes) <= {RecipientClass.JUSTICE_MONITOR.value}:
        yield Missing("consent_recipient_not_monitoring", "Only who monitors the client may receive it (P2-23).")


def _signature(form: Form, around: Surroundings) -> Iterator[Missing]:
    accepted = {SignatureMethod.PAPER.value, SignatureMethod.ELECTRONIC.value}
    if form.type == ConsentType.TREATMENT:
        accepted.add(SignatureMethod.DOCUMENTED.value)
    if not form.signer_name.strip() or form.signed_at is None or form.signature_method not in accepted:
        yield Missing("consent_unsigned", "The form needs a signer, the date signed and a signature (P2-16a).")
    elif form.signed_at > around.at:
        yield Missing("consent_signed_in_future", "The date signed lies in the future (P2-16a).")
    dead_hand = around.client_deceased and form.signer_relationship == SignerRelationship.SELF
    if form.signer_relationship not in MAY_SIGN or dead_hand:
        yield Missing("consent_signer_not_authorised", "Whoever signed may not sign for this client (P2-16a).")


def _tpo_statements(form: Form) -> Iterator[Missing]:
    if not (form.redisclosure_statement_included and form.refusal_consequences_included):
        yield Missing(
            "consent_missing_tpo_statements",
            "A TPO consent states that what is disclosed may be redisclosed, and what follows from refusing (P2-16b).",
        )
