"""The C-SSRS screener: six questions, no total, a triage (MSR-06). Pure.

The wording must not change, and is not known here word by word for certain, so only numbers and labels ship.
"""

from __future__ import annotations

from .shape import Answers, Band, Flag, Instrument, Item, License, Result

ITEMS = (
    Item("1", "wish to be dead, past month", 0, 1),
    Item("2", "thoughts of suicide, past month", 0, 1),
    Item("3", "thoughts of a method, past month", 0, 1),
    Item("4", "some intent to act, past month", 0, 1),
    Item("5", "plan with intent, past month", 0, 1),
    Item("6", "suicidal behavior, ever", 0, 1),
    Item("6_recent", "suicidal behavior, past three months", 0, 1),
)
# The triage is an order, not a score; the numbers only name its steps.
BANDS = (
    Band("none", "nothing positive on this screen", 0, 0),
    Band("low", "screens in the low risk range", 1, 1),
    Band("moderate", "screens in the moderate risk range", 2, 2),
    Band("high", "screens in the high risk range", 3, 3),
)


def skipped(answers: Answers) -> frozenset[str]:
    """Return what is not asked: 3 to 5 after a no to 2; the follow-up of 6 after a no to 6. 6 is always asked."""
    without = {"3", "4", "5"} if answers.get("2") == 0 else set()
    return frozenset(without | ({"6_recent"} if answers.get("6") == 0 else set()))


def triage(answers: Answers) -> str:
    """Return none, low, moderate or high; an unasked question counts as no (MSR-06)."""
    yes = {code for code, value in answers.items() if value == 1}
    if yes & {"4", "5", "6_recent"}:
        return "high"
    if yes & {"3", "6"}:
        return "moderate"
    return "low" if yes & {"1", "2"} else "none"


def judge(answers: Answers, sex: str) -> Result:
    """Return the triage and its flag; there is nothing to add up."""
    level = triage(answers)
    return Result(bands={"triage": level}, flags=() if level == "none" else (f"cssrs_{level}",))


CSSRS = Instrument(
    code="cssrs",
    version="1",
    name="Columbia-Suicide Severity Rating Scale, screener",
    items=ITEMS,
    license=License(
        holder="The Columbia Lighthouse Project",
        notice=(
            "Free for clinical and community use; the wording must not change. Read the questions from the official "
            "form. 1 is yes, 0 is no."
        ),
        text_may_ship=True,
    ),
    bands={"triage": BANDS},
    flags=(
        Flag("cssrs_low", "Low: a clinician hears of it on the next business day.", risk=True),
        Flag("cssrs_moderate", "Moderate: a clinician within 24 hours.", risk=True),
        Flag("cssrs_high", "High: a clinician the same day; never peer support alone.", risk=True),
    ),
    skipped=skipped,
    judge=judge,
)
