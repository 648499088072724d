"""What an instrument is, and what every one of them refuses: a missing, unknown or impossible answer (MSR-01). Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from casemgmt.kernel.errors import Invalid

Answers = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """One question by its published number. `text` is None where the wording may not ship or is not known for certain.

    `options` are the words of the answers from `low` upwards; empty where `text` is None or the answer is a number.
    """

    code: str
    label: str
    low: int
    high: int
    text: str | None = None
    options: tuple[str, ...] = ()
    scored: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True)
class License:
    """What the owner of the wording allows. `text_may_ship` is the rule book's column; the items say if it does."""

    holder: str
    notice: str
    text_may_ship: bool

    @property
    def terms_hash(self) -> str:
        """Names these terms; another notice is another license to accept."""
        return sha256(f"{self.holder}\n{self.notice}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Band:
    """One range of a scale, in the language of screening: never what somebody has (MSR-03). Both ends are included."""

    code: str
    sentence: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a reader must not miss. `risk` flags concern safety; they are all that a peer is told (table 1.9)."""

    code: str
    sentence: str
    risk: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What answers come to: scores by scale, the band of each banded scale, and flag codes in the catalog's order."""

    scores: Mapping[str, int] = field(default_factory=dict)
    bands: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def nothing_skipped(answers: Answers) -> frozenset[str]:
    """Return the items that these answers leave unasked: none."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One instrument. `judge` takes checked answers and the sex for a cut-off ('' when unknown or not asked).

    `skipped` names the items that the answers given leave unasked.
    """

    code: str
    version: str
    name: str
    items: tuple[Item, ...]
    license: License
    judge: Callable[[Answers, str], Result]
    stem: str | None = None
    bands: Mapping[str, tuple[Band, ...]] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    skipped: Callable[[Answers], frozenset[str]] = nothing_skipped
    asks_sex: bool = False

    @property
    def ships_text(self) -> bool:
        """True when the wording of the items comes with the program, in English."""
        return all(item.text is not None for item in self.items)

    @property
    def risk_flags(self) -> frozenset[str]:
        """The flags that concern safety."""
        return frozenset(flag.code for flag in self.flags if flag.risk)

    def score(self, answers: Answers, *, sex: str = "") -> Result:
        """Return what the answers come to; nothing is imputed (MSR-01).

        Raises Invalid `item_unknown`, `item_out_of_range`, `item_not_asked`, `items_incomplete`.
        """
        self._check(answers)
        return self.judge(answers, sex)

    def sentence_of(self, *, scale: str, band: str) -> str:
        """Return the sentence of a band of a scale; '' for one that this version does not know."""
        found = [each.sentence for each in self.bands.get(scale, ()) if each.code == band]
        return found[0] if found else ""

    def _check(self, answers: Answers) -> None:
        known = {item.code: item for item in self.items}
        if not answers.keys() <= known.keys():
            raise Invalid(f"Some items are not of this instrument. Known: {', '.join(known)}.", code="item_unknown")
        _refuse(
            "item_out_of_range",
            {
                code: f"A whole number from {known[code].low} to {known[code].high}."
                for code, value in answers.items()
                if type(value) is not int or not known[code].low <= value <= known[code].high
            },
        )
        skipped = self.skipped(answers)
        _refuse(
            "item_not_asked", {code: "Another answer leaves this item unasked." for code in skipped & answers.keys()}
        )
        required = {item.code for item in self.items if not item.optional} - set(skipped)
        _refuse("items_incomplete", {code: "This item needs an answer." for code in required - answers.keys()})


def _refuse(code: str, sentences: Mapping[str, str]) -> None:
    if sentences:
        fields = {f"items.{name}": [sentence] for name, sentence in sorted(sentences.items())}
        raise Invalid("The answers cannot be scored as they are; nothing is guessed.", code=code, fields=fields)


def band_of(bands: Collection[Band], score: int) -> str:
    """Return the code of the band that holds a score."""
    return next(band.code for band in bands if band.low <= score <= band.high)


def total_of(answers: Answers, items: Collection[Item]) -> int:
    """Return the plain sum of the scored items."""
    return sum(answers[item.code] for item in items if item.scored)


def screens(code: str, low: int, high: int) -> Band:
    """Return a band in the words of MSR-03; the code with its underscores as blanks is the range's name."""
    return Band(code, f"screens in the {code.replace('_', ' ')} range", low, high)
