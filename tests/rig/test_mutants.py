"""The program that takes lines away finds them, takes them away, and excuses nothing that is not there (S2)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants import walls
from tests.mutants.__main__ import EQUIVALENT, SEPARATOR, code, without_line
from tests.mutants.finding import mutants_of
from tests.mutants.swapping import Living

SAMPLE = """
from functools import wraps


class NotPermitted(Exception):
    pass


class Rows(list):
    def filter(self, wanted):
        return Rows(filter(lambda each: each == wanted, self))

    def none(self):
        return Rows()


def door(function):
    @wraps(function)
    def inner(*given):
        return function(*given)

    return inner


@door
def enter(actor, rows):
    if actor is None or actor == "stranger":
        raise NotPermitted()
    return rows.filter(actor)


def look(actor, rows):
    if actor == "nobody":
        return rows.none()
    return rows
"""


def sample(directory: Path) -> ModuleType:
    path = directory / "sample.py"
    path.write_text(SAMPLE)
    spec = importlib.util.spec_from_file_location("sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(module: ModuleType) -> list[object]:
    """What the sample's doors answer: a refusal, two rows of three, nothing."""
    answers: list[object] = []
    rows = module.Rows(["a", "b", "stranger", None])
    for actor in (None, "stranger", "a"):
        try:
            answers.append(list(module.enter(actor, rows)))
        except module.NotPermitted:
            answers.append("refused")
    return [*answers, list(module.look("nobody", rows))]


@pytest.mark.parametrize(
    ("number", "what", "answers"),
    [
        (0, "condition dropped: actor is None", [[None], "refused", ["a"], []]),
        (1, "condition dropped: actor == 'stranger'", ["refused", ["stranger"], ["a"], []]),
        (2, "statement removed: raise NotPermitted()", [[None], ["stranger"], ["a"], []]),
        (3, "filter dropped: rows.filter(actor)", ["refused", "refused", ["a", "b", "stranger", None], []]),
        (4, "never so: actor == 'nobody'", ["refused", "refused", ["a"], ["a", "b", "stranger", None]]),
    ],
)
def test_what_guards_is_found_and_taken_away_from_the_living_function(tmp_path, number, what, answers) -> None:
    """S2: also below a decorator that was applied long since."""
    module = sample(tmp_path)
    assert told(module) == ["refused", "refused", ["a"], []]
    found = mutants_of(str(tmp_path / "sample.py"))
    assert len(found) == 5
    assert f"{found[number].what}: {found[number].was}" == what

    assert Living([str(tmp_path / "sample.py")]).apply(found[number]) == 1
    assert told(module) == answers


def test_a_statement_tells_when_it_is_reached(tmp_path) -> None:
    """S2: so that only tests that reach a line are asked about it."""
    module, path = sample(tmp_path), str(tmp_path / "sample.py")
    reached: list[int] = []
    Living([path]).mark([path], lambda _, number: reached.append(number))

    module.look("somebody", module.Rows())
    assert reached == [4]
    module.enter("a", module.Rows())
    assert sorted(reached) == [0, 1, 3, 4]


def test_what_is_excused_is_still_there_and_says_why(django_db_setup, django_db_blocker) -> None:
    """S2: an excuse for a line that is gone would excuse the next one that is written so."""
    with django_db_blocker.unblock():
        there = {without_line(name) for name in code(())} | {str(each) for each in walls.walls()}
    lines = [line for line in EQUIVALENT.read_text().splitlines() if line and not line.startswith("#")]

    for line in lines:
        name, _, reason = line.partition(SEPARATOR)
        assert name in there, f"nothing is called so: {name}"
        assert len(reason) > 20, f"say why: {name}"
    assert len(lines) == len({line.split(SEPARATOR)[0] for line in lines})
