"""The crisis words, English and Spanish, and finding them in what somebody wrote (SMS-61). Pure and linear in time.

Reviewed by a clinician; a change is a new VERSION. Prefer false alarms: a negation does not clear a term. Every pattern
is a plain alternation of words without accents and in lower case. What follows from a find is decided by services.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

VERSION = "1"

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_SPACES = re.compile(r"\s+")
_NOT_WORDS = re.compile(r"(?:[^\w']|_|(?<!\w)'|'(?!\w))+")  # an apostrophe counts only within a word

_TERMS: Mapping[str, str] = {
    "suicid*": r"suicid\w*",
    "kill myself": r"kill(?:ing)? ?my ?self",
    "kill me": r"kill me",
    "end my life": r"end(?:ing)? my (?:own )?life",
    "end it all": r"end(?:ing)? it all",
    "end it": r"end it",
    "want to die": r"want(?:s|ed|ing)? (?:to|2) die",
    "wanna die": r"wann?a die",
    "better off dead": r"better off dead",
    "no reason to live": r"no reason to live",
    "don't want to be here": r"(?:don'?t|do not|didn'?t) (?:want to|wanna) be (?:here|alive)",
    "hurt myself": r"hurt(?:ing)? ?my ?self",
    "cut myself": r"cut(?:ting)? ?my ?self",
    "overdose": r"overdos\w*",
    # "odd" is a word of its own unless somebody did it
    "OD'd": r"od(?:'?ed|'d|'?ing|'?s)?|(?:i|he|she|they|just|almost|nearly) odd",
    "took too many": r"(?:took|taken|take) too many",
    "can't go on": r"(?:can'?t|cannot|can not) go on",
    "goodbye forever": r"good ?bye forever",
    "have a gun": r"(?:have|has|got) a gun",
    "kill him/her/them": r"kill(?:ing)? (?:him|her|them)",
    "matarme": r"matarme|me (?:voy a|quiero) matar",
    "quiero morir": r"quiero morir(?:me)?",
    "no quiero vivir": r"no quiero vivir",
}
CRISIS = tuple((term, re.compile(rf"\b(?:{pattern})\b")) for term, pattern in _TERMS.items())


def crisis_term(text: str) -> str | None:
    """Return the first term of the lexicon that a text as written holds, None if none (SMS-61)."""
    return term_in(phrase(accentless(normalize(text))))


def term_in(words: str) -> str | None:
    """Return the first term that matches in words as `phrase` gives them, None if none."""
    return next((term for term, pattern in CRISIS if pattern.search(words)), None)


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


def accentless(normalized: str) -> str:
    """Return normalized text without accents."""
    return "".join(m for m in unicodedata.normalize("NFD", normalized) if unicodedata.category(m) != "Mn")


def phrase(message: str) -> str:
    """Return the words alone, one blank between them: what phrases are searched in."""
    return _NOT_WORDS.sub(" ", message).strip()
