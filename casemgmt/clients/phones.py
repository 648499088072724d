"""What a phone number is. Pure."""

from __future__ import annotations

import phonenumbers


def to_e164(text: str, *, region: str = "US") -> str | None:
    """Return `text` as E.164, or None when no carrier could own it (the 555 area code, too short, letters)."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def last_digits(number: str) -> str:
    """Return the form in which a number may stand in a log: its last two digits."""
    return f"…{number[-2:]}"
