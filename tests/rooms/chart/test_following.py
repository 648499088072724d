"""What the chart does when an episode goes on, and what time alone never does (CLN-01)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from casemgmt.chart.facts import for_episode
from casemgmt.chart.models import Checkup
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import CARE, Stage
from casemgmt.kernel import clock
from casemgmt.management.ticks import TICKS
from casemgmt.worklist.models import ItemKind
from tests.factories import chart, people
from tests.factories import episodes as spells
from tests.factories.pathway import step


@pytest.mark.parametrize("stage", [*CARE, Stage.ON_HOLD])
def test_no_passing_of_time_moves_anybody(cast, api, travel, stage) -> None:
    """CLN-01: two years and every sweep later, with everything overdue, the episode stands where people put it."""
    episode = spells.episode(people.client(cast.north), stage=Stage.INTAKE)
    if stage is Stage.ON_HOLD:
        step(episode, Stage.THERAPY, actor=cast.therapist)
    step(episode, stage, actor=cast.therapist)
    api(cast.peer).post("returns-to-use/", chart.used_again(episode, overdose=True))
    before = list(StageMove.objects.values_list("seq", flat=True))

    for days in (15, 61, 100, 800):
        travel(clock.now() + timedelta(days=days))
        for tick in TICKS:
            tick.run(lambda: True)

    moved = Episode.objects.get(pk=episode.pk)
    assert (moved.stage, list(StageMove.objects.values_list("seq", flat=True))) == (stage, before)


def test_the_end_of_an_episode_takes_reviews_off_the_list(cast, api) -> None:
    """CLN-30: there is nothing left to review; what was recorded stays."""
    episode = spells.episode(people.client(cast.north), stage=Stage.THERAPY)
    api(cast.peer).post("returns-to-use/", chart.used_again(episode))

    step(episode, Stage.DISCHARGED, actor=cast.therapist)

    assert chart.open_items(ItemKind.RETURN_TO_USE_REVIEW) == []


def test_another_client_is_not_touched(cast) -> None:
    first, second = (spells.episode(people.client(cast.north), stage=Stage.THERAPY) for _ in range(2))
    for episode in (first, second):
        step(episode, Stage.AFTERCARE, actor=cast.case_manager)

    step(first, Stage.THERAPY, actor=cast.therapist)

    assert set(Checkup.objects.planned().values_list("episode_id", flat=True)) == {second.id}


def test_the_facts_take_one_query_whatever_there_is(cast, api, django_assert_num_queries) -> None:
    episode = spells.episode(people.client(cast.north), stage=Stage.THERAPY)
    with django_assert_num_queries(1):
        empty = for_episode(episode, at=episode.opened_at)
    web = api(cast.therapist)
    for days in range(4):
        at = (clock.now() - timedelta(days=days)).isoformat()
        web.post("levels-of-care/", chart.level(episode, assessed_at=at))
        web.post("contact-attempts/", chart.contact(episode, at=at))
        web.post("returns-to-use/", chart.used_again(episode))
    web.post("continuing-care-plans/", chart.plan(episode))

    with django_assert_num_queries(1):
        full = for_episode(episode, at=episode.opened_at)

    assert empty == {"level_of_care": None, "continuing_care": None, "contacts": (), "returns_to_use": ()}
    assert (len(full["contacts"]), len(full["returns_to_use"])) == (4, 4)
    assert full["level_of_care"].code == "2.1"
    assert full["continuing_care"].given_at is None


TABLES = (
    "chart_levelofcareassessment",
    "chart_continuingcareplan",
    "chart_contactattempt",
    "chart_returntouse",
    "chart_returntousereview",
    "chart_iopreview",
)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET reason = 'x'", "TRUNCATE {0} CASCADE"])
def test_the_tables_only_grow(db, table, statement) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
