"""PHQ-2: the first two items of the PHQ-9; 3 or more leads to the whole of it. Pure."""

from __future__ import annotations

from .phq9 import INTEREST, LICENSE, MOOD, STEM
from .shape import Answers, Flag, Instrument, Result, total_of

ITEMS = (INTEREST, MOOD)
POSITIVE_FROM = 3


def judge(answers: Answers, sex: str) -> Result:
    """Return the sum; 3 or more screens positive."""
    total = total_of(answers, ITEMS)
    return Result({"total": total}, flags=("phq2_positive",) if total >= POSITIVE_FROM else ())


PHQ2 = Instrument(
    code="phq2",
    version="1",
    name="Patient Health Questionnaire, two items",
    items=ITEMS,
    license=LICENSE,
    stem=STEM,
    flags=(Flag("phq2_positive", "Screens positive. Continue with the PHQ-9."),),
    judge=judge,
)
