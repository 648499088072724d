"""What a client's text says: crisis, opt-out, opt-in, help, an answer, or nothing we know. Pure and linear in time.

The words are in lexicon_words.py, those of a crisis in casemgmt.safety.lexicon, which reads session logs as well. The
order is crisis, opt-out, opt-in and help, answer (SMS-60): crisis and opt-out may both hold, everything else stands
alone. What follows from a reading is decided by the services.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from casemgmt.safety.lexicon import accentless, normalize, phrase, term_in

from . import lexicon_words as words

LEXICON_VERSION = words.VERSION

SHORTEST_PAUSE = 7  # days
_CLAUSE_ENDS = re.compile(r"[.!?,;:]+")


class OptOut(StrEnum):
    """How we know that a client wants no more texts."""

    EXACT = "exact"  # the whole message is a keyword (SMS-20)
    INFERRED = "inferred"  # a reasonable person reads it so; a human reviews it (SMS-21)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one inbound text says.

    `crisis` names the matched term of the lexicon (SMS-61). `wrong_number` says that a stranger has the number.
    `bare_yes` means consent only where one was asked for or withdrawn, else it is an answer like any other (SMS-23):
    whoever knows the client's state decides. `pause_days` and `resume` are a wish about check-ins (CHK-09).
    """

    crisis: str | None = None
    opt_out: OptOut | None = None
    wrong_number: bool = False
    opt_in: bool = False
    bare_yes: bool = False
    help: bool = False
    pause_days: int | None = None
    resume: bool = False
    answer: int | None = None
    lexicon_version: str = LEXICON_VERSION

    @property
    def is_unparsed(self) -> bool:
        """Nothing we know: a human reads it (CHK-05)."""
        told = self.crisis or self.opt_out or self.opt_in or self.bare_yes or self.help or self.answer
        return not (told or self.pause_days or self.resume)


def classify(text: str) -> Reading:
    """Read one inbound text (SMS-20, 21, 23, 60, 61, CHK-05)."""
    message = accentless(normalize(text))
    said = phrase(message)
    crisis, opt_out = term_in(said), _opt_out(message, said)
    if crisis or opt_out:
        stranger = words.WRONG_NUMBER.search(said) is not None
        return Reading(crisis=crisis, opt_out=opt_out, wrong_number=stranger)
    if message in words.OPT_IN:
        return Reading(opt_in=True)
    if message == words.BARE_YES:
        return Reading(bare_yes=True)
    if message in words.HELP:
        return Reading(help=True)
    if pause := words.PAUSE.fullmatch(message):
        return Reading(pause_days=int(pause[1] or SHORTEST_PAUSE))
    if message in words.RESUME:
        return Reading(resume=True)
    return Reading(answer=_answer(said))


def _opt_out(message: str, said: str) -> OptOut | None:
    if message in words.OPT_OUT:
        return OptOut.EXACT
    clauses = [phrase(clause) for clause in _CLAUSE_ENDS.split(message)]
    if words.OPT_OUT_PHRASE.search(said) or any(map(_is_mere_opt_out, [said, *clauses])):
        return OptOut.INFERRED
    return None


def _is_mere_opt_out(phrase: str) -> bool:
    return bool(words.WHOLE_OPT_OUT.fullmatch(phrase) and words.OPT_OUT_WORD.search(phrase))


def _answer(phrase: str) -> int | None:
    """Accept a digit, a word, or both when they agree (`3 please call me`)."""
    digit, _, rest = phrase.partition(" ")
    if digit in words.DIGITS:
        said = words.DIGITS[digit]
        return said if not rest or words.ANSWERS.get(rest) == said else None
    return words.ANSWERS.get(phrase)
