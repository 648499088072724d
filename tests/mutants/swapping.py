"""Changing functions of modules that are imported long since: their code is replaced, whoever refers to them."""

from __future__ import annotations

import ast
import builtins
import gc
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType

from .finding import FUNCTIONS, PROJECT, Mutant, Tree

MARK = "__mutants_reached__"
Place = tuple[str, str, int]


class Living:
    """The functions of some modules as they live in this process."""

    def __init__(self, paths: Iterable[str]) -> None:
        files = {str(PROJECT / path) for path in paths}
        self.functions: dict[Place, list[FunctionType]] = {}
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__.co_filename in files:
                self.functions.setdefault(_place(each.__code__), []).append(each)

    def swap(self, tree: Tree, only: ast.AST | None = None) -> int:
        """Give living functions the code of a changed module: all of them, or one; return how many were changed."""
        wanted = None if only is None else _first_line(only)
        count = 0
        for code in _outermost(tree.compile()):
            if wanted is not None and code.co_firstlineno != wanted:
                continue
            for function in self.functions.get(_place(code), []):
                if len(function.__code__.co_freevars) == len(code.co_freevars):
                    function.__code__ = code
                    count += 1
        return count

    def apply(self, mutant: Mutant) -> int:
        """Make one change; return how many living functions have it."""
        tree = Tree(mutant.path)
        site = tree.sites()[mutant.number]
        function = tree.function(site.node)
        site.do()
        return self.swap(tree, only=function)

    def mark(self, paths: Iterable[str], tell: Callable[[str, int], None]) -> None:
        """Let each statement with a site tell when it is reached: by which module, and which site."""
        setattr(builtins, MARK, tell)
        for path in paths:
            tree = Tree(path)
            for number, site in enumerate(tree.sites()):
                _mark(tree, tree.statement(site.node), number)
            self.swap(tree)


def _mark(tree: Tree, statement: ast.stmt, number: int) -> None:
    parent, name, _ = tree.places[statement]
    rows = getattr(parent, name)
    told = ast.parse(f"{MARK}({tree.path!r}, {number})").body[0]
    for node in ast.walk(told):
        ast.copy_location(node, statement)
    rows.insert(rows.index(statement), told)


def _outermost(code: CodeType) -> Iterator[CodeType]:
    """Give the code of every function that stands in no other function."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & 0x2:  # CO_NEWLOCALS: a function; a class body is not
                yield each
            else:
                yield from _outermost(each)


def _first_line(function: ast.AST) -> int:
    assert isinstance(function, FUNCTIONS)
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _place(code: CodeType) -> Place:
    return (code.co_filename, code.co_qualname, code.co_firstlineno)
