"""Joining a program's line, the rank and its explanation, and leaving it (F5, T2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.places.models import WaitlistEntry, WaitlistMove
from casemgmt.places.words import WaitPriority
from casemgmt.worklist.models import ItemKind, WorkItem
from programs.models import Enrollment, Program
from programs.rules.kinds import Kind
from tests.factories import consent, pathway, places, programs, referrals


@pytest.fixture
def program(cast) -> Program:
    """A program of North with two places, one of them taken."""
    return programs.program(cast.north, kind=Kind.THERAPY, capacity_total=2, places_taken=1)


def line(web: Any, program: Program, query: str = "") -> list[dict[str, Any]]:
    """Return the line as somebody sees it."""
    answer = web.get(f"programs/{program.id}/waitlist/{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_a_client_is_listed_and_the_episode_stays_where_it_is(cast, api, program) -> None:
    """T2, F5: adding to a waitlist moves nobody."""
    episode = places.spell(cast.north, stage=Stage.INTAKE)

    answer = api(cast.case_manager).post(
        f"programs/{program.id}/waitlist/", {"episode": str(episode.id), "priority": "urgent", "needs": ["moud"]}
    )

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["position"], told["stage"], told["rank"]["version"], told["rank"]["points"]) == (1, "waiting", 0, 30)
    assert told["priority_by_id"] == str(cast.case_manager.id)
    assert str(Episode.objects.get().stage) == Stage.INTAKE
    assert Enrollment.objects.count() == 0
    item = WorkItem.objects.get(kind=ItemKind.WAITLIST_CONFIRM)
    assert item.due_at.date() == (clock.now() + timedelta(days=14)).date()
    assert [row.verb for row in WaitlistMove.objects.all()] == ["add"]


def test_a_client_waits_once_for_a_program_and_again_after_leaving(cast, api, program) -> None:
    """F5: what was before never blocks a later listing."""
    episode, web = places.spell(cast.north), api(cast.case_manager)
    entry = places.waiting(program, cast.case_manager, episode=episode)

    again = web.post(f"programs/{program.id}/waitlist/", {"episode": str(episode.id)})
    assert (again.status_code, again.json()["code"]) == (409, "already_waiting")
    assert WaitlistEntry.objects.count() == 1

    gone = web.post(f"waitlist-entries/{entry.id}/removal/", {"reason": "client_withdrew"})
    assert (gone.status_code, gone.json()["stage"], gone.json()["position"]) == (200, "removed", None)
    assert not WorkItem.objects.open().exists()
    later = web.post(f"programs/{program.id}/waitlist/", {"episode": str(episode.id)})
    assert later.status_code == 201


def test_a_cool_off_holds_back_only_if_an_organization_sets_one(cast, api, program) -> None:
    """F5: configurable, zero by default."""
    episode, web = places.spell(cast.north), api(cast.case_manager)
    entry = places.waiting(program, cast.case_manager, episode=episode)
    web.post(f"waitlist-entries/{entry.id}/removal/", {"reason": "client_withdrew"})
    set_ = {"name": "waitlist_cool_off_days", "value": 3, "reason": "Agreed."}
    assert api(cast.supervisor).post("policies/", set_).status_code == 201

    answer = web.post(f"programs/{program.id}/waitlist/", {"episode": str(episode.id)})

    assert (answer.status_code, answer.json()["code"], answer.json()["days"]) == (422, "cool_off", 3)
    assert WaitlistEntry.objects.open().count() == 0


@pytest.mark.parametrize("who", ["peer", "outsider"])
def test_others_list_nobody(cast, api, program, who) -> None:
    """1.9: case managers and up list clients whom they may see."""
    episode = places.spell(cast.north)

    answer = api(getattr(cast, who)).post(f"programs/{program.id}/waitlist/", {"episode": str(episode.id)})

    assert answer.status_code == (403 if who == "peer" else 404)
    assert WaitlistEntry.objects.count() == 0


def test_whoever_takes_part_or_has_died_or_left_is_not_listed(cast, api, program) -> None:
    web = api(cast.case_manager)
    inside, gone, ended = (places.spell(cast.north) for _ in range(3))
    programs.enrollment(inside, program)
    Client.objects.filter(pk=gone.client_id).update(deceased=True)  # told elsewhere
    pathway.step(ended, Stage.THERAPY, actor=cast.supervisor)
    pathway.step(ended, Stage.DISCHARGED, actor=cast.supervisor)

    codes = [
        web.post(f"programs/{program.id}/waitlist/", {"episode": str(each.id)}).json()["code"]
        for each in (inside, gone, ended)
    ]

    assert codes == ["already_enrolled", "client_deceased", "episode_ended"]
    assert WaitlistEntry.objects.count() == 0


def test_another_organizations_line_needs_an_accepted_referral(cast, api) -> None:
    """G6, P2-06: to stand in a line tells that somebody wants care there."""
    case = referrals.Case(
        cast, (spell := places.spell(cast.north)).client, spell, programs.program(cast.south, kind=Kind.THERAPY)
    )
    web = api(cast.case_manager)

    refused = web.post(f"programs/{case.program.id}/waitlist/", {"episode": str(spell.id)})
    assert (refused.status_code, refused.json()["code"]) == (422, "referral_needed")
    assert WaitlistEntry.objects.count() == 0

    consent.consent(case.client, recipients=[cast.south])
    referral = case.draft()
    case.move(referral.id, "send", case.sender)
    case.move(referral.id, "accept", case.receiver)
    assert web.post(f"programs/{case.program.id}/waitlist/", {"episode": str(spell.id)}).status_code == 201

    seen = line(api(cast.at_south["case_manager"]), case.program)
    assert seen == [{"position": 1, "stage": "waiting", "entry": None, "offer": None}]
    (own,) = line(web, case.program)
    assert own["entry"]["client_id"] == str(spell.client_id)


def test_the_rank_is_told_term_by_term(cast, api, program) -> None:
    """F5: urgent first, then days; a step down from IOP, a hospital hold and coming back count."""
    by = cast.case_manager
    plain = places.waiting(program, by)
    urgent = places.waiting(program, by, priority=WaitPriority.URGENT)
    from_iop = places.waiting(program, by, episode=places.spell(cast.north, stage=Stage.IOP))
    held = places.spell(cast.north, stage=Stage.IOP)
    pathway.step(held, Stage.ON_HOLD, actor=cast.supervisor, hold_reason="client_request")
    on_hold = places.waiting(program, by, episode=Episode.objects.get(pk=held.id))
    in_hospital = places.spell(cast.north, stage=Stage.THERAPY)
    pathway.step(in_hospital, Stage.ON_HOLD, actor=cast.supervisor, hold_reason="hospital")
    back = places.waiting(program, by, episode=Episode.objects.get(pk=in_hospital.id))

    found = line(api(cast.case_manager), program)

    order = [each["entry"]["id"] for each in found]
    assert order == [str(each.id) for each in (urgent, from_iop, back, plain, on_hold)]
    points = [{t["term"]: t["points"] for t in each["entry"]["rank"]["terms"]} for each in found]
    assert points[0] == {"urgent": 30, "days_waiting": 0, "step_down": 0, "reentry": 0, "passed_over": 0}
    assert [each["step_down"] for each in points] == [0, 20, 20, 0, 0]
    assert [each["position"] for each in found] == [1, 2, 3, 4, 5]


def test_a_new_rule_is_a_version_and_the_ledger_tells_who_moved(cast, api, program) -> None:
    """F5: the rank is a versioned expression; ranking anew is logged."""
    first = places.waiting(program, cast.case_manager, priority=WaitPriority.URGENT)
    second = places.waiting(program, cast.case_manager, episode=places.spell(cast.north, stage=Stage.IOP))
    web = api(cast.supervisor)

    assert api(cast.case_manager).post("waitlist-rules/", {"reason": "No."}).status_code == 403
    made = web.post("waitlist-rules/", {"urgent_points": 0, "step_down_points": 50, "reason": "Agreed on 3 May."})

    assert (made.status_code, made.json()["version"]) == (201, 1)
    found = line(web, program)
    assert [each["entry"]["id"] for each in found] == [str(second.id), str(first.id)]
    assert found[0]["entry"]["rank"]["version"] == 1
    row = WaitlistMove.objects.get(entry=second, verb="rerank")
    assert (row.given["before"]["position"], row.given["after"]["position"]) == (2, 1)
    assert (row.given["before"]["version"], row.given["after"]["points"]) == (0, 50)
    with (
        pytest.raises(DatabaseError, match="append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE places_waitlistrule SET urgent_points = 1")


def test_a_priority_is_changed_with_if_match_and_logged(cast, api, program) -> None:
    entry, web = places.waiting(program, cast.case_manager), api(cast.therapist)

    assert web.patch(f"waitlist-entries/{entry.id}/", {"priority": "urgent"}).status_code == 428
    changed = web.patch(f"waitlist-entries/{entry.id}/", {"priority": "urgent"}, If_Match='"1"')

    assert (changed.status_code, changed.json()["rank"]["points"]) == (200, 30)
    assert changed.json()["priority_by_id"] == str(cast.therapist.id)
    stale = web.patch(f"waitlist-entries/{entry.id}/", {"priority": "routine"}, If_Match='"1"')
    assert stale.status_code == 412
    moves = web.get(f"waitlist-entries/{entry.id}/moves/").json()["results"]
    assert [each["verb"] for each in moves] == ["rerank", "add"]
    assert moves[0]["given"] == {"before": {"priority": "routine"}, "after": {"priority": "urgent"}}


def test_who_is_not_asked_shows_as_unconfirmed_and_stays(cast, api, program, travel) -> None:
    """§9: re-confirm every 14 days; nobody is dropped silently."""
    entry = places.waiting(program, cast.case_manager)
    web, start = api(cast.case_manager), clock.now()
    travel(start + timedelta(days=15))

    (found,) = line(web, program)
    assert found["entry"]["unconfirmed"] is True
    confirmed = web.post(f"waitlist-entries/{entry.id}/confirmations/", {})

    assert (confirmed.status_code, confirmed.json()["unconfirmed"]) == (200, False)
    (item,) = WorkItem.objects.open()
    assert (item.kind, item.due_at.date()) == (ItemKind.WAITLIST_CONFIRM, (start + timedelta(days=29)).date())


def test_pages_of_the_line_hold_together_and_ask_as_often_however_long(cast, api, program) -> None:
    web, by = api(cast.case_manager), cast.case_manager
    first = [str(places.waiting(program, by).id) for _ in range(3)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        line(web, program)
    every = first + [str(places.waiting(program, by).id) for _ in range(4)]
    with CaptureQueriesContext(connection) as many:
        line(web, program)

    assert len(few) == len(many)
    page = web.get(f"programs/{program.id}/waitlist/?limit=3").json()
    assert [each["entry"]["id"] for each in page["results"]] == every[:3]
    web.post(f"waitlist-entries/{every[2]}/removal/", {"reason": "not_reached"})  # the cursor still marks its place
    rest = web.get(f"programs/{program.id}/waitlist/?limit=9&cursor={page['next']}").json()
    assert ([each["entry"]["id"] for each in rest["results"]], rest["next"]) == (every[3:], None)
    assert web.get(f"programs/{program.id}/waitlist/?cursor={program.id}").json()["code"] == "cursor_invalid"


def test_places_are_told_without_a_word_about_anybody(cast, api, program) -> None:
    """F5: queryable without client identity, by every organization."""
    places.waiting(program, cast.case_manager)

    seen = api(cast.outsider).get(f"programs/{program.id}/places/").json()

    assert seen == {
        "program_id": str(program.id),
        "total": 2,
        "taken": 1,
        "beyond": 0,
        "promised": 0,
        "held": 0,
        "open": 1,
        "waiting": 1,
        "beds": 0,
        "beds_open": 0,
    }
