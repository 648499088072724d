"""Which passwords are taken: none that everybody tries, none that is about where one works (6.2). Asks nobody outside.

Length and Django's list of common passwords are judged by settings; this adds what fifteen characters invite: a known
password twice over, a pattern of the keyboard, the name of one's organization with a year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from casemgmt.kernel.errors import Invalid

from .models import User

OURS = ("casemgmt", "recovery", "caseload", "casework")
KEYS = ("1234567890" * 2, "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t6y7u8i9o0p")
LEAST_PART, LEAST_OWN = 3, 8  # characters: of a known part; of what is one's own beside known words
LOOKED_AT = 64  # characters: the work grows with their square
MOST_PARTS = 3  # more known words than this make a phrase, and phrases are welcome
WORDS = re.compile(r"[^\W\d_]{4,}")


def normal(password: str) -> str:
    """Return a password as it is hashed and compared: one form, whichever keyboard it was typed on (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def matches(password: str, encoded: str) -> bool:
    """True when a password is the one that was hashed."""
    return bool(check_password(normal(password), encoded))


def require_strong(password: str, *, user: User, about: Iterable[str]) -> str:
    """Return the password in the form to be hashed; `about` are names of where one works. Raises Invalid."""
    plain = normal(password)
    try:
        validate_password(plain, user)
    except ValidationError as error:
        raise Invalid(fields={"password": error.messages}) from error
    if is_known(plain):
        raise Invalid(fields={"password": ["This is made of passwords that everybody tries. Choose some words."]})
    if _is_about(plain, context(user, about)):
        sentence = "This is little more than your name, your address or where you work. Choose some words."
        raise Invalid(fields={"password": [sentence]})
    return plain


def context(user: User, about: Iterable[str]) -> set[str]:
    """Return the words that anybody would try first for this person."""
    told = " ".join((user.email, user.name, *about))
    return {word.casefold() for word in WORDS.findall(told)} | set(OURS)


def is_known(password: str) -> bool:
    """True for few known passwords one after the other, a piece of the keyboard, or something said over and over."""
    bare = re.sub(r"[\W_]+", "", password.casefold())[:LOOKED_AT]
    if _repeats(bare):
        return True
    known = CommonPasswordValidator().passwords
    fewest = [0, *[MOST_PARTS + 1] * len(bare)]  # parts that the first so many characters are made of
    for end in range(LEAST_PART, len(bare) + 1):
        for start in range(end - LEAST_PART + 1):
            part = bare[start:end]
            if fewest[start] < MOST_PARTS and (part in known or _on_keyboard(part)):
                fewest[end] = min(fewest[end], fewest[start] + 1)
    return fewest[-1] <= MOST_PARTS


def _repeats(text: str) -> bool:
    """True when a text is one short piece, over and over, also when the last piece is cut."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


def _on_keyboard(part: str) -> bool:
    return any(part in row or part in row[::-1] for row in KEYS)


def _is_about(password: str, words: set[str]) -> bool:
    """True when such a word stands in a password, and few letters are left without them."""
    left = whole = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left != whole and len(re.sub(r"[\W\d_]+", "", left)) < LEAST_OWN
