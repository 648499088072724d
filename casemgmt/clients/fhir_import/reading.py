"""From a file to resources, one at a time: NDJSON line by line, or Bundles. Knows no database and no client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_DOCUMENT = 64 * 1024 * 1024  # a JSON document over many lines is read whole; a larger one must be NDJSON
DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Found:
    """One resource, or None where nothing could be read. `offset` is how many bytes of the file were read so far."""

    place: str
    resource: Any
    offset: int
    in_bundle: bool = False


def resources(path: Path) -> Iterator[Found]:
    """Yield every resource of a file; a line that cannot be read is one None and stops nothing. Raises OSError."""
    document = _whole_document(path)
    if document is not None:
        yield from _opened("1", document, path.stat().st_size)
        return
    with path.open("rb") as file:
        offset = 0
        for number, line in enumerate(file, start=1):
            offset += len(line)
            if line.strip(b" \t\r\n\xef\xbb\xbf"):
                yield from _opened(str(number), parsed(line), offset)


def parsed(text: bytes) -> Any:
    """Return the JSON value of `text` (UTF-8, with or without a mark), None when it is none or nests too deep."""
    try:
        value = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if _depth_is_sane(value) else None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _depth_is_sane(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level if isinstance(each, dict | list) for inner in _inside(each)]
        if not level:
            return True
    return False


def _inside(value: dict[str, Any] | list[Any]) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value)


def _whole_document(path: Path) -> Any:
    """Return the file's single JSON value when it spreads over lines, None for NDJSON.

    A file is NDJSON when either of its first two lines with content is JSON by itself: a malformed first line must
    not stop the rest.
    """
    if path.stat().st_size > LARGEST_DOCUMENT:
        return None
    with path.open("rb") as file:
        first = [line for line in (file.readline() for _ in range(64)) if line.strip()][:2]
    if any(isinstance(parsed(line), dict) for line in first):
        return None
    return parsed(path.read_bytes())


def _opened(place: str, value: Any, offset: int) -> Iterator[Found]:
    """Yield a resource itself, or the resources that a bundle or a list holds."""
    if isinstance(value, list):
        for position, inner in enumerate(value):
            yield Found(f"{place}[{position}]", inner, offset)
    elif isinstance(value, dict) and value.get("resourceType") == "Bundle":
        entries = value.get("entry")
        for position, entry in enumerate(entries if isinstance(entries, list) else []):
            inner = entry.get("resource") if isinstance(entry, dict) else None
            yield Found(f"{place}.entry[{position}]", inner, offset, in_bundle=True)
    else:
        yield Found(place, value, offset)
