"""Words that occur nowhere else, and finding them again: as they are, in base64, or as digits of a phone number."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import threading
from dataclasses import dataclass, field

LETTERS = "bcdfghjkmpqrtvwx"  # no vowels: never a word, never a name of anything
PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")  # task bodies travel in base64
AREAS = ("913", "816", "620")  # numbers 555-0100 to 0199 of an area belong to nobody


@dataclass
class Mint:
    """Gives canaries away, and remembers what each was given for."""

    mark: str = field(default_factory=lambda: "zq" + "".join(secrets.choice(LETTERS) for _ in range(4)))
    given: dict[str, str] = field(default_factory=dict)  # canary -> where it was put
    numbers: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def word(self, where: str) -> str:
        """Return a canary of ten letters, fit for a name."""
        with self.lock:
            rest, number = "", len(self.given)
            for _ in range(4):
                number, letter = divmod(number, len(LETTERS))
                rest += LETTERS[letter]
            self.given[self.mark + rest] = where
            return (self.mark + rest).capitalize()

    def number(self, where: str) -> str:
        """Return a phone number as a canary: +1 and ten digits."""
        with self.lock:
            area, last = AREAS[self.numbers // 100], self.numbers % 100
            self.numbers += 1
            digits = f"{area}55501{last:02d}"
            self.given[digits] = where
            return f"+1{digits}"

    def found_in(self, text: str) -> dict[str, str]:
        """Return canary -> where it was put, for every canary in a text, whatever its case; also in packed parts."""
        told = "\n".join((text, *(unpacked(packed) for packed in set(PACKED.findall(text))))).lower()
        shaped = re.compile(rf"{self.mark}[{LETTERS}]{{4}}|(?:{'|'.join(AREAS)})55501\d\d")
        with self.lock:
            return {each: self.given[each] for each in set(shaped.findall(told)) if each in self.given}


def unpacked(packed: str) -> str:
    """Return what a piece of base64 says, or nothing."""
    plain = packed.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
