"""PHQ-9: nine items over two weeks, and one item on difficulty that is never added (MSR-04, MSR-05). Pure."""

from __future__ import annotations

from .shape import Answers, Flag, Instrument, Item, License, Result, band_of, screens, total_of

OPTIONS = ("Not at all", "Several days", "More than half the days", "Nearly every day")
STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
LICENSE = License(
    holder="Pfizer Inc.",
    notice=(
        "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational "
        "grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute."
    ),
    text_may_ship=True,
)


def item(number: int, label: str, text: str) -> Item:
    """Return an item of the PHQ family: 0 (not at all) to 3 (nearly every day)."""
    return Item(str(number), label, 0, 3, text, OPTIONS)


INTEREST = item(1, "interest", "Little interest or pleasure in doing things")
MOOD = item(2, "mood", "Feeling down, depressed, or hopeless")
DIFFICULTY = Item(
    "difficulty",
    "difficulty",
    0,
    3,
    "If you checked off any problems, how difficult have these problems made it for you to do your work, take care of "
    "things at home, or get along with other people?",
    ("Not difficult at all", "Somewhat difficult", "Very difficult", "Extremely difficult"),
    scored=False,
    optional=True,
)
ITEMS = (
    INTEREST,
    MOOD,
    item(3, "sleep", "Trouble falling or staying asleep, or sleeping too much"),
    item(4, "energy", "Feeling tired or having little energy"),
    item(5, "appetite", "Poor appetite or overeating"),
    item(
        6,
        "self-worth",
        "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    ),
    item(
        7,
        "concentration",
        "Trouble concentrating on things, such as reading the newspaper or watching television",
    ),
    item(
        8,
        "movement",
        "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or "
        "restless that you have been moving around a lot more than usual",
    ),
    item(9, "self-harm", "Thoughts that you would be better off dead or of hurting yourself in some way"),
    DIFFICULTY,
)
BANDS = (
    screens("minimal", 0, 4),
    screens("mild", 5, 9),
    screens("moderate", 10, 14),
    screens("moderately_severe", 15, 19),
    screens("severe", 20, 27),
)
DAILY = 3


def judge(answers: Answers, sex: str) -> Result:
    """Return the sum of the nine items; any answer but 0 to item 9 is flagged, whatever the total (MSR-05)."""
    total = total_of(answers, ITEMS)
    flags = (("phq9_item_9",) if answers["9"] >= 1 else ()) + (("phq9_item_9_daily",) if answers["9"] == DAILY else ())
    return Result({"total": total}, {"total": band_of(BANDS, total)}, flags)


PHQ9 = Instrument(
    code="phq9",
    version="1",
    name="Patient Health Questionnaire, nine items",
    items=ITEMS,
    license=LICENSE,
    stem=STEM,
    bands={"total": BANDS},
    flags=(
        Flag("phq9_item_9", "Thoughts of death or self-harm were reported. A clinician asks further today.", risk=True),
        Flag("phq9_item_9_daily", "Such thoughts were reported nearly every day. Act now.", risk=True),
    ),
    judge=judge,
)
