"""DAST-10: ten yes-or-no items; item 3 counts when the answer is no, so all "no" is 1 (MSR-04). Pure.

No item text ships: the license is for non-commercial use with credit, and an operator may be a business.
"""

from __future__ import annotations

from .shape import Answers, Band, Flag, Instrument, Item, License, Result, band_of, screens

LABELS = (
    "non-medical use",
    "more than one drug at a time",
    "able to stop (reversed)",
    "blackouts or flashbacks",
    "guilt",
    "complaints of those close",
    "neglect of family",
    "illegal activities",
    "withdrawal",
    "medical problems",
)
ITEMS = tuple(Item(str(number), label, 0, 1) for number, label in enumerate(LABELS, start=1))
REVERSED = "3"
BANDS = (
    Band("none", "screens with no problems reported", 0, 0),
    screens("low", 1, 2),
    screens("moderate", 3, 5),
    screens("substantial", 6, 8),
    screens("severe", 9, 10),
)
POSITIVE_FROM = 3


def judge(answers: Answers, sex: str) -> Result:
    """Return the sum with item 3 reversed; 3 or more screens positive."""
    total = sum(1 - value if code == REVERSED else value for code, value in answers.items())
    flags = ("dast10_positive",) if total >= POSITIVE_FROM else ()
    return Result({"total": total}, {"total": band_of(BANDS, total)}, flags)


DAST10 = Instrument(
    code="dast10",
    version="1",
    name="Drug Abuse Screening Test, ten items",
    items=ITEMS,
    license=License(
        holder="Harvey A. Skinner and the Centre for Addiction and Mental Health",
        notice="Non-commercial use with credit; others ask the holder. 1 is yes, 0 is no.",
        text_may_ship=False,
    ),
    bands={"total": BANDS},
    flags=(Flag("dast10_positive", "Screens positive for problems with drugs."),),
    judge=judge,
)
