"""How many segments a text takes on the air: GSM 03.38 and UCS-2 arithmetic (SMS-50). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

MAX_BODY = 1600  # characters the carrier takes in one request

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")  # each is an escape and a character, which may not be parted


@dataclass(frozen=True)
class Segments:
    """`units` are septets (gsm7) or 16-bit units (ucs2); `count` is what the carrier bills and the rule limits."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    count: int


def measure(text: str) -> Segments:
    """Count the segments of a body. An empty body has none."""
    if all(character in _BASIC or character in _EXTENDED for character in text):
        widths = [2 if character in _EXTENDED else 1 for character in text]
        return Segments("gsm7", sum(widths), _pack(widths, single=160, part=153))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return Segments("ucs2", sum(widths), _pack(widths, single=70, part=67))


def _pack(widths: Sequence[int], *, single: int, part: int) -> int:
    total = sum(widths)
    if total <= single:
        return 1 if total else 0
    return _parts(widths, part)


def _parts(widths: Iterable[int], part: int) -> int:
    count, room = 0, 0
    for width in widths:
        if width > room:  # also when one of two units would fit: they stay together
            count, room = count + 1, part
        room -= width
    return count
