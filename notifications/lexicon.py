"""What a client's text says: crisis, opt-out, opt-in, help, an answer, or nothing we know. Pure and linear in time.

The words are in lexicon_words.py. The order is crisis, opt-out, opt-in and help, answer (SMS-60): crisis and opt-out
may both hold, everything else stands alone. What follows from a reading is decided by the services.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from . import lexicon_words as words

LEXICON_VERSION = words.VERSION

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_SPACES = re.compile(r"\s+")
_NOT_WORDS = re.compile(r"(?:[^\w']|_|(?<!\w)'|'(?!\w))+")  # an apostrophe counts only within a word
_CLAUSE_ENDS = re.compile(r"[.!?,;:]+")


class OptOut(StrEnum):
    """How we know that a client wants no more texts."""

    EXACT = "exact"  # the whole message is a keyword (SMS-20)
    INFERRED = "inferred"  # a reasonable person reads it so; a human reviews it (SMS-21)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one inbound text says.

    `crisis` names the matched term of the lexicon (SMS-61). `bare_yes` means consent only where one was asked for or
    withdrawn, else it is an answer like any other (SMS-23): whoever knows the client's state decides.
    """

    crisis: str | None = None
    opt_out: OptOut | None = None
    opt_in: bool = False
    bare_yes: bool = False
    help: bool = False
    answer: int | None = None
    lexicon_version: str = LEXICON_VERSION

    @property
    def is_unparsed(self) -> bool:
        """Nothing we know: a human reads it (CHK-05)."""
        return not (self.crisis or self.opt_out or self.opt_in or self.bare_yes or self.help or self.answer)


def normalize(text: str) -> str:
    """Return the text as the keywords are written.

    NFKC, invisible characters dropped, trimmed, stripped of punctuation, quotes and emoji around it, white space
    collapsed, case folded (SMS-20).
    """
    seen = "".join(mark for mark in unicodedata.normalize("NFKC", text) if unicodedata.category(mark) != "Cf")
    start, end = 0, len(seen)
    while start < end and not seen[start].isalnum():
        start += 1
    while end > start and not seen[end - 1].isalnum():
        end -= 1
    return _SPACES.sub(" ", seen[start:end]).casefold().translate(_APOSTROPHES)


def classify(text: str) -> Reading:
    """Read one inbound text (SMS-20, 21, 23, 60, 61, CHK-05)."""
    message = _accentless(normalize(text))
    phrase = _phrase(message)
    crisis, opt_out = _crisis(phrase), _opt_out(message, phrase)
    if crisis or opt_out:
        return Reading(crisis=crisis, opt_out=opt_out)
    if message in words.OPT_IN:
        return Reading(opt_in=True)
    if message == words.BARE_YES:
        return Reading(bare_yes=True)
    if message in words.HELP:
        return Reading(help=True)
    return Reading(answer=_answer(phrase))


def _accentless(normalized: str) -> str:
    return "".join(m for m in unicodedata.normalize("NFD", normalized) if unicodedata.category(m) != "Mn")


def _phrase(message: str) -> str:
    """Return the words alone, one blank between them: what phrases are searched in."""
    return _NOT_WORDS.sub(" ", message).strip()


def _crisis(phrase: str) -> str | None:
    """Return the first term that matches. A negation does not clear it (SMS-61)."""
    return next((term for term, pattern in words.CRISIS if pattern.search(phrase)), None)


def _opt_out(message: str, phrase: str) -> OptOut | None:
    if message in words.OPT_OUT:
        return OptOut.EXACT
    clauses = [_phrase(clause) for clause in _CLAUSE_ENDS.split(message)]
    if words.OPT_OUT_PHRASE.search(phrase) or any(map(_is_mere_opt_out, [phrase, *clauses])):
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
