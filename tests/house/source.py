"""The product's source, read once for the wardens."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ROOTS = ("casemgmt", "notifications", "programs", "referrals")


@dataclass(frozen=True)
class Module:
    """One module: its path from the project, text and syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


def _read(path: Path) -> Module:
    text = path.read_text()
    return Module(str(path.relative_to(PROJECT)), text, ast.parse(text))


@cache
def product() -> tuple[Module, ...]:
    """Every module of the product, migrations left out."""
    found = [path for root in ROOTS for path in sorted((PROJECT / root).rglob("*.py"))]
    return tuple(_read(path) for path in found if "migrations" not in path.parts)


@cache
def of_tests() -> tuple[Module, ...]:
    """Every module of the tests."""
    return tuple(_read(path) for path in sorted((PROJECT / "tests").rglob("*.py")))


def calls(module: Module) -> list[ast.Call]:
    """Every call in a module."""
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]


def imported(module: Module) -> set[str]:
    """Every dotted name a module imports."""
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
