"""The words that must travel with every disclosure (42 CFR 2.32). Verbatim; nobody may edit them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

NOTICE_VERSION = "2024-02"  # the wording of the final rule of February 2024
LONG, SHORT = 1, 2

STATEMENTS = {
    LONG: (
        "This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2). "
        "These rules prohibit you from using or disclosing this record, or testimony that describes the information "
        "contained in this record, in any civil, criminal, administrative, or legislative proceedings by any Federal,"
        " State, or local authority, against the patient, unless authorized by the consent of the patient, except as "
        "provided at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In "
        "addition, the Federal rules prohibit you from making any other use or disclosure of this record unless at "
        "least one of the following applies: (i) Further use or disclosure is expressly permitted by the written "
        "consent of the individual whose information is being disclosed in this record or as otherwise permitted by "
        "42 CFR part 2. (ii) You are a covered entity or business associate and have received the record for "
        "treatment, payment, or health care operations, or (iii) You have received the record from a covered entity "
        "or business associate as permitted by 45 CFR part 164, subparts A and E. A general authorization for the "
        "release of medical or other information is NOT sufficient to meet the required elements of written consent "
        "to further use or redisclose the record (see 42 CFR 2.31)."
    ),
    SHORT: "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
}

# Security labels of an electronic disclosure (P2-33): restricted, Part 2, substance use, no onward disclosure.
LABELS = ("R", "42CFRPart2", "ETH", "NORDSCLCD")
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SECURITY = tuple({"system": CONFIDENTIALITY if label == "R" else ACT_CODE, "code": label} for label in LABELS)

# What is asked of a provider who was told in an emergency what the client wanted kept back (§2.26(a)(4), P2-50).
DO_NOT_REDISCLOSE = (
    "The client asked us not to disclose some of this information, and we agreed. It is disclosed to you only because "
    "it is needed to give emergency treatment. Please do not further use or disclose it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a consent covers, as the recipient must be told. Times are aware UTC, told as days of `zone`.

    `expires_at` None: no expiry, or the event in `expires_event`. `revocable_from`: not before (P2-23).
    """

    recipient: str
    purposes: Collection[str]
    categories: Collection[str]
    expires_at: datetime | None
    tpo: bool
    expires_event: str = ""
    revocable_from: datetime | None = None
    zone: tzinfo = UTC


EVENTS = {
    "end_of_episode": "It ends when the client's episode of care with the discloser ends.",
    "end_of_program": "It ends when the client leaves the program that it names.",
}


def statement(number: int = LONG) -> dict[str, str | int]:
    """Return a notice statement with its number and version, as it stands in a packet (P2-30)."""
    return {"statement": number, "version": NOTICE_VERSION, "text": STATEMENTS[number]}


def scope_explanation(scope: Scope) -> str:
    """Return the clear explanation of a consent's scope that §2.32(b) asks for (P2-31)."""
    kind = (
        "It is a single consent for all treatment, payment and health care operations."
        if scope.tpo
        else "It is not a consent for all treatment, payment and health care operations."
    )
    return (
        f"The client consented to this disclosure to {scope.recipient}. Purposes: {_listed(scope.purposes)}."
        f" Information: {_listed(scope.categories)}. {_ending(scope)} {kind} {_revoking(scope)}"
    )


def _ending(scope: Scope) -> str:
    if scope.expires_at:
        return f"It ends on {scope.expires_at.astimezone(scope.zone):%Y-%m-%d}."
    return EVENTS.get(scope.expires_event, "It has no end date.")


def _revoking(scope: Scope) -> str:
    if scope.revocable_from:
        return f"The client may revoke it from {scope.revocable_from.astimezone(scope.zone):%Y-%m-%d} on."
    return "The client may revoke it at any time."


def _listed(words: Collection[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in sorted(words))
