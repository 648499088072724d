"""From files to HSDS documents, each checked against its schema. Knows no database.

A file holds one organization, service or location, a list of them, or a page of a list (`contents`). What it holds is
told by its fields, and by its name where fields leave it open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from .schemas import faults, known_fields, required_fields

IMPORTED = ("organization", "service", "location")
# What else a directory publishes as a file of its own; checked, but nothing of ours is made of it alone.
PASSED_OVER = ("service_at_location", "program", "taxonomy_term", "taxonomy")
KINDS = (*IMPORTED, *PASSED_OVER)
DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file cannot be imported: which one, where in it (JSON path), and the reason."""

    file: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """One checked object of a file."""

    file: str
    path: str
    kind: str
    content: dict[str, Any]


@dataclass(slots=True)
class Reading:
    """What all files together hold. With a single fault nothing may be imported."""

    documents: list[Document] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(paths: Iterable[Path]) -> Reading:
    """Return the documents and faults of files and folders (their `*.json`, not what lies deeper)."""
    reading = Reading()
    for path in paths:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            reading.faults.append(Fault(str(path), "$", "holds no JSON file"))
        for file in inside:
            _read_file(file, reading)
    return reading


def _read_file(file: Path, reading: Reading) -> None:
    name = str(file)
    try:
        value = json.loads(file.read_bytes().decode("utf-8-sig"), parse_constant=_refuse)
    except OSError as error:
        reading.faults.append(Fault(name, "$", f"cannot be read: {error.strerror}"))
        return
    except (ValueError, RecursionError):
        reading.faults.append(Fault(name, "$", "is not JSON in UTF-8"))
        return
    for path, content in _objects(value):
        if not isinstance(content, dict):
            reading.faults.append(Fault(name, path, "must be an object"))
            continue
        kind = kind_of(content, hint=file.stem)
        odd = list(_unstorable(content, path))
        broken = odd or faults(kind, content, path=path)
        reading.faults += [Fault(name, where, reason) for where, reason in broken]
        reading.documents.append(Document(name, path, kind, content))


def _refuse(name: str) -> None:
    raise ValueError(name)


def _objects(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the objects of a file with their paths: itself, those of a list, or those of a page."""
    if isinstance(value, dict) and "contents" in value and "id" not in value:
        contents = value["contents"]
        if isinstance(contents, list):
            yield from ((f"$.contents[{position}]", each) for position, each in enumerate(contents))
        else:
            yield "$.contents", contents
    elif isinstance(value, list):
        yield from ((f"$[{position}]", each) for position, each in enumerate(value))
    else:
        yield "$", value


def kind_of(content: dict[str, Any], *, hint: str) -> str:
    """Return which schema an object is meant for: the one that knows most of its fields.

    Where several know as many, the file's name decides, then what is required of each, then the order of KINDS.
    """

    def fit(kind: str) -> tuple[int, bool, bool, int]:
        known = len(known_fields(kind) & content.keys()) + ("services" in content and kind == "organization")
        named = hint.lower().replace("-", "_").startswith(kind) and not (
            kind == "service" and hint.lower().startswith("service_at_location")
        )
        return known, named, required_fields(kind) <= content.keys(), -KINDS.index(kind)

    return max(KINDS, key=fit)


def _unstorable(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield (path, reason) for what PostgreSQL cannot store: odd characters, endless numbers, endless nesting."""
    waiting = [(path, value, 0)]
    while waiting:
        where, each, depth = waiting.pop()
        if depth > DEEPEST:
            yield where, f"nests deeper than {DEEPEST} levels"
        elif isinstance(each, dict):
            if any(_odd(name) for name in each):
                yield where, "has a field whose name holds a character that cannot be stored"
            waiting.extend((f"{where}.{name}", inner, depth + 1) for name, inner in each.items())
        elif isinstance(each, list):
            waiting.extend((f"{where}[{position}]", inner, depth + 1) for position, inner in enumerate(each))
        elif isinstance(each, str) and _odd(each):
            yield where, "holds a character that cannot be stored"
        elif isinstance(each, float) and not isfinite(each):
            yield where, "is too large a number"


def _odd(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text)
