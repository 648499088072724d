"""§9, accepted: an acceptance takes a place of the program, or a supervisor takes the client beyond its capacity."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.clients.services import record_death
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import WorkItem
from programs.models import Enrollment, PlaceHold, Program
from referrals.models import Referral, ReferralLink, ReferralMove
from referrals.services.linking import actor_of, make_link, open_link
from tests.factories import episodes, people, places, programs, referrals
from tests.factories.referrals import Case
from tests.web import Web


@pytest.fixture
def case(cast) -> Case:
    """A client of North and South's therapy program with two places, one of them taken."""
    found = referrals.case(cast)
    taken = programs.enrollment(episodes.episode(people.client(cast.south)), found.program)
    assert taken.is_open
    Program.objects.filter(pk=found.program.id).update(capacity_total=2, capacity_confirmed_at=clock.now())
    found.program.refresh_from_db()
    return found


def accept(case: Case, referral: Referral, *, by: Role = Role.INTAKE, **data: Any) -> Any:
    return step(case.cast.at_south[by], referral, "accept", **data)


def step(actor: Any, referral: Referral, verb: str, **data: Any) -> Any:
    return Web(actor).post(f"referrals/{referral.id}/transitions/", {"verb": verb, "data": data})


def fill(program: Program) -> None:
    Program.objects.filter(pk=program.id).update(places_taken=2)


def counts(case: Case) -> dict[str, int]:
    told = Web(case.cast.at_south[Role.CASE_MANAGER]).get(f"programs/{case.program.id}/places/").json()
    return {name: told[name] for name in ("taken", "promised", "held", "beyond", "open")}


def shown(actor: Any, referral: Referral) -> str:
    place: str = Web(actor).get(f"referrals/{referral.id}/").json()["place"]
    return place


def test_an_acceptance_keeps_a_place_and_both_sides_see_it(case) -> None:
    referral = case.sent()
    before = counts(case)

    answer = accept(case, referral)

    assert answer.status_code == 201
    assert before == {"taken": 1, "promised": 0, "held": 0, "beyond": 0, "open": 1}
    assert counts(case) == {"taken": 1, "promised": 1, "held": 0, "beyond": 0, "open": 0}
    assert [shown(who, referral) for who in (case.sender, case.receiver)] == ["kept", "kept"]
    row = AuditEvent.objects.get(action="place.kept")
    assert (row.object_id, row.client_ids) == (case.program.id, [case.client.id])


def test_a_full_program_accepts_nobody(case) -> None:
    referral = case.sent()
    fill(case.program)
    moves, work = ReferralMove.objects.count(), WorkItem.objects.count()

    answer = accept(case, referral)

    assert (answer.status_code, answer.json()["code"]) == (409, "capacity_full")
    referral = Referral.objects.get(pk=referral.id)
    assert (referral.stage, referral.contact_name) == ("sent", "")
    assert ReferralMove.objects.count() == moves
    assert WorkItem.objects.count() == work
    assert not AuditEvent.objects.filter(action__startswith="place.").exists()
    assert not PlaceHold.objects.exists()
    assert accept(case, referral, contact_name="Ms. Lane", by=Role.SUPERVISOR).json()["code"] == "capacity_full"


def test_a_supervisor_of_the_receiver_accepts_beyond_the_capacity_with_a_reason(case) -> None:
    """G6."""
    referral = case.sent()
    fill(case.program)

    refused = accept(case, referral, over_capacity_reason="Her sister is here.")
    accepted = accept(case, referral, by=Role.SUPERVISOR, over_capacity_reason="Her sister is here.")

    assert (refused.status_code, refused.json()["who"]) == (403, ["supervisor"])
    assert accepted.status_code == 201
    assert shown(case.receiver, referral) == "over_capacity"
    program = Program.objects.get(pk=case.program.id)
    assert (program.places_taken, program.places_over) == (2, 1)
    assert AuditEvent.objects.filter(action="place.kept_over_capacity").count() == 1


def test_a_reason_marks_nothing_while_there_is_room(case) -> None:
    referral = case.sent()

    accept(case, referral, by=Role.SUPERVISOR, over_capacity_reason="In case it is full.")

    assert (shown(case.sender, referral), counts(case)["beyond"]) == ("kept", 0)


@pytest.mark.parametrize("beyond", [False, True])
def test_an_enrollment_takes_the_kept_place_over(case, beyond) -> None:
    referral = case.sent()
    if beyond:
        fill(case.program)
    accept(case, referral, by=Role.SUPERVISOR, over_capacity_reason="Her sister is here.")
    before = Program.objects.get(pk=case.program.id)

    order = {"episode": str(case.episode.id), "program": str(case.program.id)}
    planned = Web(case.sender).post("enrollments/", order)

    after = Program.objects.get(pk=case.program.id)
    assert planned.status_code == 201
    assert (after.places_taken, after.places_over) == (before.places_taken, before.places_over)
    hold = PlaceHold.objects.get()
    assert (str(hold.enrollment_id), hold.ended_at is not None) == (planned.json()["id"], True)
    assert Enrollment.objects.get(pk=hold.enrollment_id).over_capacity is beyond
    assert shown(case.sender, referral) == "none"

    step(case.sender, referral, "cancel", cancel_reason="client_withdrew")
    assert Program.objects.get(pk=case.program.id).places_taken == before.places_taken
    ended = Web(case.sender).post(
        f"enrollments/{planned.json()['id']}/transitions/", {"verb": "end", "data": {"end_reason": "moved_on"}}
    )
    last = Program.objects.get(pk=case.program.id)
    assert ended.status_code == 201
    assert (last.places_taken, last.places_over) == (
        (before.places_taken, 0) if beyond else (before.places_taken - 1, 0)
    )


@pytest.mark.parametrize(
    ("side", "verb", "data"),
    [
        ("sender", "cancel", {"cancel_reason": "client_withdrew"}),
        ("receiver", "cancel", {"cancel_reason": "client_withdrew"}),
        ("receiver", "waitlist", {"estimate": "2031-01-01"}),
        ("sender", "enter_in_error", {"error_reason": "wrong_client"}),
    ],
)
def test_every_way_out_gives_the_place_back(case, side, verb, data) -> None:
    referral = case.sent()
    accept(case, referral)

    answer = step(getattr(case, side), referral, verb, **data)

    assert answer.status_code == 201, answer.json()
    assert counts(case) == {"taken": 1, "promised": 0, "held": 0, "beyond": 0, "open": 1}
    assert PlaceHold.objects.get().enrollment is None
    assert AuditEvent.objects.filter(action="place.given_back").count() == 1
    assert shown(case.sender, referral) == "none"


def test_a_place_beyond_the_capacity_is_given_back_where_it_was_taken(case) -> None:
    referral = case.sent()
    fill(case.program)
    accept(case, referral, by=Role.SUPERVISOR, over_capacity_reason="Her sister is here.")

    step(case.receiver, referral, "cancel", cancel_reason="client_withdrew")

    program = Program.objects.get(pk=case.program.id)
    assert (program.places_taken, program.places_over) == (2, 0)


def test_the_place_is_kept_while_the_service_goes_on_and_given_back_with_the_end(case) -> None:
    referral = case.sent()
    accept(case, referral)

    started = step(case.receiver, referral, "start", first_visit_at=clock.now().isoformat())
    during = shown(case.receiver, referral)
    held = step(case.receiver, referral, "hold", hold_reason="client_asked")
    resting = shown(case.receiver, referral)
    done = step(case.receiver, referral, "complete", outcome="served")

    assert [each.status_code for each in (started, held, done)] == [201, 201, 201], held.json()
    assert [during, resting, shown(case.receiver, referral)] == ["kept", "kept", "none"]
    assert counts(case)["open"] == 1


def test_who_waits_is_accepted_when_there_is_a_place_again(case) -> None:
    referral = case.sent()
    accept(case, referral)
    step(case.receiver, referral, "waitlist", estimate="2031-01-01")
    fill(case.program)
    full = accept(case, referral)
    Program.objects.filter(pk=case.program.id).update(places_taken=1)

    again = accept(case, referral)

    assert (full.status_code, again.status_code) == (409, 201)
    assert PlaceHold.objects.count() == 2
    assert PlaceHold.objects.lasting().count() == 1
    assert counts(case)["promised"] == 1


def test_who_died_keeps_no_place(case) -> None:
    """T17."""
    referral = case.sent()
    accept(case, referral)

    record_death(client_id=case.client.id, died_on=None, actor=Actor.system("import_fhir"))

    assert counts(case) == {"taken": 1, "promised": 0, "held": 0, "beyond": 0, "open": 1}


def test_who_holds_an_offer_or_an_enrollment_is_not_counted_twice(case) -> None:
    """Who was put on the waitlist waits in line, gets an offer, and is accepted for the place that it holds."""
    referral = case.sent()
    step(case.receiver, referral, "waitlist", estimate="2031-01-01")
    places.waiting(case.program, case.sender, episode=case.episode)
    offer = places.offered(case.program, case.cast.at_south[Role.CASE_MANAGER])
    accepted = accept(case, referral)
    with_offer = counts(case)

    taken = Web(case.sender).post(f"offers/{offer.id}/acceptance/", {})

    assert accepted.status_code == 201
    assert with_offer == {"taken": 1, "promised": 0, "held": 1, "beyond": 0, "open": 0}
    assert taken.status_code == 200, taken.json()
    assert counts(case) == {"taken": 2, "promised": 0, "held": 0, "beyond": 0, "open": 0}


def test_an_offer_to_somebody_with_a_kept_place_brings_one_place_not_two(case) -> None:
    Program.objects.filter(pk=case.program.id).update(capacity_total=3)
    referral = case.sent()
    accept(case, referral)
    places.waiting(case.program, case.sender, episode=case.episode)
    offer = places.offered(case.program, case.cast.at_south[Role.CASE_MANAGER])
    both = counts(case)

    taken = Web(case.sender).post(f"offers/{offer.id}/acceptance/", {})

    assert both == {"taken": 1, "promised": 1, "held": 1, "beyond": 0, "open": 0}
    assert taken.status_code == 200, taken.json()
    assert counts(case) == {"taken": 2, "promised": 0, "held": 0, "beyond": 0, "open": 1}


def test_an_organization_without_accounts_counts_its_places_itself(case) -> None:
    case.cast.south.joined = False
    case.cast.south.save(update_fields=["joined"])
    referral = case.sent()
    told = make_link(referral_id=referral.id, recipient_name="Dr. Who", actor=case.sender)
    open_link(token=told.token, pin=told.pin)
    fill(case.program)

    case.move(referral.id, "accept", actor_of(ReferralLink.objects.get()))

    assert Referral.objects.get(pk=referral.id).stage == "accepted"
    assert not PlaceHold.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programs_placehold SET client_id = gen_random_uuid()",
        "UPDATE programs_placehold SET over_capacity_reason = 'because'",
        "DELETE FROM programs_placehold",
    ],
)
def test_postgresql_keeps_what_was_promised(case, statement) -> None:
    accept(case, case.sent())
    kept = PlaceHold.objects.values().get()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert PlaceHold.objects.values().get() == kept


def test_what_ended_is_not_promised_again(case) -> None:
    referral = case.sent()
    accept(case, referral)
    step(case.receiver, referral, "cancel", cancel_reason="client_withdrew")

    with pytest.raises(IntegrityError), transaction.atomic():
        PlaceHold.objects.update(ended_at=None)

    assert not PlaceHold.objects.lasting().exists()
