"""BAM-R: the Brief Addiction Monitor, revised. Three scales and never a total (MSR-04). Pure.

The work of a federal agency, so its text may ship; the verbatim wording is not known here for certain, so labels do.
"""

from __future__ import annotations

from .shape import Answers, Band, Flag, Instrument, Item, License, Result, band_of

LABELS = {
    "1": "physical health",
    "2": "sleep",
    "3": "mood",
    "4": "days of any alcohol",
    "5": "days of heavy drinking",
    "6": "days of any drug",
    "8": "craving",
    "9": "confidence",
    "10": "mutual-help days",
    "11": "risky situations",
    "12": "spirituality",
    "13": "work or school days",
    "14": "income",
    "15": "arguments",
    "16": "supportive contact",
    "17": "satisfaction with progress",
}
ELABORATIONS = {
    "7A": "cannabis",
    "7B": "sedatives",
    "7C": "cocaine",
    "7D": "other stimulants",
    "7E": "opioids",
    "7F": "inhalants",
    "7G": "other drugs",
}
SCALES = {
    "use": ("4", "5", "6"),
    "risk": ("1", "2", "3", "8", "11", "15"),
    "protective": ("9", "10", "12", "13", "14", "16"),
}
SCORED = frozenset(code for codes in SCALES.values() for code in codes)
ITEMS = (
    *(Item(code, label, 0, 4, scored=code in SCORED) for code, label in LABELS.items()),
    # they say which drugs item 6 means, and are in no scale
    *(Item(code, label, 0, 4, scored=False, optional=True) for code, label in ELABORATIONS.items()),
)
BANDS = {
    "use": (Band("none", "reports no use", 0, 0), Band("flagged", "reports use", 1, 12)),
    "risk": (
        Band("not_flagged", "screens below the flagged range", 0, 11),
        Band("flagged", "screens in the flagged range for risk factors", 12, 24),
    ),
    "protective": (
        Band("flagged", "screens in the flagged range for few protective factors", 0, 12),
        Band("not_flagged", "screens above the flagged range", 13, 24),
    ),
}


def judge(answers: Answers, sex: str) -> Result:
    """Return three sums. More is worse for use and risk, and better for protective factors."""
    scores = {scale: sum(answers[code] for code in codes) for scale, codes in SCALES.items()}
    bands = {scale: band_of(BANDS[scale], score) for scale, score in scores.items()}
    flags = tuple(f"bam_r_{scale}" for scale, band in bands.items() if band == "flagged")
    return Result(scores, bands, flags)


BAM_R = Instrument(
    code="bam_r",
    version="1",
    name="Brief Addiction Monitor, revised",
    items=ITEMS,
    license=License(
        holder="Public domain (US Department of Veterans Affairs)",
        notice="A work of the United States government. The official form has the wording of the items.",
        text_may_ship=True,
    ),
    bands=BANDS,
    flags=(
        Flag("bam_r_use", "Use was reported. It opens a talk, never a discharge."),
        Flag("bam_r_risk", "Risk factors add up to 12 or more."),
        Flag("bam_r_protective", "Protective factors add up to 12 or less."),
    ),
    judge=judge,
)
