"""Which level of care which kind of program may carry, by edition (rules.md 3.1)."""

from __future__ import annotations

import pytest

from programs.rules.kinds import Kind
from programs.rules.levels import allowed_levels, level_refusal


@pytest.mark.parametrize(
    ("kind", "edition", "code"),
    [
        (Kind.IOP, 3, "2.1"),
        (Kind.IOP, 4, "2.1"),
        (Kind.THERAPY, 3, "1"),
        (Kind.THERAPY, 4, "1.5"),
        (Kind.THERAPY, 4, "1.7"),
        (Kind.AFTERCARE, 4, "1.0"),
        (Kind.OTHER, 3, "3.3"),
        (Kind.PEER_SUPPORT, None, ""),
    ],
)
def test_a_fitting_level_is_taken(kind: Kind, edition: int | None, code: str) -> None:
    assert level_refusal(kind, edition=edition, code=code) is None


@pytest.mark.parametrize(
    ("kind", "edition", "code", "sentence"),
    [
        (Kind.THERAPY, 3, "1.5", "This edition has no such level."),
        (Kind.OTHER, 4, "3.3", "This edition has no such level."),
        (Kind.OTHER, 5, "1.0", "This edition has no such level."),
        (Kind.IOP, 4, "1.5", "A program of this kind carries 2.1."),
        (Kind.SOBER_LIVING, 3, "3.1", "This kind carries no level."),
        (Kind.IOP, 4, "", "Edition and code go together."),
        (Kind.IOP, None, "2.1", "Edition and code go together."),
    ],
)
def test_a_level_that_does_not_fit_is_refused(kind: Kind, edition: int | None, code: str, sentence: str) -> None:
    assert level_refusal(kind, edition=edition, code=code) == sentence


def test_what_is_allowed_is_what_is_not_refused() -> None:
    allowed = set(allowed_levels())

    assert ("iop", 4, "2.1") in allowed
    assert all(level_refusal(kind, edition=edition, code=code) is None for kind, edition, code in allowed)
