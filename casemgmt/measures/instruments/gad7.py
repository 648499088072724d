"""GAD-7: seven items over two weeks, summed. Pure."""

from __future__ import annotations

from .phq9 import LICENSE, item
from .shape import Answers, Flag, Instrument, Result, band_of, screens, total_of

ITEMS = (
    item(1, "nervous", "Feeling nervous, anxious, or on edge"),
    item(2, "control of worry", "Not being able to stop or control worrying"),
    item(3, "worry", "Worrying too much about different things"),
    item(4, "relaxing", "Trouble relaxing"),
    item(5, "restless", "Being so restless that it is hard to sit still"),
    item(6, "irritable", "Becoming easily annoyed or irritable"),
    item(7, "afraid", "Feeling afraid as if something awful might happen"),
)
BANDS = (
    screens("minimal", 0, 4),
    screens("mild", 5, 9),
    screens("moderate", 10, 14),
    screens("severe", 15, 21),
)
POSITIVE_FROM = 10


def judge(answers: Answers, sex: str) -> Result:
    """Return the sum; 10 or more screens positive."""
    total = total_of(answers, ITEMS)
    flags = ("gad7_positive",) if total >= POSITIVE_FROM else ()
    return Result({"total": total}, {"total": band_of(BANDS, total)}, flags)


GAD7 = Instrument(
    code="gad7",
    version="1",
    name="Generalized Anxiety Disorder, seven items",
    items=ITEMS,
    license=LICENSE,
    stem="Over the last 2 weeks, how often have you been bothered by the following problems?",
    bands={"total": BANDS},
    flags=(Flag("gad7_positive", "Screens positive for anxiety."),),
    judge=judge,
)
