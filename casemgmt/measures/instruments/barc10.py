"""BARC-10: recovery capital, ten items from 1 to 6, summed; all ones are 10, not 0 (MSR-04). Pure.

No item text ships: sources disagree about the license, so the operator confirms it first (rules.md, 4 and 12).
"""

from __future__ import annotations

from .shape import Answers, Flag, Instrument, Item, License, Result, total_of

LABELS = (
    "priorities",
    "happy",
    "energy",
    "community",
    "friends",
    "fulfilling",
    "living space",
    "responsibility",
    "professionals",
    "progress",
)
ITEMS = tuple(Item(str(number), label, 1, 6) for number, label in enumerate(LABELS, start=1))
CUT_OFF = 47


def judge(answers: Answers, sex: str) -> Result:
    """Return the sum. There is one cut-off and no other band (MSR-08)."""
    total = total_of(answers, ITEMS)
    return Result({"total": total}, flags=("barc10_cut_off_reached",) if total >= CUT_OFF else ())


BARC10 = Instrument(
    code="barc10",
    version="1",
    name="Brief Assessment of Recovery Capital",
    items=ITEMS,
    license=License(
        holder="The authors (Vilsaint and colleagues, 2017)",
        notice=(
            "One source says freely available without permission, another CC BY-NC-ND. Load the item text only after "
            "the license is confirmed. 1 is strongly disagree, 6 is strongly agree."
        ),
        text_may_ship=False,
    ),
    flags=(Flag("barc10_cut_off_reached", "47 or more, which is associated with more than 12 months of remission."),),
    judge=judge,
)
