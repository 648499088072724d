"""Statuses only move forward (SMS-71); codes ask for what the table says (SMS-72)."""

from __future__ import annotations

from itertools import product

import pytest

from notifications.carrier_codes import STATUSES, Consequence, consequence, moves_forward

ENDS = ("delivered", "undelivered", "failed", "cancelled", "expired")
WAY = ("pending", "sending", "unknown", "sent")


def test_every_word_of_the_carrier_is_known() -> None:
    words = "accepted scheduled queued sending sent delivered undelivered failed canceled read partially_delivered"

    assert set(words.split()) == set(STATUSES)


@pytest.mark.parametrize(("current", "new"), list(product((*WAY, *ENDS), repeat=2)))
def test_forward_only(current, new) -> None:
    expected = (current in WAY and (new in ENDS or (new in WAY and WAY.index(new) > WAY.index(current)))) or (
        new == "delivered" and current in ("undelivered", "failed")
    )

    assert moves_forward(current, new) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("21610", Consequence.STOP_TEXTS),
        ("30004", Consequence.SUPPRESS),
        ("21211", Consequence.NUMBER_INVALID),
        ("21614", Consequence.NOT_MOBILE),
        ("30003", Consequence.AGAIN_LATER),
        ("99999", Consequence.NOTHING_MORE),
        (None, Consequence.NOTHING_MORE),
    ],
)
def test_codes(code, expected) -> None:
    assert consequence(code) is expected
