"""What the chart says of a return to use reaches guidance without being told twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.chart.services.returns import NewReturn, record_return, withdraw_return
from casemgmt.chart.services.reviews import NewReview, review_return
from casemgmt.guidance.models import Statement
from casemgmt.kernel import clock
from tests.factories import episodes, people, told


@pytest.fixture
def episode(cast):
    """Return an episode of North at intake."""
    return episodes.episode(people.client(cast.north))


def returned(episode, *, by, days_ago: int = 1, overdose: bool = False):
    """Return a return to use that the team learned of so many days ago."""
    new = NewReturn(
        learned_on=(clock.now() - timedelta(days=days_ago)).date(),
        source="client",
        overdose=overdose,
        still_using="no",
        naloxone_offered=True,
        safety_plan_checked=True,
    )
    return record_return(episode_id=episode.id, new=new, actor=by)


def facts(api, actor, episode) -> dict:
    answer = api(actor).get(f"episodes/{episode.id}/guidance/facts/")
    return {each["name"]: (each["value"], each["source"]) for each in answer.json()["facts"]}


def test_a_recent_return_to_use_is_heard(cast, api, episode) -> None:
    """DG-06: from the chart, with its source."""
    returned(episode, by=cast.case_manager, days_ago=29)

    assert facts(api, cast.therapist, episode)["return_to_use_recent"] == (True, "chart")


def test_one_of_long_ago_is_not_recent(cast, api, episode) -> None:
    """DG-06"""
    returned(episode, by=cast.case_manager, days_ago=40)

    assert "return_to_use_recent" not in facts(api, cast.therapist, episode)


def test_one_entered_in_error_is_not_heard(cast, api, episode) -> None:
    row = returned(episode, by=cast.case_manager)
    withdraw_return(return_id=row.id, reason="Another client.", actor=cast.therapist)

    assert "return_to_use_recent" not in facts(api, cast.therapist, episode)


def test_an_overdose_on_the_chart_asks_for_a_medical_evaluation(cast, api, episode) -> None:
    """DG-01: and only a clinician is the first to say no to it (PEER-02)."""
    returned(episode, by=cast.case_manager, days_ago=60, overdose=True)
    guidance = api(cast.case_manager).get(f"episodes/{episode.id}/guidance/").json()
    assert [each["rule_id"] for each in guidance["suggestions"]] == ["DG-01"]
    assert [each["name"] for each in guidance["stale"]] == ["overdose"]

    address = f"episodes/{episode.id}/guidance/facts/"
    assert api(cast.case_manager).post(address, told.form(("overdose", False))).status_code == 403
    assert not Statement.objects.exists()
    assert api(cast.therapist).post(address, told.form(("overdose", False))).status_code == 201

    guidance = api(cast.case_manager).get(f"episodes/{episode.id}/guidance/").json()
    assert "DG-01" not in {each["rule_id"] for each in guidance["suggestions"]}


def test_an_old_overdose_that_a_clinician_reviewed_is_history(cast, api, episode) -> None:
    """DG-01: a recent one counts, reviewed or not."""
    for days_ago, expected in ((60, None), (3, (True, "chart"))):
        row = returned(episode, by=cast.case_manager, days_ago=days_ago, overdose=True)
        review_return(return_id=row.id, new=NewReview("stay_and_intensify"), actor=cast.therapist)

        assert facts(api, cast.therapist, episode).get("overdose") == expected


def test_a_no_of_the_same_day_does_not_hide_an_overdose(cast, api, episode) -> None:
    """DG-01: the chart keeps a day only; the graver reading of it counts."""
    told.statement(episode, "overdose", False, by=cast.therapist.id, days_old=1)
    returned(episode, by=cast.case_manager, days_ago=1, overdose=True)

    assert facts(api, cast.therapist, episode)["overdose"] == (True, "chart")
