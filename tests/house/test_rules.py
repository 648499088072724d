"""Which tests cite which rules is read right, and no test cites a rule that is none."""

from __future__ import annotations

import pytest

from casemgmt.rules_page import BOOK, Place, citations, cited_in, page

from .source import PROJECT

KNOWN = {rule for rules in BOOK.values() for rule in rules}
WAITING = {"STG-13"}  # check-ins by stage are planned by hand so far
PROVEN = {
    *BOOK["The pathway"],
    *BOOK["Measures"],
    *BOOK["Guidance"],
    "CLN-30",
    "CLN-31",
    "PEER-02",
    "PEER-03",
    "SMS-65",
} - WAITING


def test_no_test_cites_a_rule_that_is_not_in_the_book() -> None:
    found = citations(PROJECT / "tests")

    assert {rule: places for rule, places in found.items() if rule not in KNOWN} == {}


def test_every_rule_of_the_pathway_has_a_test() -> None:
    assert PROVEN - citations(PROJECT / "tests").keys() == set()


def test_the_page_of_rules_is_fresh() -> None:
    """Run `manage.py rules` after a test that cites a rule came or went."""
    assert (PROJECT / "docs" / "rules-to-tests.md").read_text() == page(PROJECT / "tests")


def test_the_book_names_each_rule_once() -> None:
    assert len(KNOWN) == sum(len(rules) for rules in BOOK.values())


@pytest.mark.parametrize(
    ("docstring", "rules"),
    [
        ("G4: an open critical alert blocks.", ["G4"]),
        ("It never moves anybody (CLN-30, T19), see G4.", ["CLN-30", "T19", "G4"]),
        ("T8. And T8 again.", ["T8"]),
        ("Guards G1-G13 over facts.", []),
        ("From DG-00 to DG-22; DG-23 says so too.", ["DG-23"]),
        ("MSR-01…MSR-10", []),
        ("Numbers such as G40a, XT8, P2-401 and DG-2 are no rules.", []),
        (None, []),
    ],
)
def test_a_docstring_cites_what_it_names(docstring, rules) -> None:
    assert cited_in(docstring) == rules


SAMPLE = '''
"""G1: of the whole module."""

class TestSomething:
    """G2: of a class."""

    def test_method(self):
        """G3: of a method."""

def test_it():
    """G4: of a test."""
    # G5: a comment proves nothing

def arrange():
    """G6: nobody runs this by itself."""
'''


def test_modules_classes_and_tests_cite_and_nothing_else_does(tmp_path) -> None:
    tests = tmp_path / "tests"
    (tests / "unit").mkdir(parents=True)
    (tests / "unit" / "test_sample.py").write_text(SAMPLE)
    (tests / "unit" / "arranging.py").write_text(SAMPLE)

    found = citations(tests)

    path = "tests/unit/test_sample.py"
    assert found == {
        "G1": [Place(True, path, "")],
        "G2": [Place(False, path, "TestSomething")],
        "G3": [Place(False, path, "test_method")],
        "G4": [Place(False, path, "test_it")],
    }
