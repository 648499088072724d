"""`python -m tests.mutants`: take everything away once, and say what nobody missed."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from . import judging, walls
from .finding import PROJECT, Mutant, mutants_of
from .journal import Journal
from .swapping import Living

ROOMS = ("casemgmt/access", "casemgmt/policies", "casemgmt/consent", "casemgmt/disclosures")
COLLECTED = ("tests/unit", "tests/rooms", "tests/matrix", "tests/races")
# Whose tests judge code: those of the rooms themselves, of the rooms they lean on or that lean on them, and what the
# matrix of all routes says of these rooms.
NEAR = ("access", "care_team", "clients", "consent", "disclosures", "policies")
MATRIX = "tests/matrix/test_matrix.py::test_everybody_is_answered_as_the_table_says"
JUDGES = (
    *(f"tests/{kind}/{room}/" for kind in ("unit", "rooms") for room in NEAR),
    "tests/rooms/referrals/",
    *(f"{MATRIX}[{room}]" for room in (*NEAR, "referrals")),
    *(f"tests/races/test_{name}.py" for name in ("care_team", "restricting", "revoke_while_sending")),
)
BESIDE = {"access_grant": {"clients"}, "audit_auditevent": {"clients"}}  # whose rooms' tests go at it
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
SEPARATOR = " :: "


@dataclass
class Count:
    """What came of it."""

    mutants: int = 0
    killed: int = 0
    survivors: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def told(self) -> dict[str, Any]:
        """Return the line for machines."""
        seconds = round(time.monotonic() - self.begun)
        return {"mutants": self.mutants, "killed": self.killed, "survivors": len(self.survivors), "seconds": seconds}

    def add(self, name: str, red: str | None) -> None:
        """Count one, and print it when nothing was red."""
        self.mutants += 1
        if red is None:
            self.survivors.append(name)
            print(f"survived: {name}", flush=True)
        else:
            self.killed += 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run; return 1 when something survived."""
    options = _options().parse_args(argv)
    named = {} if options.only == ["walls"] else code(options.only)
    excused = excuses()
    count = Count()

    def work(bench: judging.Bench) -> None:
        journal = Journal(PROJECT / ".mutants", trust=options.trust_map)
        if named:
            judge_code(bench, journal, _sampled(named, excused, options), count, within=options.within)
        if not options.only or "walls" in options.only:
            judge_walls(bench, journal, excused, options, count)

    tests = options.tests or COLLECTED
    if code_ := judging.run(work, tests, project=PROJECT):
        print(f"pytest ended with {code_}")
        return 2
    print(json.dumps(count.told()))
    return 1 if count.survivors else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="paths, or 'walls' for the database alone")
    parser.add_argument("--named", default="", help="only those whose name has this text in it")
    parser.add_argument("--sample", type=int, default=0, help="so many, chosen at random; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--within", type=float, default=120.0, help="seconds of tests that judge one change at most")
    parser.add_argument("--trust-map", action="store_true", help="although the product was edited since it was made")
    parser.add_argument("--tests", nargs="*", help="collect these tests only")
    return parser


def code(only: Sequence[str]) -> dict[str, Mutant]:
    """Return every mutant of code by its name, in the rooms or under the paths that are asked for."""
    wanted = tuple(only) or ROOMS
    paths = [str(path.relative_to(PROJECT)) for room in ROOMS for path in sorted((PROJECT / room).rglob("*.py"))]
    found: dict[str, Mutant] = {}
    for path in paths:
        if path.startswith(wanted) and "/migrations/" not in path:
            for mutant in mutants_of(path):
                found[_unique(str(mutant), found)] = mutant
    return found


def _unique(name: str, taken: dict[str, Any]) -> str:
    return name if name not in taken else next(n for i in range(2, 99) if (n := f"{name} ({i})") not in taken)


def excuses() -> set[str]:
    """Return the names of what changes nothing, as the list says; each must still exist (checked by the tests)."""
    lines = [line for line in EQUIVALENT.read_text().splitlines() if line and not line.startswith("#")]
    return {line.split(SEPARATOR)[0] for line in lines}


def without_line(name: str) -> str:
    """Return a mutant's name without the number of its line, which changes with every edit."""
    path, rest = name.split(":", 1)
    number, words = rest.split(" ", 1)
    return f"{path} {words}" if number.isdigit() else name


def _sampled(named: dict[str, Any], excused: set[str], options: argparse.Namespace) -> dict[str, Any]:
    left = [name for name in named if without_line(name) not in excused and options.named in name]
    if options.sample:
        left = sorted(random.Random(options.seed).sample(left, min(options.sample, len(left))))
    return {name: named[name] for name in left}


def judge_code(
    bench: judging.Bench, journal: Journal, named: dict[str, Mutant], count: Count, *, within: float
) -> None:
    """Judge mutants of code with the row policies lifted: a filter must be missed although there is a second wall."""
    with bench.unblocked(), walls.lifted():
        every = {(each.path, each.number): without_line(name) for name, each in code(()).items()}
        paths = sorted({path for path, _ in every})
        for path in paths:
            import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        living = Living(paths)

        def mark(reached: set[str]) -> None:
            living.mark(paths, lambda path, number: reached.add(every[path, number]))

        judges = [each for each in bench.items if each.startswith(JUDGES) and "/test_wall" not in each]
        map_ = journal.map(judges, lambda tests, keep: judging.explore(bench, tests, mark=mark, keep=keep))
        green = {nodeid: set(map_[nodeid]["reached"]) for nodeid in judges if map_[nodeid]["green"]}
        print(f"{len(green)} tests judge {len(named)} changes of code", flush=True)
        if blind := sorted(set(judges) - green.keys()):
            print(f"{len(blind)} tests need the second wall and do not judge:", *blind, sep="\n  ", flush=True)
        for name, mutant in named.items():
            reaching = [each for each, reached in green.items() if without_line(name) in reached]
            room, before = mutant.path.split("/")[1], journal.before(without_line(name))
            tests = judging.order(reaching, map_, room=room, before=before, within=within)
            red = journal.red(mutant.key) or bench.first_red(tests, lambda mutant=mutant: applied(living, mutant))
            journal.write(without_line(name), mutant.key, red)
            count.add(f"{name} ({len(tests)} of {len(reaching)} tests that reach it)", red)


def applied(living: Living, mutant: Mutant) -> None:
    """Make a change; a change that reaches nothing must not be taken for a survivor."""
    if not living.apply(mutant):
        raise LookupError(f"{mutant} was not found in this process")


def judge_walls(
    bench: judging.Bench, journal: Journal, excused: set[str], options: argparse.Namespace, count: Count
) -> None:
    """Judge what was taken from the database by the tests that go at it with SQL of their own."""
    with bench.unblocked():
        found = {str(each): each for each in walls.walls()}
        for name, wall in _sampled(found, excused, options).items():
            tests = list(against(wall, bench))
            key = journal.key(name, wall.change, wall.undo)
            red = journal.red(key)
            if red is None:
                with walls.without(wall):
                    red = bench.first_red(tests, lambda: None)
            journal.write(name, key, red)
            count.add(f"{name} ({len(tests)} tests)", red)


def against(wall: walls.Wall, bench: judging.Bench) -> Iterator[str]:
    """Give the tests that go at a table by SQL, those that name it first; of triggers, also its rooms' promises."""
    rooms = {wall.table.split("_")[0], wall.name.split("_")[0]}
    files = ["rooms/access/test_wall"]
    if wall.what.startswith("trigger"):
        files += ["rooms/audit/", *(f"rooms/{room}/" for room in sorted(rooms | BESIDE.get(wall.table, set())))]
    near = [each for each in bench.items if any(f"tests/{file}" in each for file in files)]
    mine = [each for each in near if f"[{wall.table}" in each or f"{wall.table}]" in each]
    yield from mine
    yield from (each for each in near if each not in mine and not (each.endswith("]") and "/test_wall" in each))


if __name__ == "__main__":
    sys.exit(main())
