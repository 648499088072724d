"""Beds of residences: adding, giving, moving, holding and freeing them; who is shown to whom (F5, CLN-10, 1.9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.clients.services import record_death
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.places.models import Bed, BedUse, Offer
from casemgmt.places.services.beds import assign_bed
from casemgmt.places.services.passing import pass_time
from programs.models import Enrollment, Program
from programs.rules.kinds import Kind
from tests.factories import episodes, people, places, programs


@pytest.fixture
def house(cast) -> Program:
    """A residence of North with four places."""
    return places.house(cast.north, capacity_total=4)


def resident(cast: Any, house: Program) -> Enrollment:
    """Return the enrollment of a new client of North in a house."""
    return programs.enrollment(places.spell(cast.north, stage=Stage.SOBER_LIVING), house)


def stay(cast: Any, bed: Bed, enrollment: Enrollment) -> BedUse:
    """Return somebody's stay in a bed, from now on."""
    return assign_bed(bed_id=bed.id, enrollment_id=enrollment.id, starts_at=None, actor=cast.case_manager)


def lasting() -> int:
    """Return how many uses of beds last."""
    return BedUse.objects.all().lasting().count()


def test_a_house_manager_sees_who_sleeps_where(cast, api, house) -> None:
    """1.9, note 2: name, room and dates; of whom one may not see, only that the bed is taken."""
    manager = api(cast.at_north[Role.HOUSE_MANAGER])
    made = manager.post(f"residences/{house.id}/beds/", {"room": "2", "name": "window", "step_free": True})
    assert (made.status_code, made.json()["now"], made.json()["use"]) == (201, "free", None)
    first = places.bed(house, cast.case_manager)
    enrollment = resident(cast, house)

    given = manager.post(f"beds/{first.id}/stays/", {"enrollment": str(enrollment.id)})

    assert given.status_code == 201, given.content
    beds = manager.get(f"residences/{house.id}/beds/").json()["results"]
    assert [(each["room"], each["now"]) for each in beds] == [("1", "taken"), ("2", "free")]
    assert beds[0]["use"]["client_name"] == "Ada Example"
    Grant.objects.update(revoked_at=clock.now())
    hidden = manager.get(f"residences/{house.id}/beds/")
    assert [(each["now"], each["use"]) for each in hidden.json()["results"]] == [("taken", None), ("free", None)]
    assert "Ada" not in hidden.content.decode()
    assert api(cast.outsider).get(f"residences/{house.id}/beds/").status_code == 404


def test_a_bed_has_one_sleeper_and_nobody_two_beds(cast, api, house) -> None:
    """F5: exclusion constraints, whoever writes."""
    one, two = (places.bed(house, cast.case_manager, name=name) for name in "ab")
    here, other = resident(cast, house), resident(cast, house)
    stay(cast, one, here)
    web = api(cast.case_manager)

    taken = web.post(f"beds/{one.id}/stays/", {"enrollment": str(other.id)})
    twice = web.post(f"beds/{two.id}/stays/", {"enrollment": str(here.id)})

    assert (taken.status_code, taken.json()["code"]) == (409, "bed_taken")
    assert (twice.status_code, twice.json()["code"]) == (409, "client_has_bed")
    fields = {"bed": one, "organization": cast.north, "kind": "hold", "reason": "other", "starts_at": clock.now()}
    with pytest.raises(IntegrityError, match="bed_used_once_at_a_time"), transaction.atomic():
        BedUse.objects.create(**fields)
    with pytest.raises(IntegrityError, match="who stays is enrolled there"), transaction.atomic():
        BedUse.objects.create(
            **{**fields, "bed": two, "kind": "stay", "reason": ""}, client_id=other.client_id, enrollment=here
        )
    with pytest.raises(IntegrityError, match="only a residence has beds"), transaction.atomic():
        Bed.objects.create(program=programs.program(cast.north, kind=Kind.IOP), room="1", name="a")
    assert lasting() == 1


def test_somebody_moves_and_the_old_bed_is_free(cast, api, house) -> None:
    one, two = (places.bed(house, cast.case_manager, name=name) for name in "ab")
    use = stay(cast, one, resident(cast, house))
    web = api(cast.at_north[Role.HOUSE_MANAGER])

    moved = web.post(f"bed-uses/{use.id}/move/", {"bed": str(two.id)})

    assert (moved.status_code, moved.json()["bed_id"]) == (201, str(two.id)), moved.content
    assert [each["now"] for each in web.get(f"residences/{house.id}/beds/").json()["results"]] == ["free", "taken"]
    again = web.post(f"bed-uses/{use.id}/move/", {"bed": str(two.id)})
    assert (again.status_code, again.json()["code"]) == (409, "use_ended")
    ended = web.post(f"bed-uses/{moved.json()['id']}/end/", {})
    assert (ended.status_code, lasting()) == (200, 0)
    assert str(Enrollment.objects.get().stage) == "planned"


def test_a_held_bed_is_for_whom_it_is_held(cast, api, house) -> None:
    bed = places.bed(house, cast.case_manager)
    comes, other = resident(cast, house), resident(cast, house)
    web = api(cast.case_manager)
    until = (clock.now() + timedelta(days=3)).isoformat()

    held = web.post(
        f"beds/{bed.id}/holds/", {"reason": "hospital_return", "client": str(comes.client_id), "until": until}
    )

    assert held.status_code == 201, held.content
    refused = web.post(f"beds/{bed.id}/stays/", {"enrollment": str(other.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "bed_taken")
    assert web.post(f"beds/{bed.id}/stays/", {"enrollment": str(comes.id)}).status_code == 201
    assert lasting() == 1
    past = web.post(f"beds/{bed.id}/holds/", {"reason": "other", "until": "2020-01-01T00:00:00Z"})
    assert past.status_code == 400


def test_a_taken_bed_stays_in_service_and_nobody_gets_one_that_is_out(cast, api, house) -> None:
    one, two = (places.bed(house, cast.case_manager, name=name) for name in "ab")
    stay(cast, one, resident(cast, house))
    web = api(cast.case_manager)
    out = {"status": "out_of_service", "out_reason": "repair"}

    taken = web.patch(f"beds/{one.id}/", out, If_Match='"1"')
    closed = web.patch(f"beds/{two.id}/", out, If_Match='"1"')
    without = web.patch(f"beds/{two.id}/", {"out_reason": ""}, If_Match='"2"')

    assert (taken.status_code, taken.json()["code"]) == (409, "bed_taken")
    assert (closed.status_code, closed.json()["now"], without.status_code) == (200, "out_of_service", 400)
    refused = web.post(f"beds/{two.id}/stays/", {"enrollment": str(resident(cast, house).id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "bed_out_of_service")
    same = web.patch(f"beds/{two.id}/", {"name": "a"}, If_Match='"2"')
    assert (same.status_code, same.json()["code"]) == (409, "bed_exists")
    assert lasting() == 1


def test_ending_an_enrollment_frees_the_bed_at_once(cast, api, house) -> None:
    """F5: in the same transaction."""
    bed, enrollment = places.bed(house, cast.case_manager), resident(cast, house)
    stay(cast, bed, enrollment)
    order = {"verb": "end", "data": {"end_reason": "moved_on"}}
    programs.enrollment(enrollment.episode, places.house(cast.north))  # the lead stage keeps a service

    answer = api(cast.case_manager).post(f"enrollments/{enrollment.id}/transitions/", order)

    assert (answer.status_code, lasting()) == (201, 0), answer.content


def test_a_death_told_elsewhere_frees_the_bed_and_leaves_every_line(cast, house) -> None:
    """T17: in the same transaction, whoever records it."""
    client = people.client(cast.south, phone=None)
    Grant.objects.create(client_id=client.id, organization_id=cast.north.id, reason=Reason.CARE)
    spell = episodes.episode(client, stage=Stage.SOBER_LIVING, at_other=cast.north)
    bed, enrollment = places.bed(house, cast.case_manager), programs.enrollment(spell, house)
    stay(cast, bed, enrollment)
    program = programs.program(cast.north, kind=Kind.THERAPY, capacity_total=1)
    entry = places.waiting(program, cast.case_manager, episode=enrollment.episode)
    places.offered(program, cast.case_manager)

    record_death(client_id=enrollment.client_id, died_on=None, actor=cast.at_south[Role.SUPERVISOR])

    entry.refresh_from_db(fields=["removal_reason"])
    assert (lasting(), entry.removal_reason, Offer.objects.get().outcome) == (0, "deceased", "withdrawn")
    assert Offer.objects.open().count() == 0
    assert pass_time() == 1
    program.refresh_from_db(fields=["places_taken"])
    assert program.places_taken == 0


def test_a_bed_is_offered_held_and_kept_for_the_arrival(cast, api, house) -> None:
    """F5: one open offer per bed; whom it does not suit is passed over, and told."""
    bed = places.bed(house, cast.case_manager, policy="women", step_free=False)
    first = places.waiting(house, cast.case_manager, needs=["step_free"])
    second = places.waiting(house, cast.case_manager, needs=["women_only"])
    programs.enrollment(second.episode, programs.program(cast.north, kind=Kind.THERAPY))  # care beside it
    web = api(cast.case_manager)

    made = web.post(f"programs/{house.id}/offers/", {"bed": str(bed.id)})

    assert (made.status_code, made.json()["offer"]["entry_id"]) == (201, str(second.id)), made.content
    skip = web.get(f"waitlist-entries/{first.id}/skips/").json()["results"][0]
    assert (skip["reason"], skip["needs"]) == ("needs_not_met", ["step_free"])
    again = web.post(f"programs/{house.id}/offers/", {"bed": str(bed.id)})
    assert (again.status_code, again.json()["code"]) == (409, "bed_taken")
    (use,) = BedUse.objects.all()
    kept = web.post(f"bed-uses/{use.id}/end/", {})
    assert (kept.status_code, kept.json()["code"]) == (409, "held_by_offer")
    accepted = web.post(f"offers/{made.json()['id']}/acceptance/", {})
    assert accepted.status_code == 200, accepted.content
    use.refresh_from_db()
    assert (use.reason, use.client_id, lasting()) == ("arrival", second.client_id, 1)
    enrollment = accepted.json()["enrollment_id"]
    assert web.post(f"beds/{bed.id}/stays/", {"enrollment": enrollment}).status_code == 201
    assert Program.objects.get(pk=house.id).places_taken == 1


def test_the_beds_of_a_house_take_as_many_queries_however_many(cast, api, house) -> None:
    web = api(cast.case_manager)
    stay(cast, places.bed(house, cast.case_manager), resident(cast, house))
    with CaptureQueriesContext(connection) as few:
        web.get(f"residences/{house.id}/beds/")
    for name in "bcd":
        stay(cast, places.bed(house, cast.case_manager, name=name), resident(cast, house))
    with CaptureQueriesContext(connection) as many:
        assert len(web.get(f"residences/{house.id}/beds/").json()["results"]) == 4

    assert len(few) == len(many)
