"""The rank of a line: what is told adds up, and more of anything never ranks lower (F5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.places.rules.ranking import NAMES, Standing, Weights, place_in_line, rank

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
POINTS = st.integers(0, 1000)
weights = st.builds(Weights, version=st.integers(0, 9), **dict.fromkeys(NAMES, POINTS))
standings = st.builds(
    Standing,
    key=st.sampled_from("abcdef"),
    in_line_since=st.integers(0, 400 * 24).map(lambda hours: NOW - timedelta(hours=hours)),
    urgent=st.booleans(),
    step_down=st.booleans(),
    reentry=st.booleans(),
    passed_over=st.integers(0, 20),
)


@UNHURRIED
@given(standings, weights)
def test_the_terms_add_up_to_the_points_and_name_their_version(standing, weighing) -> None:
    found = rank(standing, weighing, at=NOW)

    assert found.points == sum(each.points for each in found.terms)
    assert found.version == weighing.version
    assert [each.term for each in found.terms] == ["urgent", "days_waiting", "step_down", "reentry", "passed_over"]
    assert found.told()["points"] == found.points


@UNHURRIED
@given(standings, weights)
def test_more_of_anything_never_ranks_lower(standing, weighing) -> None:
    before = rank(standing, weighing, at=NOW).points
    more = [
        replace(standing, urgent=True),
        replace(standing, step_down=True),
        replace(standing, reentry=True),
        replace(standing, passed_over=standing.passed_over + 1),
        replace(standing, in_line_since=standing.in_line_since - timedelta(days=1)),
    ]

    assert all(rank(each, weighing, at=NOW).points >= before for each in more)


@UNHURRIED
@given(st.lists(standings, unique_by=lambda each: each.key), weights)
def test_a_line_has_one_order_whoever_reads_it(line, weighing) -> None:
    def order(rows):
        return sorted(rows, key=lambda each: place_in_line(each, rank(each, weighing, at=NOW)))

    assert order(line) == order(list(reversed(line)))


def test_days_count_whole_and_only_so_many() -> None:
    weighing = Weights(most_days=10)
    standing = Standing("a", NOW - timedelta(hours=47), urgent=False, step_down=False, reentry=False, passed_over=0)

    assert rank(standing, weighing, at=NOW).points == 1
    assert rank(replace(standing, in_line_since=NOW - timedelta(days=99)), weighing, at=NOW).points == 10
    assert rank(replace(standing, in_line_since=NOW + timedelta(days=1)), weighing, at=NOW).points == 0
