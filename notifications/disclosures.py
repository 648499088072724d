"""What a client is shown before agreeing to texts (SMS-02), by version. Pure. Never edit a version: add one."""

from __future__ import annotations

from collections.abc import Mapping

CURRENT = "2026-11"

MESSAGE_TYPES = "check-ins, reminders of visits"
FREQUENCY_CAP = "up to 3 a week"  # (SMS-05)

DISCLOSURES: Mapping[str, str] = {
    "2026-11": (
        "{alias} would like to send you short check-in texts, up to 3 a week. Message and data rates may apply. "
        "Reply HELP for help, STOP to end at any time. Texts are not encrypted and others who see your phone may read "
        "them. Agreeing is your choice: it is not a condition of any service. We do not share your number or your "
        "agreement with third parties. Texts are not watched around the clock; in an emergency call 911."
    ),
}


def disclosure(version: str, *, alias: str) -> str | None:
    """Return the exact words of a version as a client of `alias` reads them, None for an unknown version."""
    text = DISCLOSURES.get(version)
    return text.format(alias=alias) if text is not None else None
