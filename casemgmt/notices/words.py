"""What a notice may say: that something waits, how much, and where to sign in. Pure.

A letter passes servers and lies in inboxes that are not ours: it names no client, no kind of work, no program and no
organization, whose name may tell what it does (SMS-43, HIP-02).
"""

from __future__ import annotations

from dataclasses import dataclass

URGENT = "Something urgent waits for you"
DIGEST = "Work waits for you"
HOW_TO_CHANGE = "When summaries come is set in your notice preferences; what is urgent always comes."


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits for somebody, and how much of it should have been done by now."""

    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One line and some more."""

    subject: str
    text: str


def urgent(counts: Counts, *, address: str) -> Letter:
    """Return the letter that cannot wait."""
    return _letter(URGENT, [_much(counts.waiting, "urgent thing")], address=address)


def digest(counts: Counts, *, address: str) -> Letter:
    """Return the summary of what waits."""
    lines = [_much(counts.waiting, "thing")]
    if counts.overdue:
        lines.append(f"Past their time: {counts.overdue}.")
    return _letter(DIGEST, lines, address=address)


def _much(count: int, what: str) -> str:
    return f"{count} {what} waits for you." if count == 1 else f"{count} {what}s wait for you."


def _letter(subject: str, lines: list[str], *, address: str) -> Letter:
    return Letter(subject, "\n".join([*lines, "", f"Sign in: {address}", "", HOW_TO_CHANGE, ""]))
