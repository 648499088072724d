"""What is told of an import: remarks and counts. No personal data: places, source ids, codes, sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

SENTENCES = {
    # refused
    "not_json": "This is not JSON.",
    "not_a_patient": "This is not a Patient resource.",
    "no_id": "The resource has no id, or one that FHIR does not allow.",
    "no_name": "The resource gives no name.",
    "birth_date_malformed": "The date of birth is not a date.",
    "birth_date_in_future": "The date of birth lies in the future.",
    "deceased_malformed": "Whether the person died cannot be read.",
    "text_unusable": "A text holds characters that cannot be stored.",
    # warned
    "phone_invalid": "No carrier owns this number. It is kept, marked as invalid, and never texted.",
    "email_invalid": "This is no e-mail address. It is kept, marked as invalid.",
    "no_phone": "The resource gives no phone number in use.",
    "deceased": "The person has died. They are never texted.",
    "death_date_unknown": "The person has died; the date cannot be read.",
    "possible_duplicate": "Another client of the organization has this name and date of birth.",
    "birth_date_missing": "The resource gives no date of birth.",
    "birth_date_partial": "The date of birth is not complete and was left out.",
    "name_incomplete": "Only a part of the name is given.",
    "text_shortened": "A text was longer than we store and was cut.",
    "language_unknown": "The language is not one that a tag exists for.",
    "state_unknown": "The state is not one of the United States.",
    "differs": "The source says something else than our record. Ours was kept.",
    "died_since": "The source says that the person died since. The death was recorded.",
}


class Outcome(StrEnum):
    """What became of a row, or how much a remark weighs."""

    REFUSED = "refused"
    WARNED = "warned"


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of the report. `place` is the line's number in the file, for a bundle with the entry's."""

    place: str
    source_id: str
    outcome: Outcome
    code: str

    @property
    def sentence(self) -> str:
        """The sentence for people."""
        return SENTENCES[self.code]


@dataclass(slots=True)
class Tally:
    """The counts of an import."""

    read: int = 0
    imported: int = 0
    unchanged: int = 0
    differing: int = 0
    refused: int = 0
    skipped: int = 0  # resources of other types in a bundle
    warnings: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def readable(self) -> int:
        """How many people could be read."""
        return self.imported + self.unchanged + self.differing

    def note(self, remark: Remark) -> None:
        """Count a remark."""
        if remark.outcome is Outcome.REFUSED:
            self.refused += 1
            self.refusals[remark.code] += 1
        else:
            self.warnings[remark.code] += 1

    def summary(self) -> str:
        """Return the last line that an operator reads."""
        return (
            f"{self.read} read: {self.imported} imported, {self.unchanged} unchanged, {self.differing} differing, "
            f"{self.refused} refused, {self.skipped} of other types skipped; {self.warnings.total()} warnings"
        )
