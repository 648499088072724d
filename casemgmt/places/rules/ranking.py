"""The rank of a waitlist: points by an organization's weights, each term told. Pure.

To let something more count, add a weight to `Weights`, its term to `rank`, and its column to `models/rule.py`.
Nothing counts that says how somebody did before (CLN-31): no earlier place and no return to use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_POINTS = 1000
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; `version` 0 is the default that holds until an organization sets its own."""

    version: int = 0
    urgent_points: int = 30  # somebody judged it urgent
    day_points: int = 1  # each whole day in line
    most_days: int = 180  # no more days count than these
    step_down_points: int = 20  # steps down from IOP, or is on hold in hospital or for want of a placement
    reentry_points: int = 10  # came back after an earlier episode
    passed_over_points: int = 5  # each time somebody behind got a place because this one did not fit


NAMES = tuple(name for name in Weights.__slots__ if name != "version")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of somebody in line, as of a moment."""

    key: str  # of the entry; decides between those who are equal in everything else
    in_line_since: datetime
    urgent: bool
    step_down: bool
    reentry: bool
    passed_over: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a rank: how often it counts, and the points that makes."""

    term: str
    times: int
    points: int


@dataclass(frozen=True, slots=True)
class Rank:
    """Points and where they come from, by which version of the weights."""

    version: int
    points: int
    terms: tuple[Term, ...]

    def told(self) -> dict[str, Any]:
        """Return it in plain values, for a ledger or an answer."""
        terms = [{"term": each.term, "times": each.times, "points": each.points} for each in self.terms]
        return {"version": self.version, "points": self.points, "terms": terms}


def rank(standing: Standing, weights: Weights, *, at: datetime) -> Rank:
    """Return the rank of somebody in line as of `at` (aware UTC)."""
    days = max(0, int((at - standing.in_line_since).total_seconds() // DAY_SECONDS))
    counted = (
        ("urgent", int(standing.urgent), weights.urgent_points),
        ("days_waiting", min(days, weights.most_days), weights.day_points),
        ("step_down", int(standing.step_down), weights.step_down_points),
        ("reentry", int(standing.reentry), weights.reentry_points),
        ("passed_over", standing.passed_over, weights.passed_over_points),
    )
    terms = tuple(Term(name, times, times * points) for name, times, points in counted)
    return Rank(weights.version, sum(each.points for each in terms), terms)


def place_in_line(standing: Standing, ranked: Rank) -> tuple[int, datetime, str]:
    """Return what the line is ordered by: most points, then longest in line, then the entry's key."""
    return (-ranked.points, standing.in_line_since, standing.key)
