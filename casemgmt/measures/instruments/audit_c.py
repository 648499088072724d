"""AUDIT-C: three items on drinking, summed; the cut-off differs by sex (MSR-04). Pure."""

from __future__ import annotations

from .shape import Answers, Flag, Instrument, Item, License, Result, total_of

ITEMS = (
    Item(
        "1",
        "frequency",
        0,
        4,
        "How often do you have a drink containing alcohol?",
        ("Never", "Monthly or less", "2 to 4 times a month", "2 to 3 times a week", "4 or more times a week"),
    ),
    Item(
        "2",
        "quantity",
        0,
        4,
        "How many drinks containing alcohol do you have on a typical day when you are drinking?",
        ("1 or 2", "3 or 4", "5 or 6", "7, 8, or 9", "10 or more"),
    ),
    Item(
        "3",
        "six or more",
        0,
        4,
        "How often do you have six or more drinks on one occasion?",
        ("Never", "Less than monthly", "Monthly", "Weekly", "Daily or almost daily"),
    ),
)
POSITIVE_FROM_MEN = 4
POSITIVE_FROM = 3  # women, and everybody of whom it is not known


def judge(answers: Answers, sex: str) -> Result:
    """Return the sum; all points from item 1 alone may be low-level drinking, which a reviewer is told."""
    total = total_of(answers, ITEMS)
    if total < (POSITIVE_FROM_MEN if sex == "male" else POSITIVE_FROM):
        return Result({"total": total})
    review = ("audit_c_frequency_only",) if total == answers["1"] else ()
    return Result({"total": total}, flags=("audit_c_positive", *review))


AUDIT_C = Instrument(
    code="audit_c",
    version="1",
    name="Alcohol Use Disorders Identification Test, consumption",
    items=ITEMS,
    license=License(
        holder="World Health Organization",
        notice="Part of the AUDIT of the World Health Organization. Free for non-commercial use.",
        text_may_ship=True,
    ),
    flags=(
        Flag("audit_c_positive", "Screens positive for unhealthy drinking."),
        Flag("audit_c_frequency_only", "All points come from how often: it may be low-level drinking. Review."),
    ),
    asks_sex=True,
    judge=judge,
)
