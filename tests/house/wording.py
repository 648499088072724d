"""The lint of words about people (CLN-30): what is never said of somebody, in whatever a person may read.

Strings are judged as prose or as codes. Prose is what holds a space; codes travel in answers and become labels. Words
that machines own too (a text that failed, a clean exit) are forbidden in prose only where they are about a person.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

PERSON = r"(?:clients?|persons?|people|patients?|residents?|members?|peers?|somebody|someone|he|she|they|you|who)"
TEST = r"(?:drug|urine|breath|alcohol|uds|ua)?\s*(?:tests?|screens?|samples?|urines?|uas?)"
CARE = r"(?:treatment|therapy|program|recovery|sobriety|aftercare|detox|iop)"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True)
class Forbidden:
    """A way of speaking: how it is found in prose and in codes, and what to say instead."""

    name: str
    prose: re.Pattern[str]
    code: re.Pattern[str] | None
    instead: str


FORBIDDEN = (
    Forbidden("relapse", _words(r"\brelaps\w*"), _words(r"relaps"), "return to use"),
    Forbidden("dirty", _words(r"\bdirty\b"), _words(r"(?:^|_)dirty(?:_|$)"), "positive for, not in use"),
    Forbidden("clean", _words(r"\bclean\b"), _words(r"(?:^|_)clean(?:_|$)"), "negative for, in recovery"),
    Forbidden("addict", _words(r"\baddict(?:s|ed)?\b"), _words(r"(?:^|_)addict(?:s|ed)?(?:_|$)"), "person who uses"),
    Forbidden(
        "non-compliant",
        _words(r"\b(?:non-?\s?complian\w+|not\s+complian\w+|uncooperative|refus\w+\s+to\s+(?:comply|cooperate))"),
        _words(r"non_?complian|uncooperative"),
        "what happened, and what the client says of it",
    ),
    Forbidden("abuser", _words(r"\b(?:abusers?|junkies?|alcoholics?)\b"), _words(r"abuser|junkie|alcoholic"), "person"),
    Forbidden(
        "failed",
        _words(
            rf"\b{PERSON}(?:\W+(?:has|have|had|is|are|was|were|who|a|again|already))*\W+(?:fail(?:s|ed|ing|ures?)?)\b"
            rf"|\bfail(?:s|ed|ing)?\s+(?:(?:the|a|an|his|her|their|your|out\s+of)\s+)*(?:{TEST}|{CARE})\b"
            rf"|\bfail(?:s|ed|ing)?\s+to\s+(?:attend|comply|engage|appear|show|stay|adhere|complete|progress)\b"
            rf"|\b{CARE}\s+failures?\b|\bunsuccessful\w*\s+(?:discharge\w*|completion|client|{CARE})\b"
        ),
        _words(r"fail(?:ed|ure)?_(?:client|treatment|program|screen|drug|test_|discharge)|(?:treatment|client)_fail"),
        "did not attend, ended early, returned to use",
    ),
)

CODE = re.compile(r"[^\s]*")


@dataclass(frozen=True)
class Said:
    """A string of the source: where it stands and what it says."""

    path: str
    line: int
    text: str


def found_in(text: str, *, machines_too: bool = False) -> list[str]:
    """Return the names of what a text may not say. `machines_too`: it speaks of machines beside people, as docs do."""
    if CODE.fullmatch(text):
        return [each.name for each in FORBIDDEN if each.code is not None and each.code.search(text)]
    ours = ("clean", "dirty")
    named = [each.name for each in FORBIDDEN if each.prose.search(text)]
    if not machines_too:
        return named
    return [name for name in named if name not in ours or about_a_person(name, text)]


def about_a_person(word: str, text: str) -> bool:
    """True where `clean` or `dirty` is said of somebody, or of what somebody gave."""
    of_somebody = rf"\b{PERSON}\W+(?:\w+\W+){{0,2}}{word}\b|\b{word}\W+(?:and\s+sober|time|date|days|{TEST}|{PERSON})\b"
    living = (
        rf"\b(?:stay\w*|stays|got|gets?|getting|been|living|become\w*|came)\W+{word}\b|\b{TEST}\W+(?:\w+\W+)?{word}\b"
    )
    return re.search(f"{of_somebody}|{living}", text, re.IGNORECASE) is not None


def strings_of(path: str, tree: ast.Module) -> Iterator[Said]:
    """Yield what a module may say to people: its strings without docstrings, and in a skin the docstrings as well.

    A skin's docstrings are the words of the API's description. A formatted string is judged as a whole.
    """
    silent = set() if "/api/" in path else {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inner = [part for part in ast.walk(node) if isinstance(part, ast.Constant)]
            silent.update(id(part) for part in inner)
            pieces = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield Said(path, node.lineno, "".join(pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield Said(path, node.lineno, node.value)


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value
