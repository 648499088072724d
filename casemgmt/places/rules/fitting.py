"""Whether somebody in line fits one place, and why not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casemgmt.places.words import MEETS, Need, SkipReason


@dataclass(frozen=True, slots=True)
class Place:
    """What is offered: a place of a program, or one of its beds. None is unknown, which is not "no"."""

    today: date  # at the program
    accepts_moud: bool | None
    bed_policy: str | None = None  # None: no bed in particular
    step_free: bool | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody in line needs, and how things stand with them. `referred`: may take part there (G6).

    `answered`: this very place was offered to them before.
    """

    needs: frozenset[str]
    asked_for: date | None
    has_offer: bool
    answered: bool
    enrolled: bool
    referred: bool


def unmet(wish: Wish, place: Place) -> tuple[str, ...]:
    """Return the needs that the place is known not to meet."""
    found = set()
    if Need.MOUD in wish.needs and place.accepts_moud is False:
        found.add(Need.MOUD.value)
    if Need.STEP_FREE in wish.needs and place.step_free is False:
        found.add(Need.STEP_FREE.value)
    if place.bed_policy is not None:
        apart = {Need.WOMEN_ONLY.value, Need.MEN_ONLY.value, Need.WITH_CHILDREN.value}
        found |= (wish.needs & apart) - MEETS[place.bed_policy]
    return tuple(sorted(found))


def why_not(wish: Wish, place: Place) -> tuple[SkipReason, tuple[str, ...]] | None:
    """Return why the place is not for them, with the needs it does not meet; None when it is."""
    if wish.has_offer:
        return SkipReason.HAS_OFFER, ()
    if wish.answered:
        return SkipReason.ANSWERED_THIS_PLACE, ()
    if wish.enrolled:
        return SkipReason.ALREADY_ENROLLED, ()
    lacking = unmet(wish, place)
    if lacking:
        return SkipReason.NEEDS_NOT_MET, lacking
    if place.bed_policy is not None and not MEETS[place.bed_policy] <= wish.needs:
        return SkipReason.BED_FOR_OTHERS, ()
    if wish.asked_for is not None and wish.asked_for > place.today:
        return SkipReason.NOT_WANTED_YET, ()
    if not wish.referred:
        return SkipReason.REFERRAL_NEEDED, ()
    return None


# Of these the one who waits decided themselves; the others count as passed over.
OWN_DOING = frozenset({SkipReason.HAS_OFFER, SkipReason.ANSWERED_THIS_PLACE, SkipReason.NOT_WANTED_YET})
