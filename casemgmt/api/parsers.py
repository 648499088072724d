"""Reading JSON from strangers: shallow, finite, without characters that PostgreSQL cannot store (M4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 32
MOST_VALUES = 5_000


class StrictJsonParser(BaseParser):
    """Refuses depth over 32, over 5,000 values, duplicate keys, NaN, NUL and lone surrogates: 400 `malformed`."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the decoded body; raise ParseError."""
        raw = stream.read()
        try:
            text = raw.decode("utf-8") if isinstance(raw, bytes) else str(raw)
        except UnicodeDecodeError as error:
            raise ParseError("The body is not UTF-8.") from error
        _check_depth(text)
        try:
            value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not JSON.") from error
        _check_values(value)
        return value


def _check_depth(text: str) -> None:
    """Count brackets outside strings before any recursive code sees them."""
    depth, inside, escaped = 0, False, False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise ParseError(f"The body nests deeper than {DEEPEST} levels.")
        elif character in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("The body names a key twice.")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ParseError("The body holds a number beyond all bounds.")
    return number


def _refuse_constant(name: str) -> None:
    raise ParseError(f"{name} is not JSON.")


def _check_values(value: Any) -> None:
    waiting, count = [value], 0
    while waiting:
        each = waiting.pop()
        count += 1
        if count > MOST_VALUES:
            raise ParseError(f"The body holds more than {MOST_VALUES} values.")
        if isinstance(each, str):
            _check_text(each)
        elif isinstance(each, dict):
            for key in each:
                _check_text(key)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError("The body holds a NUL character.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ParseError("The body holds half a surrogate pair.")
