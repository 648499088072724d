"""Bodies whose every free text is a canary: the matrix's, and whatever else the API's description lets be told."""

from __future__ import annotations

import copy
import re
from types import SimpleNamespace
from typing import Any

from tests.matrix.bodies import Bodies
from tests.matrix.world import NOBODY, World

from .tokens import Mint

Schema = dict[str, Any]
CODE = re.compile(r"[a-z0-9_:.+-]*|[A-Z]{2}-\d\d|[0-9a-f-]{36}|\d{4}-.*|\+\d+")  # words of a list, ids, times, numbers
LEAST = 10  # a shorter field holds no canary


class Planted(Bodies):
    """Makes the bodies. Nothing is asked of a database."""

    def __init__(self, told: dict[str, Any], mint: Mint) -> None:
        self.mint, self.route = mint, ""
        known = {"peer": told["peer"], "south": told["more"]["south"]}
        world = World(SimpleNamespace(**{name: SimpleNamespace(id=pk) for name, pk in known.items()}))  # type: ignore[arg-type]
        world.ids, world.known = told["ids"], told["known"]
        super().__init__(world)

    def body(self, method: str, route: str) -> Any:
        """Return a body for a route with a canary in every free text."""
        path = "/api/v1/" + route.replace("<uuid:pk>", "{id}").replace("<uuid:point>", "{point}")
        content = self.document["paths"][path][method].get("requestBody", {}).get("content", {})
        shape = content.get("application/json", {}).get("schema")
        if shape is None:
            return None
        self.route = f"{method} {route}"
        return self._plant(copy.deepcopy(super().body(method, route)), shape, "")

    def _plant(self, value: Any, shape: Schema, name: str) -> Any:
        shape = self._plain(shape)
        if isinstance(value, dict):
            return self._members(value, shape.get("properties", {}))
        if isinstance(value, list):
            return [self._plant(each, shape.get("items", {}), name) for each in value]
        if isinstance(value, str) and not CODE.fullmatch(value) and "enum" not in shape:
            return self._word(shape, name)
        return value

    def _members(self, value: dict[str, Any], known: dict[str, Schema]) -> dict[str, Any]:
        planted = {name: self._plant(each, known.get(name, {}), name) for name, each in value.items()}
        for name, shape in known.items():
            if name not in value and not shape.get("readOnly") and self._is_free(self._plain(shape)):
                planted[name] = self._word(self._plain(shape), name)
        return planted

    def _plain(self, shape: Schema) -> Schema:
        """Return a shape without references, and without the `null` that it also allows."""
        while "$ref" in shape or "allOf" in shape or "oneOf" in shape or "anyOf" in shape:
            if "$ref" in shape:
                shape = self.document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
                continue
            several = next(each for each in ("allOf", "oneOf", "anyOf") if each in shape)
            shape = next((each for each in shape[several] if each.get("type") != "null"), {})
        return shape

    def _is_free(self, shape: Schema) -> bool:
        kind = shape.get("type")
        text = kind == "string" or (isinstance(kind, list) and "string" in kind)
        plain = not {"enum", "const", "pattern"} & shape.keys() and shape.get("format", "email") == "email"
        return text and plain and shape.get("maxLength", LEAST) >= LEAST

    def _word(self, shape: Schema, name: str) -> str:
        word = self.mint.word(f"{self.route} {name}")
        return f"{word}@example.org" if shape.get("format") == "email" else word

    def _text(self, shape: Schema, name: str) -> str:
        if shape.get("format") in ("date", "date-time"):
            return "2026-01-05" if shape["format"] == "date" else "2026-01-05T15:00:00Z"
        if shape.get("format") == "uuid":
            return str(self.world.known.get(name, NOBODY))
        if not self._is_free(shape):
            return self._other(shape)
        return self._word(shape, name)

    def _other(self, shape: Schema) -> str:
        return "12:00" if shape.get("pattern", "").startswith("^([01]") else "x" * max(1, shape.get("minLength", 1))
