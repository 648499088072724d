"""CLN-30: nobody is called what they are not. Holds every string and page that a person may read to the lint."""

from __future__ import annotations

import ast

import pytest

from .source import PROJECT, product
from .wording import FORBIDDEN, Said, found_in, strings_of

# Where a word must stand all the same: module, what it says, and why.
ALLOWED = {
    ("casemgmt/measures/instruments/phq9.py", "you are a failure"): "PHQ-9, word for word: a client judges themselves",
    ("notifications/wording/linter.py", "addict|relapse"): "the lint of texts itself: what no text may say",
}

PAGES = sorted(
    path
    for pattern in ("README.md", "CHANGELOG.md", "docs/**/*.md", "*/**/*.html", "*/**/*.txt")
    for path in PROJECT.glob(pattern)
    if path.name != "rules-to-tests.md" and not {".venv", "tests", ".git"} & set(path.relative_to(PROJECT).parts)
)


def excused(said: Said) -> tuple[str, str] | None:
    return next((key for key in ALLOWED if key[0] == said.path and key[1] in said.text), None)


def spoken() -> list[Said]:
    return [said for module in product() for said in strings_of(module.path, module.tree)]


def test_no_string_says_what_is_never_said_of_people() -> None:
    """CLN-30: say "return to use"; never "failed", "dirty", "clean", "relapsed client"."""
    found = [
        f"{said.path}:{said.line}: {name}" for said in spoken() if not excused(said) for name in found_in(said.text)
    ]

    assert found == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_page_says_it_either(path) -> None:
    """CLN-30, in what we tell those who run and read this."""
    found = [
        f"{number}: {name}"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        for name in found_in(f"{line} ", machines_too=True)
    ]

    assert found == []


def test_every_exception_is_still_needed() -> None:
    needed = {excused(said) for said in spoken() if found_in(said.text)}

    assert set(ALLOWED) <= needed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The client relapsed last week.", "relapse"),
        ("Relapse prevention plan", "relapse"),
        ("after_relapse", "relapse"),
        ("Relapsed", "relapse"),
        ("The drug test was dirty.", "dirty"),
        ("dirty_urine", "dirty"),
        ("Ninety days clean and sober", "clean"),
        ("Clean", "clean"),
        ("days_clean", "clean"),
        ("A recovering addict", "addict"),
        ("Addicted since", "addict"),
        ("The client was non-compliant with the plan.", "non-compliant"),
        ("noncompliance noted", "non-compliant"),
        ("Refused to cooperate with staff", "non-compliant"),
        ("non_compliant", "non-compliant"),
        ("Former drug abuser", "abuser"),
        ("The client has failed IOP.", "failed"),
        ("Clients who fail are discharged.", "failed"),
        ("She failed again.", "failed"),
        ("You are a failure", "failed"),
        ("Failed a drug screen", "failed"),
        ("Failed treatment twice", "failed"),
        ("failed to attend group", "failed"),
        ("Treatment failure", "failed"),
        ("Unsuccessful discharge", "failed"),
        ("failed_treatment", "failed"),
    ],
)
def test_the_lint_hears(text, name) -> None:
    assert name in found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "A text could not be delivered.",
        "message_failed",
        "failed_guards",
        "Every guard that failed, together.",
        "outbox event %s of topic %s failed with %s",
        "The page is stale; the check fails.",
        "A return to use was recorded. Review the care with the client.",
        "Brief Addiction Monitor, revised",
        "Screens in the moderate range",
        "The client did not attend.",
        "dropped_out",
        "transition_blocked",
        "cleaned_data",
        "delivery_failure",
        "test_failed",
    ],
)
def test_the_lint_lets_machines_fail_and_people_be(text) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("Start from a clean checkout; a dirty working tree is refused.", []),
        ("Clients who are clean for a year are invited.", ["clean"]),
        ("She stayed clean.", ["clean"]),
        ("A dirty urine is no reason to discharge.", ["dirty"]),
    ],
)
def test_pages_may_speak_of_clean_machines(line, heard) -> None:
    assert found_in(line, machines_too=True) == heard


SAMPLE = '''
"""Says relapse, but nobody reads a docstring."""
LABEL = "The client " "relapsed."
def tell(count):
    """Failed treatment."""
    raise ValueError(f"{count} clients failed treatment")
class Choices:
    STATUS = "dirty", "Urine was dirty"
'''


def test_the_lint_reads_what_is_said_and_not_what_is_noted() -> None:
    inside = list(strings_of("programs/services/sample.py", ast.parse(SAMPLE)))
    skin = list(strings_of("programs/api/sample.py", ast.parse(SAMPLE)))

    heard = sorted((said.line, name) for said in inside for name in found_in(said.text))
    assert heard == [(3, "relapse"), (6, "failed"), (8, "dirty"), (8, "dirty")]
    assert len([name for said in skin for name in found_in(said.text)]) == 6  # with both docstrings


def test_every_way_of_speaking_has_something_better() -> None:
    assert all(each.instead for each in FORBIDDEN)
    assert len({each.name for each in FORBIDDEN}) == len(FORBIDDEN)
