"""The bundled JSON Schemas of HSDS 3.0 and what a document breaks of them, in our own words. Pure.

A schema's own message quotes the document, which may hold names and numbers of people; ours says which rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

# What encloses what beyond the schemas: an organization's own schema knows no services, but files nest them.
NESTED = {"organization": {"services": "service"}}

SENTENCES = {
    "required": "lacks a required field: {missing}",
    "type": "must be of the type {value}",
    "enum": "must be one of: {value}",
    "format": "is not a valid {value}",
}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Return every bundled schema by its name (`organization`, `service`, …)."""
    folder = files("programs.hsds") / "schema"
    return {
        entry.name.removesuffix(".json"): json.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    }


@cache
def _validator(kind: str) -> Draft202012Validator:
    resources = [(f"{name}.json", DRAFT202012.create_resource(each)) for name, each in schemas().items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(schemas()[kind], registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def known_fields(kind: str) -> frozenset[str]:
    """Return the names of the fields that a schema knows."""
    return frozenset(schemas()[kind]["properties"])


def required_fields(kind: str) -> frozenset[str]:
    """Return the names of the fields that a schema requires."""
    return frozenset(schemas()[kind].get("required", ()))


def faults(kind: str, document: Any, *, path: str = "$") -> Iterator[tuple[str, str]]:
    """Yield (JSON path, sentence) for everything in a document that breaks its schema."""
    broken = sorted(_validator(kind).iter_errors(document), key=lambda each: each.json_path)
    # several missing fields are several errors with one sentence
    yield from dict.fromkeys((path + error.json_path.removeprefix("$"), _sentence(error)) for error in broken)
    for name, inner_kind in NESTED.get(kind, {}).items():
        if not isinstance(document, dict) or name not in document:
            continue
        inner = document[name]
        if not isinstance(inner, list):
            yield f"{path}.{name}", "must be of the type array"
            continue
        for position, each in enumerate(inner):
            yield from faults(inner_kind, each, path=f"{path}.{name}[{position}]")


def _sentence(error: ValidationError) -> str:
    value: Any = error.validator_value
    if error.validator == "required" and isinstance(error.instance, dict):
        missing = ", ".join(name for name in value if name not in error.instance)
        return SENTENCES["required"].format(missing=missing)
    told = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
    template = SENTENCES.get(str(error.validator))
    return template.format(value=told) if template else f"breaks the schema's rule `{error.validator}`"
