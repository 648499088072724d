"""What a client is shown before agreeing to texts (SMS-02), by version. Pure. Never edit a version: add one."""

from __future__ import annotations

from collections.abc import Mapping

CURRENT = "2026-11-b"

MESSAGE_TYPES = "check-ins, reminders of visits"
FREQUENCY_CAP = "up to 3 a week"  # (SMS-05)

_FIRST = (
    "{alias} would like to send you short check-in texts, up to 3 a week. Message and data rates may apply. "
    "Reply HELP for help, STOP to end at any time. Texts are not encrypted and others who see your phone may read "
    "them. Agreeing is your choice: it is not a condition of any service. We do not share your number or your "
    "agreement with third parties. Texts are not watched around the clock; in an emergency call 911."
)
DISCLOSURES: Mapping[str, str] = {
    "2026-11": _FIRST,
    "2026-11-b": _FIRST + " Privacy: {privacy} Terms: {terms}",  # where both are read (SMS-02)
}


def disclosure(version: str, *, alias: str, privacy: str, terms: str) -> str | None:
    """Return the exact words of a version as a client of `alias` reads them, None for an unknown version.

    `privacy` and `terms`: the addresses of the pages that say how numbers are kept and what the texts are.
    """
    text = DISCLOSURES.get(version)
    return text.format(alias=alias, privacy=privacy, terms=terms) if text is not None else None
