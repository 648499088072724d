"""What a move leaves for people to do, and what it takes off their lists (T1, T2, T10-T13, T15-T17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.episodes.clockwork import pass_time
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.opening import open_episode
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from casemgmt.worklist.services import finish_item
from notifications.models import CheckInPlan
from tests.factories import people, readiness

KINDS = {
    "intake_to_do",
    "waitlist_contact",
    "waitlist_rescreen",
    "skip_follow_up",
    "hold_review",
    "outreach_due",
    "transfer_to_confirm",
    "client_died",
}


def in_days() -> list[tuple[str, int]]:
    """Return the open work that moves left, with the days until it is due."""
    rows = WorkItem.objects.open().filter(kind__in=KINDS).order_by("due_at", "kind")
    return [(row.kind, round((row.due_at - clock.now()) / timedelta(days=1))) for row in rows]


def move(cast, episode: Episode, verb: str, *, by: str = "supervisor", **data: Any) -> StageMove:
    told = readiness.told(cast, episode) | data
    return move_episode(episode_id=episode.id, order=MoveOrder(verb, told, "Agreed."), actor=getattr(cast, by))


@pytest.fixture
def waiting(cast):
    episode = readiness.ready_episode(cast)
    move(cast, episode, "waitlist")
    return episode


def test_an_intake_is_to_be_done_until_the_client_goes_on(cast) -> None:
    """T1: the intake is on the list in the organization's days."""
    client = people.client(cast.north)
    set_number(name="intake_days", value=3, reason="Small house.", actor=cast.supervisor)

    episode = open_episode(client_id=client.id, source="self", reason="Asks.", actor=cast.case_manager)
    before = in_days()
    move(cast, episode, "cancel")

    assert (before, in_days()) == ([("intake_to_do", 3)], [])


def test_who_waits_is_called_every_week_and_screened_every_other(waiting) -> None:
    """T2."""
    assert in_days() == [("waitlist_contact", 7), ("waitlist_rescreen", 14)]


def test_what_was_done_for_who_waits_is_due_again(cast, travel, waiting) -> None:
    """T2: as long as they wait, and not twice."""
    assert pass_time() == 0
    contact = WorkItem.objects.open().get(kind="waitlist_contact")
    travel(contact.due_at)
    finish_item(item_id=contact.id, outcome="reached", version=None, actor=cast.case_manager)

    rounds = [pass_time(), pass_time()]

    assert rounds == [1, 0]
    assert in_days() == [("waitlist_contact", 7), ("waitlist_rescreen", 7)]


def test_who_no_longer_waits_is_not_called_about_it(cast, travel, waiting) -> None:
    """T2, T3: the list is clear, and the clock leaves it so."""
    move(cast, waiting, "enter_iop")

    assert in_days() == []
    travel(clock.now() + timedelta(days=20))
    assert (pass_time(), in_days()) == (0, [])


def test_a_skip_is_followed_up_after_two_weeks(cast) -> None:
    """T10; T9 is not."""
    down = readiness.ready_episode(cast, stage=Stage.THERAPY)
    move(cast, down, "enter_aftercare")
    assert in_days() == []

    episode = readiness.ready_episode(cast, stage=Stage.IOP)
    move(cast, episode, "enter_peer_support")

    assert in_days() == [("skip_follow_up", 14)]


def test_a_skip_from_hold_is_followed_up_too(cast) -> None:
    """T13 as T10."""
    episode = readiness.ready_episode(cast, stage=Stage.ON_HOLD, held=Stage.IOP)

    assert move(cast, episode, "enter_aftercare").rule == "T13"
    assert in_days() == [("skip_follow_up", 14)]


def test_a_hold_is_looked_at_twice_and_ends_nobody(cast, travel) -> None:
    """T11: at 14 days and at the agreed date; the clock moves nobody."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    agreed = str(people.today() + timedelta(days=30))

    move(cast, episode, "hold", review_date=agreed)

    assert in_days() == [("hold_review", 14), ("hold_review", 30)]
    travel(clock.now() + timedelta(days=90))
    pass_time()
    assert str(Episode.objects.get(pk=episode.id).stage) == "on_hold"


def test_a_short_hold_is_looked_at_once(cast) -> None:
    """T11."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)

    move(cast, episode, "hold", review_date=str(people.today() + timedelta(days=10)))

    assert in_days() == [("hold_review", 10)]


def test_who_comes_back_from_hold_needs_no_review_of_it(cast) -> None:
    """T12."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    move(cast, episode, "hold")

    move(cast, episode, "enter_therapy")

    assert in_days() == []


@pytest.mark.parametrize(("keep", "status"), [(True, "active"), (False, "paused"), (None, "paused")])
def test_a_hold_pauses_the_check_ins_unless_it_keeps_them(cast, keep, status) -> None:
    """T11: `keep_checkins`."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    CheckInPlan.objects.filter(episode=episode).delete()
    CheckInPlan.objects.create(
        client=episode.client,
        episode=episode,
        organization_id=episode.organization_id,
        times=["12:00"],
        weekdays=[2],
        starts_on=people.today(),
    )

    move(cast, episode, "hold", **({} if keep is None else {"keep_checkins": keep}))

    assert CheckInPlan.objects.get(episode=episode).status == status


def test_who_was_discharged_is_reached_out_to_after_thirty_days(cast) -> None:
    """T15."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)

    move(cast, episode, "discharge")

    assert in_days() == [("outreach_due", 30)]


def test_who_came_back_needs_no_outreach(cast) -> None:
    """T15, T18: the work of the old episode is settled by the new one."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    move(cast, episode, "discharge")

    open_episode(
        client_id=episode.client_id, source="self", reason="Back.", previous_id=episode.id, actor=cast.case_manager
    )

    assert ("outreach_due", 30) not in in_days()


def test_a_transfer_is_confirmed_after_a_week(cast) -> None:
    """T16."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
    readiness.handed_over(cast, episode)

    move(cast, episode, "transfer")

    assert in_days() == [("transfer_to_confirm", 7)]


def test_what_an_ended_episode_was_to_be_followed_up_for_is_off_the_list(cast) -> None:
    """T10, T15."""
    episode = readiness.ready_episode(cast, stage=Stage.IOP)
    move(cast, episode, "enter_peer_support")

    move(cast, episode, "discharge")

    assert in_days() == [("outreach_due", 30)]


def test_a_refused_move_leaves_no_work(cast, api) -> None:
    """T11."""
    episode = readiness.ready_episode(cast, stage=Stage.THERAPY)

    refused = api(cast.case_manager).post(f"episodes/{episode.id}/transitions/", {"verb": "hold", "data": {}})

    assert (refused.status_code, in_days()) == (400, [])
