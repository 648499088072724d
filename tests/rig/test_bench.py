"""The bench runs and says what it found. How fast anything is, no test asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from casemgmt.devtools.instances import PROJECT
from tests.bench.figures import Figure, of_rounds


@pytest.mark.timeout(400)
def test_all_contestants_answer_and_the_list_takes_few_statements() -> None:
    """P1, P8: a short run of the real thing, on servers of its own; the list costs the same for 100 rows as for 1."""
    argv = [sys.executable, "-W", "ignore", "-m", "tests.bench", "--clients", "1600", "--rounds", "1"]
    argv += ["--only", "P1", "--only", "P2", "--only", "P3", "--only", "P8"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    run = subprocess.run(argv, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr[-2000:]
    figures = {found["name"]: found for found in map(json.loads, run.stdout.splitlines())}
    lists = [found["value"] for name, found in figures.items() if name.startswith("P8 statements of a list")]
    assert len(lists) == 3
    assert len(set(lists)) == 1
    assert {"value", "unit", "limit", "stock", "goal", "met", "spread"} <= figures["P1 list of 50 clients"].keys()
    assert figures["P2 one guarded stage move"]["limit"] > 0


def test_a_figure_is_the_median_of_its_rounds_with_their_spread() -> None:
    figure = of_rounds("x", [3.0, 1.0, 2.0], "s", limit=[8.0, 4.0, 6.0], stock=None).judged("<= 2", met=True)

    assert figure == Figure("x", 2.0, "s", "<= 2", True, 6.0, None, (1.0, 3.0))
    assert json.loads(figure.line())["spread"] == [1.0, 3.0]
    assert json.loads(Figure("x", 1 / 3, "s").line())["value"] == 0.3333
