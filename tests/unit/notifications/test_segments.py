"""Segment arithmetic: every vector of SMS-50, and the boundaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.segments import measure


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", "gsm7", 0),
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("a" * 306, "gsm7", 2),
        ("a" * 307, "gsm7", 3),
        ("€" * 80, "gsm7", 1),
        ("€" * 81, "gsm7", 2),
        ("€" * 152, "gsm7", 2),
        ("€" * 153, "gsm7", 3),
        ("你" * 70, "ucs2", 1),
        ("你" * 71, "ucs2", 2),
        ("你" * 134, "ucs2", 2),
        ("你" * 135, "ucs2", 3),
        ("😀" * 35, "ucs2", 1),
        ("😀" * 36, "ucs2", 2),
        ("😀" * 66, "ucs2", 2),
        ("😀" * 67, "ucs2", 3),
        ("it’s ok", "ucs2", 1),
        ("it's ok", "gsm7", 1),
        ("¿Qué tal? ñ ü à", "gsm7", 1),
        ("más", "ucs2", 1),
    ],
)
def test_vectors(text: str, encoding: str, segments: int) -> None:
    measured = measure(text)

    assert (measured.encoding, measured.count) == (encoding, segments)


def test_an_extension_character_costs_two_units() -> None:
    assert measure("a€").units == 3
    assert measure("😀").units == 2


@given(st.text(max_size=400))
def test_one_more_character_never_takes_fewer_segments_in_one_alphabet(text: str) -> None:
    assert measure(text).count <= measure(text + "你").count
