"""Recovery residences: the four levels of NARR and the type each one stands for (CLN-10). Pure."""

from __future__ import annotations

from django.db.models import TextChoices


class NarrLevel(TextChoices):
    """The level of a residence. Not a rating: none is better than another (CLN-10)."""

    I = "I"  # noqa: E741 - NARR numbers its levels in Roman figures
    II = "II"
    III = "III"
    IV = "IV"


class NarrType(TextChoices):
    """The character of a residence (NARR 3.0)."""

    PEER_RUN = "P"
    MONITORED = "M"
    SUPERVISED = "S"
    CLINICAL = "C"


TYPE_OF_LEVEL: dict[str, str] = {
    NarrLevel.I.value: NarrType.PEER_RUN.value,
    NarrLevel.II.value: NarrType.MONITORED.value,
    NarrLevel.III.value: NarrType.SUPERVISED.value,
    NarrLevel.IV.value: NarrType.CLINICAL.value,
}


def narr_type(level: str) -> str:
    """Return the type that a level stands for, empty for a program that has none."""
    return TYPE_OF_LEVEL.get(level, "")
