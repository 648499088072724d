"""Offering places: who gets one, what holds it, answering, expiring, and going on to the next (F5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from casemgmt.care_team.services import NewMember, add_member
from casemgmt.care_team.words import TeamRole
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.places.models import Offer, OfferSkip, WaitlistEntry, WaitlistMove
from casemgmt.places.services.passing import pass_time
from casemgmt.places.words import WaitPriority
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from programs.models import Enrollment, Program
from programs.rules.kinds import Kind
from tests.factories import consent, pathway, places, programs, referrals


@pytest.fixture
def program(cast) -> Program:
    """A program of North with one place, which is free."""
    return programs.program(cast.north, kind=Kind.THERAPY, capacity_total=1)


@contextmanager
def at_once() -> Iterator[None]:
    """Let PostgreSQL judge now what it judges at a commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def taken() -> int:
    """Return how many places of the only program are taken, and prove that rows say the same."""
    program = Program.objects.get(kind=Kind.THERAPY)
    assert program.places_taken == Enrollment.objects.open().count() + Offer.objects.holding().count()
    return program.places_taken


def test_the_first_in_line_is_offered_the_place_and_it_is_held(cast, api, program) -> None:
    second = places.waiting(program, cast.case_manager)
    first = places.waiting(program, cast.case_manager, priority=WaitPriority.URGENT)
    add_member(
        client_id=first.client_id,
        new=NewMember(cast.case_manager.id, TeamRole.CASE_MANAGER),
        actor=cast.case_manager,
    )

    answer = api(cast.case_manager).post(f"programs/{program.id}/offers/", {})

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["position"], told["skipped"], told["offer"]["entry_id"]) == (1, 0, str(first.id))
    offer = Offer.objects.get()
    assert offer.expires_at - offer.offered_at == timedelta(hours=48)
    assert told["offer"]["timezone"] == "America/Chicago"
    assert told["offer"]["expires_at_local"].endswith(("-05:00", "-06:00"))
    assert told["offer"]["rank"]["points"] == 30
    assert taken() == 1
    item = WorkItem.objects.get(kind=ItemKind.WAITLIST_OFFER)
    assert (item.due_at, item.assignee_id) == (offer.expires_at, cast.case_manager.id)
    assert api(cast.outsider).get(f"programs/{program.id}/places/").json() | {"program_id": ""} == {
        "program_id": "",
        "total": 1,
        "taken": 0,
        "beyond": 0,
        "promised": 0,
        "held": 1,
        "open": 0,
        "waiting": 2,
        "beds": 0,
        "beds_open": 0,
    }
    again = api(cast.case_manager).post(f"programs/{program.id}/offers/", {})
    assert (again.status_code, again.json()["code"]) == (409, "no_place_left")
    assert str(WaitlistEntry.objects.get(pk=second.id).stage) == "waiting"


def test_an_accepted_place_becomes_an_enrollment_and_is_not_taken_twice(cast, api, program) -> None:
    entry = places.waiting(program, cast.case_manager)
    offer = places.offered(program, cast.case_manager)
    Program.objects.filter(pk=program.id).update(places_over=1)  # a supervisor took somebody beyond it meanwhile
    web = api(cast.case_manager)

    answer = web.post(f"offers/{offer.id}/acceptance/", {"provider": str(cast.therapist.id)})

    assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted"), answer.content
    enrollment = Enrollment.objects.get()
    assert (str(enrollment.stage), enrollment.provider_id) == ("planned", cast.therapist.id)
    entry.refresh_from_db(fields=["enrollment_id", "closed_at"])
    assert (entry.enrollment_id, entry.closed_at is not None) == (enrollment.id, True)
    assert taken() == 1
    assert not WorkItem.objects.open().exists()
    assert [row.verb for row in WaitlistMove.objects.order_by("seq")] == ["add", "offer", "place"]
    again = web.post(f"offers/{offer.id}/decline/", {"reason": "not_now"})
    assert (again.status_code, again.json()["code"], again.json()["outcome"]) == (409, "offer_gone", "accepted")


def test_a_declined_place_goes_to_the_next_and_the_client_keeps_theirs(cast, api, program) -> None:
    """F5: declined without losing the place in line; nobody gets the same place twice."""
    first, second = (places.waiting(program, cast.case_manager) for _ in range(2))
    offer = places.offered(program, cast.case_manager)
    web = api(cast.case_manager)

    answer = web.post(f"offers/{offer.id}/decline/", {"reason": "too_far"})

    assert (answer.status_code, answer.json()["outcome"]) == (200, "declined"), answer.content
    following = Offer.objects.open().get()
    assert (following.entry_id, following.opening_id, following.offered_by) == (second.id, offer.opening_id, None)
    skips = web.get(f"offers/{following.id}/skips/").json()["results"]
    assert skips == [{"position": 1, "entry_id": str(first.id), "reason": "answered_this_place", "needs": []}]
    assert web.get(f"waitlist-entries/{first.id}/skips/").json()["results"][0]["reason"] == "answered_this_place"
    positions = [each["entry"]["id"] for each in web.get(f"programs/{program.id}/waitlist/").json()["results"]]
    assert positions == [str(first.id), str(second.id)]
    assert taken() == 1
    web.post(f"offers/{following.id}/decline/", {"reason": "not_said"})
    assert taken() == 0  # nobody is left for it: it is free again


def test_an_organization_may_send_to_the_end_whoever_declines(cast, api, program, travel) -> None:
    """F5: configurable."""
    first, second = (places.waiting(program, cast.case_manager) for _ in range(2))
    set_ = {"name": "waitlist_kept_declines_count", "value": 0, "reason": "Agreed."}
    assert api(cast.supervisor).post("policies/", set_).status_code == 201
    offer = places.offered(program, cast.case_manager)
    web = api(cast.case_manager)
    travel(clock.now() + timedelta(hours=3))

    web.post(f"offers/{offer.id}/decline/", {"reason": "not_now"})

    positions = [each["entry"]["id"] for each in web.get(f"programs/{program.id}/waitlist/").json()["results"]]
    assert positions == [str(second.id), str(first.id)]
    assert WaitlistMove.objects.get(verb="decline").given["to_the_end"] is True


def test_an_offer_expires_reminds_before_and_goes_on_to_the_next(cast, program, travel) -> None:
    first, second = (places.waiting(program, cast.case_manager) for _ in range(2))
    offer, start = places.offered(program, cast.case_manager), clock.now()

    travel(start + timedelta(hours=35))
    assert pass_time() == 0
    travel(start + timedelta(hours=36, minutes=1))
    assert (pass_time(), pass_time()) == (1, 0)
    reminder = WorkItem.objects.get(kind=ItemKind.WAITLIST_OFFER_ENDS)
    assert (reminder.priority, reminder.due_at) == (Priority.NOW, offer.expires_at)
    travel(start + timedelta(hours=49))
    assert pass_time() == 1

    offer = Offer.objects.get(pk=offer.id)
    assert (offer.outcome, offer.passes_on) == ("expired", False)
    assert Offer.objects.open().get().entry_id == second.id
    assert taken() == 1
    asked = WorkItem.objects.open().filter(kind=ItemKind.WAITLIST_CONFIRM, source_id=first.id).get()
    assert asked.due_at <= clock.now()  # nobody was heard of: ask whether they still wait
    assert not WorkItem.objects.open().filter(source_id=offer.id).exists()
    assert WaitlistMove.objects.filter(entry=first).order_by("-seq")[0].verb == "expire"
    travel(start + timedelta(hours=98))
    assert pass_time() >= 1
    assert taken() == 0
    assert WaitlistEntry.objects.open().count() == 2


def test_an_expired_offer_is_gone_before_the_round_comes(cast, api, program, travel) -> None:
    places.waiting(program, cast.case_manager)
    offer = places.offered(program, cast.case_manager)
    travel(clock.now() + timedelta(hours=48, minutes=1))

    answer = api(cast.case_manager).post(f"offers/{offer.id}/acceptance/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "offer_gone")
    assert (Enrollment.objects.count(), taken()) == (0, 1)


def test_a_place_that_does_not_fit_goes_past_and_that_is_told_and_counts(cast, api) -> None:
    """F5: nobody is skipped unexplained; whom a place did not fit ranks higher the next time."""
    program = programs.program(cast.north, kind=Kind.THERAPY, capacity_total=1, accepts_moud=False)
    by = cast.case_manager
    needs = places.waiting(program, by, needs=["moud"], priority=WaitPriority.URGENT)
    later = places.waiting(program, by, asked_for=(clock.now() + timedelta(days=9)).date())
    fits = places.waiting(program, by)

    offer = places.offered(program, by)

    assert offer.entry_id == fits.id
    told = {each.entry_id: (each.position, each.reason, each.needs) for each in OfferSkip.objects.all()}
    assert told == {needs.id: (1, "needs_not_met", ["moud"]), later.id: (2, "not_wanted_yet", [])}
    assert WaitlistEntry.objects.get(pk=needs.id).passed_over == 1
    assert WaitlistEntry.objects.get(pk=later.id).passed_over == 0
    api(by).post(f"waitlist-entries/{fits.id}/removal/", {"reason": "placed_elsewhere"})
    refused = api(by).post(f"programs/{program.id}/offers/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_fits")
    assert [each["reason"] for each in refused.json()["skipped"]] == ["needs_not_met", "not_wanted_yet"]
    assert taken() == 0


def test_who_may_not_see_a_client_offers_to_a_position_and_takes_it_back(cast, api) -> None:
    """P2-06, G6: no identity without a grant, not in the answer and not in the reasons."""
    program = programs.program(cast.south, kind=Kind.THERAPY, capacity_total=1)
    spell = places.spell(cast.north)
    case = referrals.Case(cast, spell.client, spell, program)
    consent.consent(spell.client, recipients=[cast.south])
    referral = case.draft()
    case.move(referral.id, "send", case.sender)
    case.move(referral.id, "waitlist", case.receiver, estimate=date(2031, 1, 1))
    entry = places.waiting(program, cast.case_manager, episode=spell)
    south = api(cast.at_south["case_manager"])

    assert api(cast.case_manager).post(f"programs/{program.id}/offers/", {}).status_code == 403
    made = south.post(f"programs/{program.id}/offers/", {})

    assert (made.status_code, made.json()["offer"], made.json()["position"]) == (201, None, 1)
    offer_id = made.json()["id"]
    assert (
        str(spell.client_id)
        not in made.content.decode() + south.get(f"programs/{program.id}/waitlist/").content.decode()
    )
    assert south.get(f"offers/{offer_id}/").status_code == 404
    assert south.post(f"offers/{offer_id}/acceptance/", {}).status_code == 404
    (shown,) = south.get(f"programs/{program.id}/waitlist/").json()["results"]
    assert (shown["entry"], shown["offer"]["id"]) == (None, offer_id)
    back = south.post(f"offers/{offer_id}/withdrawal/", {"reason": "no_place_after_all"})
    assert (back.status_code, back.json()["outcome"], taken()) == (200, "withdrawn", 0)
    assert str(WaitlistEntry.objects.get().stage) == "waiting"
    item = WorkItem.objects.filter(kind=ItemKind.WAITLIST_OFFER).get()
    assert (item.organization_id, item.outcome) == (cast.north.id, "withdrawn")

    again = south.post(f"programs/{program.id}/offers/", {}).json()["id"]
    accepted = api(cast.case_manager).post(f"offers/{again}/acceptance/", {})
    assert (accepted.status_code, accepted.json()["entry_id"]) == (200, str(entry.id))


@pytest.mark.parametrize("who", ["peer", "outsider"])
def test_others_neither_offer_nor_answer(cast, api, program, who) -> None:
    places.waiting(program, cast.case_manager)
    offer = places.offered(program, cast.case_manager)
    web = api(getattr(cast, who))

    answers = [
        web.post(f"programs/{program.id}/offers/", {}),
        web.post(f"offers/{offer.id}/acceptance/", {}),
        web.post(f"offers/{offer.id}/decline/", {"reason": "not_now"}),
        web.post(f"offers/{offer.id}/withdrawal/", {"reason": "offered_in_error"}),
    ]

    assert [each.status_code for each in answers] == [403, 404, 404, 404]
    assert Offer.objects.open().count() == 1
    assert Enrollment.objects.count() == 0


def test_when_an_episode_ends_the_place_goes_to_the_next(cast, program) -> None:
    """T15: entries end and offers are taken back in the same transaction; the round passes the place on."""
    leaving = places.spell(cast.north, stage=Stage.THERAPY)
    gone = places.waiting(program, cast.case_manager, episode=leaving)
    following = places.waiting(program, cast.case_manager)
    places.offered(program, cast.case_manager)

    pathway.step(Episode.objects.get(pk=leaving.id), Stage.DISCHARGED, actor=cast.supervisor)

    gone = WaitlistEntry.objects.get(pk=gone.id)
    assert (str(gone.stage), gone.removal_reason) == ("removed", "episode_ended")
    assert (Offer.objects.get().outcome, taken()) == ("withdrawn", 1)
    assert pass_time() == 1
    assert Offer.objects.open().get().entry_id == following.id
    assert (taken(), pass_time()) == (1, 0)


def test_who_is_enrolled_past_the_line_waits_no_longer(cast, api, program) -> None:
    Program.objects.filter(pk=program.id).update(capacity_total=2)
    entry = places.waiting(program, cast.case_manager)
    places.offered(program, cast.case_manager)

    answer = api(cast.case_manager).post("enrollments/", {"episode": str(entry.episode_id), "program": str(program.id)})

    assert answer.status_code == 201
    entry = WaitlistEntry.objects.get()
    assert (str(entry.stage), str(entry.enrollment_id)) == ("placed", answer.json()["id"])
    assert taken() == 2
    assert (pass_time(), taken()) == (1, 1)


def test_postgresql_refuses_a_second_offer_and_a_stage_without_one(cast, program) -> None:
    """F5: constraints first."""
    Program.objects.filter(pk=program.id).update(capacity_total=5)
    places.waiting(program, cast.case_manager)
    offer = places.offered(program, cast.case_manager)
    fields: dict[str, Any] = {
        "entry": offer.entry,
        "client": offer.client,
        "program": program,
        "position": 1,
        "rank": {},
        "expires_at": offer.expires_at,
        "remind_at": offer.remind_at,
    }

    with pytest.raises(IntegrityError, match="offer_one_open_per"), transaction.atomic():
        Offer.objects.create(**fields)
    ending = Offer.objects.filter(pk=offer.id)
    with pytest.raises(IntegrityError, match="disagrees with its offers"), transaction.atomic(), at_once():
        ending.update(outcome="expired", ended_at=clock.now())
