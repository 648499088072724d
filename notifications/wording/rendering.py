"""Fills a template's named slots. Nothing else in it is ever interpreted, and no value may smuggle in a slot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .templates import Key, Language, Template, choose

# What may stand in a text at all (SMS-41); the address of the help desk only because the HELP text must have one.
SLOTS = frozenset({"alias", "date", "time", "phone", "email"})

_SLOT = re.compile(r"\{([a-z_]+)\}")


class WordingError(ValueError):
    """A slot is missing, unknown, or its value cannot stand in a text. Names the slot, never the value."""


@dataclass(frozen=True)
class Rendered:
    """A text ready for the linter. `language` is the one it is written in, which may not be the one asked for."""

    text: str
    template_version: str
    language: Language


def render(key: Key, language: str, fields: Mapping[str, str], own: Sequence[Template] = ()) -> Rendered:
    """Return the current wording of `key` with its slots filled (SMS-41, SMS-42); `own` are the organization's.

    An unknown language is written in English. Fields the wording does not use are ignored, so that callers may pass
    what they have. Raises WordingError.
    """
    asked = Language(language) if language in {*Language} else Language.ENGLISH
    return fill_in(choose(key, asked, own), fields)


def fill_in(template: Template, fields: Mapping[str, str]) -> Rendered:
    """Return a wording with its slots filled. Raises WordingError."""
    unknown = fields.keys() - SLOTS
    if unknown:
        raise WordingError(f"no such slot: {min(unknown)}")

    def fill(slot: re.Match[str]) -> str:
        return _value(slot[1], fields)

    return Rendered(_SLOT.sub(fill, template.text), template.version, template.language)


def _value(slot: str, fields: Mapping[str, str]) -> str:
    value = fields.get(slot, "")
    if not value.strip() or not value.isprintable() or "{" in value or "}" in value:
        raise WordingError(f"slot {slot} needs one printable line")
    return value
