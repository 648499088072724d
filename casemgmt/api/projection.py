"""Rows to JSON without building a serializer's fields anew for each: the declared shape, compiled once for a class.

Building the fields takes longer than reading the rows. A serializer with `Projected` before its base answers the same
as without it (a test holds them to that), and still describes the schema. What a field does beyond reading an attribute
and writing it as JSON does, it goes on doing: a method of the serializer, a shape within the shape, a source with dots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from rest_framework import serializers

Write = Callable[[Any], Any]


class Projected:
    """Answers `to_representation` from the compiled plan of its class; rows that are no objects take the long way."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the row as the declared fields show it."""
        if isinstance(instance, Mapping):
            return super().to_representation(instance)  # type: ignore[misc, no-any-return]
        shown: dict[str, Any] = {}
        for name, attribute, write, field in _plan(cast("Any", type(self))):
            if isinstance(field, serializers.SerializerMethodField):
                shown[name] = getattr(self, attribute)(instance)
                continue
            if write is None:  # asks the serializer or its context
                _by_field(self.fields[name], instance, shown)  # type: ignore[attr-defined]
                continue
            try:
                value = getattr(instance, attribute)
            except AttributeError:  # a default, or a mistake that the field puts into words
                _by_field(field, instance, shown)
                continue
            shown[name] = None if value is None else write(value)
        return shown


@cache
def _plan(shape: Any) -> tuple[tuple[str, str, Write | None, Any], ...]:
    """Return for each field of a class: its name, the attribute or method it reads, how it is written, and itself."""
    return tuple(
        (name, getattr(field, "method_name", field.source), _writer(field), field)
        for name, field in shape().fields.items()
        if not field.write_only
    )


def _writer(field: Any) -> Write | None:
    """Return how a field writes its value, None where it asks more than the value."""
    if isinstance(field, serializers.BaseSerializer) or len(field.source_attrs) != 1:
        return None
    kind = type(field)
    if kind is serializers.UUIDField and field.uuid_format == "hex_verbose":
        return str
    if kind is serializers.DateTimeField:
        return _moment(field)
    if kind is serializers.CharField or (kind is serializers.ChoiceField and _all_text(field)):
        return _text(field)
    write: Write = field.to_representation
    return write


def _all_text(field: Any) -> bool:
    """True when every choice is stored as the text that stands for it."""
    return all(text == value for text, value in field.choice_strings_to_values.items())


def _text(field: Any) -> Write:
    """Return how text is written: as it is; what is no plain text, as the field writes it."""
    long_way: Write = field.to_representation
    return lambda value: value if type(value) is str else long_way(value)


def _moment(field: Any) -> Write:
    """Return how a moment is written: one in UTC by hand, which is how the database gives them."""
    long_way: Write = field.to_representation

    def write(value: Any) -> Any:
        if type(value) is datetime and value.tzinfo is UTC and not hasattr(field, "format"):
            return value.isoformat()[:-6] + "Z"
        return long_way(value)

    return write


def _by_field(field: Any, row: Any, shown: dict[str, Any]) -> None:
    """Add what DRF itself would show of a field."""
    try:
        value = field.get_attribute(row)
    except serializers.SkipField:
        return
    shown[field.field_name] = None if value is None else field.to_representation(value)
