"""A second opinion on scores, written from the rule book's table (rules.md, 4) and not from the product.

It answers what answers come to as plain dictionaries; the golden files were worked out with it and by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Answers = dict[str, int]
Worked = dict[str, Any]

PHQ9_ENDS = {4: "minimal", 9: "mild", 14: "moderate", 19: "moderately_severe", 27: "severe"}
GAD7_ENDS = {4: "minimal", 9: "mild", 14: "moderate", 21: "severe"}
DAST10_ENDS = {0: "none", 2: "low", 5: "moderate", 8: "substantial", 10: "severe"}


def ended(ends: dict[int, str], score: int) -> str:
    """Return the band whose upper end is the next one at or above a score."""
    return ends[min(end for end in ends if end >= score)]


def worked(scores: dict[str, int], bands: dict[str, str] | None = None, *flags: str | None) -> Worked:
    """Return what answers come to, in the shape of a golden case."""
    return {"scores": scores, "bands": bands or {}, "flags": [flag for flag in flags if flag]}


def phq2(given: Answers, sex: str) -> Worked:
    """Two items; 3 or more is positive."""
    total = given["1"] + given["2"]
    return worked({"total": total}, None, "phq2_positive" if total > 2 else None)


def phq9(given: Answers, sex: str) -> Worked:
    """Nine items; the tenth is never added; item 9 is flagged whatever the total."""
    total = 0
    for number in range(9):
        total += given[str(number + 1)]
    return worked(
        {"total": total},
        {"total": ended(PHQ9_ENDS, total)},
        "phq9_item_9" if given["9"] else None,
        "phq9_item_9_daily" if given["9"] == 3 else None,
    )


def gad7(given: Answers, sex: str) -> Worked:
    """Seven items; 10 or more is likely."""
    total = 0
    for number in range(7):
        total += given[str(number + 1)]
    return worked({"total": total}, {"total": ended(GAD7_ENDS, total)}, "gad7_positive" if total > 9 else None)


def barc10(given: Answers, sex: str) -> Worked:
    """Ten items from 1 to 6, summed as they are: all ones are 10."""
    total = 10 + sum(value - 1 for value in given.values())
    return worked({"total": total}, None, "barc10_cut_off_reached" if total > 46 else None)


def bam_r(given: Answers, sex: str) -> Worked:
    """Three scales, no total; 7A to 7G and 17 in none of them."""
    use = given["4"] + given["5"] + given["6"]
    risk = given["1"] + given["2"] + given["3"] + given["8"] + given["11"] + given["15"]
    protective = given["9"] + given["10"] + given["12"] + given["13"] + given["14"] + given["16"]
    return worked(
        {"use": use, "risk": risk, "protective": protective},
        {
            "use": "flagged" if use > 0 else "none",
            "risk": "flagged" if risk > 11 else "not_flagged",
            "protective": "not_flagged" if protective > 12 else "flagged",
        },
        "bam_r_use" if use > 0 else None,
        "bam_r_risk" if risk > 11 else None,
        "bam_r_protective" if protective < 13 else None,
    )


def cssrs(given: Answers, sex: str) -> Worked:
    """MSR-06, word by word. An unasked question is no yes."""
    yes = {code: given.get(code) == 1 for code in ("1", "2", "3", "4", "5", "6", "6_recent")}
    level = "none"
    if yes["1"] or yes["2"]:
        level = "low"
    if yes["3"] or (yes["6"] and not yes["6_recent"]):
        level = "moderate"
    if yes["4"] or yes["5"] or (yes["6"] and yes["6_recent"]):
        level = "high"
    return worked({}, {"triage": level}, None if level == "none" else f"cssrs_{level}")


def audit_c(given: Answers, sex: str) -> Worked:
    """Three items; men from 4, everybody else from 3; a note when all points come from the first."""
    total = given["1"] + given["2"] + given["3"]
    positive = total >= 4 or (total == 3 and sex != "male")
    only_first = positive and given["2"] == given["3"] == 0
    return worked(
        {"total": total},
        None,
        "audit_c_positive" if positive else None,
        "audit_c_frequency_only" if only_first else None,
    )


def dast10(given: Answers, sex: str) -> Worked:
    """Ten items; a no to item 3 counts, a yes to it does not."""
    total = sum(value for code, value in given.items() if code != "3") + (0 if given["3"] else 1)
    return worked({"total": total}, {"total": ended(DAST10_ENDS, total)}, "dast10_positive" if total > 2 else None)


def ruler(given: Answers, sex: str) -> Worked:
    """The number as it was given."""
    return worked({"value": given["1"]})


SCORES: dict[str, Callable[[Answers, str], Worked]] = {
    "phq2": phq2,
    "phq9": phq9,
    "gad7": gad7,
    "barc10": barc10,
    "bam_r": bam_r,
    "cssrs": cssrs,
    "audit_c": audit_c,
    "dast10": dast10,
    "ruler_hope": ruler,
    "ruler_confidence": ruler,
    "ruler_connection": ruler,
    "ruler_functioning": ruler,
    "ruler_life_satisfaction": ruler,
}
