"""What the carrier's words and error codes mean for us (SMS-70 to SMS-72). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Consequence(StrEnum):
    """What an error code makes us do besides noting that the text did not arrive."""

    STOP_TEXTS = "stop_texts"  # the recipient opted out at the carrier
    SUPPRESS = "suppress"  # perhaps opted out: stop, and let a person find out
    NUMBER_INVALID = "number_invalid"
    NOT_MOBILE = "not_mobile"
    NUMBER_IN_DOUBT = "number_in_doubt"  # twice within a week: invalid
    AGAIN_SOON = "again_soon"  # once more, as far as the promise of two hand-overs goes
    AGAIN_LATER = "again_later"  # once more in an hour: the phone is off
    CLOSE_CHANNEL = "close_channel"  # the carrier refuses us, not the text
    TELL_ADMINISTRATORS = "tell_administrators"  # our account, number, wording or address is set up wrongly
    NOTHING_MORE = "nothing_more"


CONSEQUENCES: Mapping[str, Consequence] = {
    "21610": Consequence.STOP_TEXTS,
    "30004": Consequence.SUPPRESS,
    "21211": Consequence.NUMBER_INVALID,
    "21217": Consequence.NUMBER_INVALID,
    "21614": Consequence.NOT_MOBILE,
    "21635": Consequence.NOT_MOBILE,
    "30006": Consequence.NOT_MOBILE,
    "30005": Consequence.NUMBER_IN_DOUBT,
    "30001": Consequence.AGAIN_SOON,
    "30008": Consequence.AGAIN_SOON,
    "30003": Consequence.AGAIN_LATER,
    "30002": Consequence.CLOSE_CHANNEL,
    "30034": Consequence.CLOSE_CHANNEL,
    "21408": Consequence.TELL_ADMINISTRATORS,
    "21612": Consequence.TELL_ADMINISTRATORS,
    "30007": Consequence.TELL_ADMINISTRATORS,
    "57012": Consequence.TELL_ADMINISTRATORS,
}

# The carrier's word -> our status. Everything before delivery means: the carrier has it.
STATUSES: Mapping[str, str] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}

_RANKS: Mapping[str, int] = {"pending": 0, "sending": 1, "unknown": 2, "sent": 3}
_END = 4


def consequence(code: str | None) -> Consequence:
    """Return what a code asks for; an unknown one asks for nothing more."""
    return CONSEQUENCES.get(code or "", Consequence.NOTHING_MORE)


def moves_forward(current: str, new: str) -> bool:
    """Say whether a status may follow another: only forward, and delivered beats a failure (SMS-71)."""
    if new == "delivered" and current in ("undelivered", "failed"):
        return True
    return _RANKS.get(current, _END) < _RANKS.get(new, _END)
