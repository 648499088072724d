"""An opening that nobody judged in time climbs to somebody else, once, and comes down when it is judged (HIP-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import BreakGlass
from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.clients.break_glass import escalate_reviews
from casemgmt.clients.tasks import escalate_reviews as tick
from casemgmt.kernel import clock
from casemgmt.outbox.heartbeat import JobHeartbeat
from casemgmt.worklist.models import WorkItem
from tests.factories import people

from .test_break_glass import client as restricted_client
from .test_break_glass import open_it, therapist

__all__ = ["restricted_client", "therapist"]

LATE = timedelta(hours=72, minutes=1)


@pytest.fixture
def glass(restricted_client, therapist) -> str:
    """An opening by North's therapist."""
    return str(open_it(therapist, restricted_client).json()["id"])


def climbed(glass: str) -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind="break_glass_overdue", source_id=glass))


def test_supervisors_have_it_on_their_list_the_moment_it_is_late(cast, api, glass, travel) -> None:
    """HIP-10: 72 hours; the privacy officer still has it too, and nobody else learns of it."""
    travel(clock.now() + timedelta(hours=71))
    early = escalate_reviews()
    travel(clock.now() + timedelta(hours=1, minutes=1))
    late = escalate_reviews()

    mine = {role: api(actor).get("work-items/mine/").json()["results"] for role, actor in cast.at_north.items()}
    holders = {role for role, rows in mine.items() if any(row["kind"] == "break_glass_overdue" for row in rows)}
    assert (early, late) == (0, 1)
    assert holders == {Role.SUPERVISOR}
    assert [item.client_id for item in climbed(glass)] == [None]
    assert WorkItem.objects.open().filter(kind="break_glass_review", source_id=glass).exists()
    for role in (Role.CASE_MANAGER, Role.PEER_SPECIALIST, Role.INTAKE):
        shown = api(cast.at_north[role]).get("work-items/").json()["results"]
        assert not any(row["kind"] == "break_glass_overdue" for row in shown)


def test_it_climbs_once_even_when_somebody_sets_the_work_aside(cast, api, glass, travel) -> None:
    travel(clock.now() + LATE)
    first = escalate_reviews()
    item = climbed(glass)[0]
    done = api(cast.supervisor).post(f"work-items/{item.id}/done/", {"outcome": "reached"}, If_Match='"1"')

    assert (first, done.status_code, escalate_reviews()) == (1, 200, 0)
    assert len(climbed(glass)) == 1


def test_setting_the_review_aside_by_hand_does_not_keep_it_from_climbing(cast, api, glass, travel) -> None:
    """Only a judgment judges: the work may be ticked off, the opening is late all the same."""
    officer = api(cast.at_north[Role.PRIVACY_OFFICER])
    review = WorkItem.objects.get(kind="break_glass_review", source_id=glass)
    ticked = officer.post(f"work-items/{review.id}/done/", {"outcome": "reached"}, If_Match='"1"')
    travel(clock.now() + LATE)

    assert (ticked.status_code, escalate_reviews(), len(climbed(glass))) == (200, 1, 1)


def test_what_was_judged_does_not_climb(cast, api, glass, travel) -> None:
    api(cast.at_north[Role.PRIVACY_OFFICER]).post(f"break-glass/{glass}/review/", {"outcome": "appropriate"})
    travel(clock.now() + LATE)

    assert escalate_reviews() == 0
    assert climbed(glass) == []


def test_a_late_judgment_closes_both_and_its_screen_is_not_stale(cast, api, glass, travel) -> None:
    """Climbing is no change that whoever is about to judge would have to load again."""
    officer = api(cast.at_north[Role.PRIVACY_OFFICER])
    version = officer.get(f"break-glass/{glass}/").json()["version"]
    travel(clock.now() + LATE)
    escalate_reviews()

    judged = officer.post(f"break-glass/{glass}/review/", {"outcome": "appropriate"}, If_Match=f'"{version}"')

    assert judged.status_code == 200, judged.content
    kinds = WorkItem.objects.open().filter(source_id=glass).values_list("kind", flat=True)
    assert list(kinds) == ["break_glass_opened"]


def test_where_the_only_supervisor_opened_it_the_admins_see_to_it(cast, api, restricted_client, travel) -> None:
    """Nobody sees to the judgment of what they did themselves."""
    glass = str(open_it(api(people_off_the_team(cast)), restricted_client).json()["id"])
    Membership.objects.filter(user_id=cast.supervisor.id).update(ended_at=clock.now())
    travel(clock.now() + LATE)
    escalate_reviews()

    assert [item.role for item in climbed(glass)] == ["admin"]


def people_off_the_team(cast):
    """Return another supervisor of North, who opens what they do not see."""
    return people.staff(Role.SUPERVISOR, at=cast.north)


def test_the_tick_does_it_and_says_that_it_lives(glass, travel) -> None:
    travel(clock.now() + LATE)
    tick()

    assert BreakGlass.objects.get(pk=glass).escalated_at is not None
    assert JobHeartbeat.objects.filter(name="celery:reviews").exists()
