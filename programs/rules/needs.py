"""What a program must have to be found, and how a listing answers each need. Pure; knows needs, not people (HSD-01).

Each need is answered in one of three ways: it matches; nobody knows; it stands against the program, which is then left
out. Unknown is never taken for no. Levels of residences are compared, never ranked (CLN-10), and a modality counts only
when somebody asks for it: nothing here recommends one (rules.md 3.4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from .kinds import Kind, ProgramStatus
from .listing import CapacityState, CertificateState, ListingState


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked for. None or empty: not asked."""

    kind: str
    level: tuple[int, str] | None = None  # edition and code
    modality: str = ""
    moud: bool = False
    language: str = ""  # BCP 47
    age: int | None = None
    city: str = ""
    state: str = ""
    narr_levels: tuple[str, ...] = ()
    payer: str = ""
    times: tuple[str, ...] = ()  # one of them is enough
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What the directory says of one program today."""

    status: str
    listing: ListingState
    capacity: CapacityState
    places_open: int | None
    waitlist_only: bool
    certificate: CertificateState
    level: tuple[int, str] | None
    modalities: frozenset[str]
    accepts_moud: bool | None
    languages: tuple[str, ...]
    interpretation: bool
    minimum_age: int | None
    maximum_age: int | None
    whereabouts: tuple[tuple[str, str], ...]  # city and state, each perhaps empty
    narr_level: str
    payers: frozenset[str]
    times: frozenset[str]


class Verdict(StrEnum):
    """How a listing answers a need."""

    MATCHED = "matched"
    UNKNOWN = "unknown"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: to which need, a stable code, and the sentence to show."""

    need: str
    verdict: Verdict
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """All answers of one listing, and what of it is old."""

    answers: tuple[Answer, ...] = ()
    stale: tuple[Answer, ...] = field(default=())

    def of(self, verdict: Verdict) -> tuple[Answer, ...]:
        """Return the answers of one kind."""
        return tuple(each for each in self.answers if each.verdict is verdict)

    @property
    def found(self) -> bool:
        """True when nothing stands against the program."""
        return not self.of(Verdict.AGAINST)

    @property
    def rank(self) -> tuple[int, int]:
        """What results are ordered by before their names: what is unknown, then what is old. Fewer come first."""
        return len(self.of(Verdict.UNKNOWN)), len(self.stale)


def judge(needs: Needs, listing: Listing) -> Judgement:
    """Return how a listing answers the needs, each in the order of the questions."""
    answers = [each for question in QUESTIONS if (each := question(needs, listing)) is not None]
    return Judgement(tuple(answers), tuple(_stale(listing, needs)))


def _of(need: str, matches: bool | None, code: str, *sentences: str) -> Answer:
    """Return the answer for True, None (unknown) or False; `sentences` in this order."""
    place = {True: 0, None: 1, False: 2}[matches]
    verdict = (Verdict.MATCHED, Verdict.UNKNOWN, Verdict.AGAINST)[place]
    return Answer(need, verdict, f"{code}_{('fits', 'unknown', 'differs')[place]}", sentences[place])


def _status(needs: Needs, listing: Listing) -> Answer | None:
    if listing.status == ProgramStatus.ACTIVE:
        return None
    return Answer("kind", Verdict.AGAINST, "not_taking_people", "The program takes nobody at present.")


def _age_of_listing(needs: Needs, listing: Listing) -> Answer | None:
    if listing.listing is not ListingState.STALE:
        return None
    return Answer("kind", Verdict.AGAINST, "listing_stale", "Nobody has checked the listing for too long.")


def _level(needs: Needs, listing: Listing) -> Answer | None:
    if needs.level is None:
        return None
    told = listing.level
    same = None if told is None or told[0] != needs.level[0] else told == needs.level
    return _of(
        "level_of_care",
        same,
        "level",
        "Gives this level of care.",
        "The listing does not give its level of care by this edition.",
        "Gives another level of care.",
    )


def _modality(needs: Needs, listing: Listing) -> Answer | None:
    if not needs.modality:
        return None
    has = needs.modality in listing.modalities if listing.modalities else None
    return _of(
        "modality",
        has,
        "modality",
        "Offers this modality.",
        "The listing names no modality.",
        "Does not name this modality.",
    )


def _moud(needs: Needs, listing: Listing) -> Answer | None:
    if not needs.moud:
        return None
    return _of(
        "moud",
        listing.accepts_moud,
        "moud",
        "Accepts medication for opioid use disorder.",
        "The listing does not say whether medication for opioid use disorder is accepted.",
        "Does not accept medication for opioid use disorder.",
    )


def _language(needs: Needs, listing: Listing) -> Answer | None:
    if not needs.language:
        return None
    if any(_same_language(needs.language, each) for each in listing.languages):
        return Answer("language", Verdict.MATCHED, "language_fits", "Works in this language.")
    if listing.interpretation:
        sentence = "Offers interpretation; the listing does not say whether into this language."
        return Answer("language", Verdict.UNKNOWN, "language_interpreted", sentence)
    speaks = False if listing.languages else None
    sentences = ("Works in this language.", "The listing names no language.", "Does not name this language.")
    return _of("language", speaks, "language", *sentences)


def _same_language(wanted: str, spoken: str) -> bool:
    """`es` is spoken where `es-MX` is, and the other way round."""
    return wanted == spoken or wanted.startswith(f"{spoken}-") or spoken.startswith(f"{wanted}-")


def _age(needs: Needs, listing: Listing) -> Answer | None:
    if needs.age is None:
        return None
    low, high = listing.minimum_age, listing.maximum_age
    fits = None
    if low is not None or high is not None:
        fits = (low is None or low <= needs.age) and (high is None or needs.age <= high)
    return _of("age", fits, "age", "Takes people of this age.", "The listing gives no ages.", "Takes other ages.")


def _place(needs: Needs, listing: Listing) -> Answer | None:
    if not (needs.city or needs.state):
        return None
    cities = {city.casefold() for city, state in listing.whereabouts if state}
    told = [each for each in listing.whereabouts if each[1] or each[0].casefold() not in cities]
    found = [_all_of([_same(needs.city, city), _same_state(needs.state, state)]) for city, state in told]
    here = True if True in found else None if None in found or not found else False
    return _of("place", here, "place", "Is found there.", "The listing does not say where it is.", "Is elsewhere.")


def _same(wanted: str, told: str) -> bool | None:
    if not wanted:
        return True
    return wanted.casefold() == told.casefold() if told else None


def _same_state(wanted: str, told: str) -> bool | None:
    """KS and Kansas may be one: a code and a name are not compared."""
    return None if wanted and told and (len(wanted) == 2) is not (len(told) == 2) else _same(wanted, told)


def _all_of(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _narr_level(needs: Needs, listing: Listing) -> Answer | None:
    if not needs.narr_levels:
        return None
    has = listing.narr_level in needs.narr_levels if listing.narr_level else None
    sentences = ("Is of a level asked for.", "The listing gives no NARR level.", "Is of another NARR level.")
    return _of("narr_levels", has, "narr_level", *sentences)


def _payer(needs: Needs, listing: Listing) -> Answer | None:
    if not needs.payer:
        return None
    takes = needs.payer in listing.payers if listing.payers else None
    sentences = ("Takes this payer.", "The listing names no payer.", "Does not name this payer.")
    return _of("payer", takes, "payer", *sentences)


def _times(needs: Needs, listing: Listing) -> Answer | None:
    if not needs.times:
        return None
    suits = bool(listing.times & set(needs.times)) if listing.times else None
    sentences = ("Is open at such times.", "The listing gives no hours that hold now.", "Is open at other times.")
    return _of("times", suits, "times", *sentences)


def _places(needs: Needs, listing: Listing) -> Answer | None:
    if needs.places is None:
        return None
    if listing.capacity is CapacityState.UNCONFIRMED:
        sentence = "Nobody has confirmed lately how many places there are."
        return Answer("places", Verdict.UNKNOWN, "places_unconfirmed", sentence)
    enough = None if listing.places_open is None else listing.places_open >= needs.places
    if enough and listing.waitlist_only:
        return Answer("places", Verdict.UNKNOWN, "places_by_waitlist", "Takes people from its waitlist.")
    sentences = ("Has so many free places.", "The listing does not say how many places are free.", "Has fewer free.")
    return _of("places", enough, "places", *sentences)


def _stale(listing: Listing, needs: Needs) -> list[Answer]:
    """Return what of a listing is old or was never checked, whatever is asked."""
    found = []
    if listing.listing is ListingState.OLD:
        found.append(("listing", "listing_old", "Nobody has checked the listing lately. Ask before relying on it."))
    if listing.listing is ListingState.NEVER:
        found.append(("listing", "listing_never_checked", "The listing does not say when it was last checked."))
    if listing.capacity is CapacityState.UNCONFIRMED:
        found.append(("places", "capacity_unconfirmed", "Nobody has confirmed lately how many places there are."))
    if needs.kind == Kind.SOBER_LIVING and listing.certificate is CertificateState.EXPIRED:
        found.append(("narr_levels", "certificate_expired", "The certificate has expired."))
    return [Answer(need, Verdict.UNKNOWN, code, sentence) for need, code, sentence in found]


QUESTIONS: tuple[Callable[[Needs, Listing], Answer | None], ...] = (
    _status,
    _age_of_listing,
    _level,
    _modality,
    _moud,
    _language,
    _age,
    _place,
    _narr_level,
    _payer,
    _times,
    _places,
)
