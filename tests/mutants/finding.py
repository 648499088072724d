"""Finding what can be taken away: permission lines, filters, conditions that guard, what a judgment yields."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
REFUSALS = {"NotPermitted", "NotVisible", "Refused", "Conflict", "Invalid", "StaleVersion", "ConsentDeficient"}
NARROWS = {"filter", "exclude", "visible_to"}
DEMANDS = ("require", "_require", "organization_of", "restricts_for")  # what is called only to be refused
PLAIN = (ast.Name, ast.Attribute, ast.Constant, ast.Call)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What these yield or collect is what a disclosure or a consent lacks, so each of their statements refuses something.
JUDGING = ("consent/permits.py", "consent/elements.py", "disclosures/rules/emergencies.py")


@dataclass(frozen=True)
class Site:
    """One thing that can be taken away from a parsed module: what is done to it, and the deed."""

    what: str
    node: ast.AST
    do: Callable[[], None] = field(repr=False)


@dataclass(frozen=True)
class Mutant:
    """One change of one module; `number` is that of its site in the module."""

    path: str
    number: int
    line: int
    what: str
    was: str
    function: str

    @property
    def key(self) -> str:
        """What stands for the change and the module that it was made in."""
        text = (PROJECT / self.path).read_text()
        told = f"{text}\0{self.number}\0{self.what}\0{self.was}"
        return hashlib.sha256(told.encode()).hexdigest()[:20]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} in {self.function}: {self.what}: {self.was}"


class Tree:
    """A parsed module that knows each node's place."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root = ast.parse((PROJECT / path).read_text(), path)
        self.places: dict[ast.AST, tuple[ast.AST, str, int | None]] = {}
        for parent in ast.walk(self.root):
            for name, value in ast.iter_fields(parent):
                for at, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                    if isinstance(child, ast.AST):
                        self.places[child] = (parent, name, at)

    def put(self, node: ast.AST, new: ast.AST) -> None:
        """Put a node in the place of another."""
        parent, name, at = self.places[node]
        ast.copy_location(new, node)
        if at is None:
            setattr(parent, name, new)
        else:
            getattr(parent, name)[at] = new

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Give what encloses a node, innermost first."""
        while node in self.places:
            node = self.places[node][0]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the statement that a node is part of, or is."""
        return next(each for each in (node, *self.above(node)) if isinstance(each, ast.stmt))

    def function(self, node: ast.AST) -> ast.AST | None:
        """Return the outermost function around a node."""
        return next((each for each in reversed([*self.above(node)]) if isinstance(each, FUNCTIONS)), None)

    def compile(self) -> Any:
        """Return the code of the module as it stands now."""
        return compile(ast.fix_missing_locations(self.root), str(PROJECT / self.path), "exec", dont_inherit=True)

    def sites(self) -> list[Site]:
        """Return everything that can be taken away, in the order of the text."""
        inside = [node for node in ast.walk(self.root) if self.function(node) is not None]
        found = [site for node in inside for look in LOOKS for site in look(self, node)]
        return sorted(found, key=lambda site: (site.node.lineno, site.node.col_offset))  # type: ignore[attr-defined]


def name_of(node: ast.AST | None) -> str:
    """Return the last word of what is called, raised or named."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def demands(tree: Tree, node: ast.AST) -> Iterator[Site]:
    """Statements that only refuse: `require_role(...)`, `raise NotVisible()`."""
    called = name_of(node.value) if isinstance(node, ast.Expr) else ""
    demanding = called.startswith(DEMANDS) and called != "require_atomic"  # which refuses programmers, not people
    refusing = isinstance(node, ast.Raise) and name_of(node.exc) in REFUSALS
    if demanding or refusing:
        yield Site("statement removed", node, lambda: tree.put(node, ast.Pass()))


def judgments(tree: Tree, node: ast.AST) -> Iterator[Site]:
    """What a judgment yields or collects."""
    yields = isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom)
    if not tree.path.endswith(JUDGING) or not (yields or isinstance(node, ast.AugAssign)):
        return
    # whoever yields nothing any more must stay a generator
    rest = ast.parse("if False:\n    yield").body[0] if yields else ast.Pass()
    yield Site("statement removed", node, lambda: tree.put(node, rest))


def roles(tree: Tree, node: ast.AST) -> Iterator[Site]:
    """Questions for roles."""
    if isinstance(node, ast.Call) and name_of(node) == "has_role":
        yield Site("role not asked", node, lambda: tree.put(node, ast.Constant(True)))


def filters(tree: Tree, node: ast.AST) -> Iterator[Site]:
    """`visible_to(...)`, and each argument of `filter(...)` and `exclude(...)`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in NARROWS):
        return
    given = [*node.args, *node.keywords]
    if node.func.attr == "visible_to" or len(given) == 1:
        receiver = node.func.value
        yield Site("filter dropped", node, lambda: tree.put(node, receiver))
        return
    for each in given:
        kept: list[Any] = node.args if each in node.args else node.keywords
        yield Site("filter dropped", each, lambda kept=kept, each=each: kept.remove(each))  # type: ignore[misc]


def conditions(tree: Tree, node: ast.AST) -> Iterator[Site]:
    """Each operand of `and` and `or`, each `if` of a comprehension, and each `if` that answers with nothing."""
    if isinstance(node, ast.BoolOp) and not _is_default(tree, node):
        for each in node.values:
            yield Site("condition dropped", each, lambda each=each: _without(tree, node, each))  # type: ignore[misc]
    if isinstance(node, ast.comprehension):
        for each in node.ifs:
            yield Site("condition dropped", each, lambda each=each: node.ifs.remove(each))  # type: ignore[misc]
    if isinstance(node, ast.If) and len(node.body) == 1 and _gives_nothing(node.body[0]):
        yield Site("never so", node.test, lambda: tree.put(node.test, ast.Constant(False)))


def _without(tree: Tree, node: ast.BoolOp, operand: ast.expr) -> None:
    rest = [each for each in node.values if each is not operand]
    tree.put(node, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))


def _is_default(tree: Tree, node: ast.BoolOp) -> bool:
    """True for `given or at`, which is no condition."""
    asked = isinstance(tree.places[node][0], ast.If | ast.IfExp)
    return isinstance(node.op, ast.Or) and not asked and all(isinstance(each, PLAIN) for each in node.values)


def _gives_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and name_of(node.value) == "none"


LOOKS = (demands, judgments, roles, filters, conditions)


def mutants_of(path: str) -> list[Mutant]:
    """Return every mutant of a module."""
    tree, found = Tree(path), []
    for number, site in enumerate(tree.sites()):
        function = tree.function(site.node)
        assert isinstance(function, FUNCTIONS)
        line = site.node.lineno  # type: ignore[attr-defined]
        found.append(Mutant(path, number, line, site.what, _text(site.node), function.name))
    return found


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:110]
