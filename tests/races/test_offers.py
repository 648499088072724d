"""The last place and one bed, asked for by many at once: one gets it, and the counters say what the rows say (F5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.models import Count

from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.places.models import BedUse, Offer, OfferSkip, WaitlistEntry, WaitlistMove
from casemgmt.places.services.passing import pass_time
from programs.models import Enrollment, Program
from programs.rules.kinds import Kind
from tests.cast import gather
from tests.factories import places, programs
from tests.web import Web


def all_at_once(work: Callable[[Any], Any], given: list[Any]) -> Counter[tuple[int, str]]:
    """Return how often each (status, code) was answered."""

    def one(each: Any) -> tuple[int, str]:
        try:
            answer = work(each)
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=10) as pool:
        return Counter(pool.map(one, given))


def require_agreement() -> None:
    """Prove that counters and rows agree, and that nobody holds two offers of a program."""
    for program in Program.objects.all():
        held = Offer.objects.holding().filter(program=program).count()
        inside = Enrollment.objects.open().filter(program=program).count()
        assert program.places_taken == held + inside
        assert program.capacity_total is None or program.places_taken <= program.capacity_total
    twice = Offer.objects.open().values("client", "program").annotate(many=Count("id")).filter(many__gt=1)
    assert list(twice) == []


def require_explained() -> None:
    """Prove that whoever stood ahead of somebody with an offer was passed over for a reason, once per offer."""
    for offer in Offer.objects.all():
        ahead = list(OfferSkip.objects.filter(offer=offer).order_by("position").values_list("position", flat=True))
        assert ahead == list(range(1, offer.position))


def test_one_offer_is_accepted_once_by_fifty(committed_db) -> None:
    """F5: last place, 50 concurrent accepts: one wins, 49 are told 409, never negative."""
    cast = gather()
    program = programs.program(cast.north, kind=Kind.THERAPY, capacity_total=1)
    places.waiting(program, cast.case_manager)
    offer, web = places.offered(program, cast.case_manager), Web(cast.case_manager)

    answers = all_at_once(lambda _: web.post(f"offers/{offer.id}/acceptance/", {}), [None] * 50)

    assert answers == {(200, ""): 1, (409, "offer_gone"): 49}
    assert Enrollment.objects.count() == 1
    require_agreement()


def test_the_last_place_is_offered_once_by_fifty(committed_db) -> None:
    """F5: an open offer holds the place, so fifty who offer it find it gone."""
    cast = gather()
    program = programs.program(cast.north, kind=Kind.THERAPY, capacity_total=1)
    for _ in range(5):
        places.waiting(program, cast.case_manager)
    web = Web(cast.case_manager)

    answers = all_at_once(lambda _: web.post(f"programs/{program.id}/offers/", {}), [None] * 50)

    assert answers == {(201, ""): 1, (409, "no_place_left"): 49}
    assert Offer.objects.count() == 1
    require_agreement()


def test_offers_answers_and_expiries_race_and_nobody_holds_two(committed_db, travel) -> None:
    """F5: 50 offers and expiries racing: nobody holds two, nobody is skipped unexplained."""
    cast = gather()
    program = programs.program(cast.north, kind=Kind.THERAPY, capacity_total=4)
    for number in range(12):
        places.waiting(program, cast.case_manager, needs=["moud"] if number == 3 else [])
    Program.objects.filter(pk=program.id).update(accepts_moud=False)
    expiring = [places.offered(program, cast.case_manager) for _ in range(3)]
    travel(clock.now() + timedelta(hours=48, seconds=-1))
    travel(clock.now() + timedelta(seconds=2))
    web = Web(cast.case_manager)

    class Told:
        """What a round of the clock answers, in the shape of an answer."""

        status_code = 200

        def json(self) -> dict[str, str]:
            return {}

    def ask(number: int) -> Any:
        kind = number % 5
        if kind == 0:
            pass_time()
            return Told()
        if kind == 1:
            return web.post(f"programs/{program.id}/offers/", {})
        opened = Offer.objects.open().order_by("?").first() or expiring[0]
        if kind == 2:
            return web.post(f"offers/{opened.id}/decline/", {"reason": "not_now"})
        if kind == 3:
            return web.post(f"waitlist-entries/{opened.entry_id}/removal/", {"reason": "no_longer_needed"})
        return web.post(f"offers/{opened.id}/acceptance/", {})

    answers = all_at_once(ask, list(range(50)))

    allowed = {"", "offer_gone", "no_place_left", "nobody_waits", "nobody_fits", "not_waiting"}
    assert {code for _, code in answers} <= allowed
    assert sum(number for (status, _), number in answers.items() if status in (200, 201)) >= 10
    assert not Offer.objects.open().filter(pk__in=[each.id for each in expiring]).exists()
    require_agreement()
    require_explained()
    for entry in WaitlistEntry.objects.all():
        last = WaitlistMove.objects.filter(entry=entry).order_by("-seq")[0]
        assert last.to_stage == str(entry.stage)


def test_one_bed_is_given_to_one_of_many(committed_db) -> None:
    """F5: a bed never has two people at a time."""
    cast = gather()
    house = places.house(cast.north)
    bed = places.bed(house, cast.case_manager)
    spells = [places.spell(cast.north, stage=Stage.SOBER_LIVING) for _ in range(10)]
    coming = [programs.enrollment(each, Program.objects.get()) for each in spells]
    web = Web(cast.case_manager)

    answers = all_at_once(lambda each: web.post(f"beds/{bed.id}/stays/", {"enrollment": str(each.id)}), coming)

    assert answers == {(201, ""): 1, (409, "bed_taken"): 9}
    assert BedUse.objects.count() == 1


def test_two_swap_beds_at_once_and_nobody_waits_for_ever(committed_db) -> None:
    cast = gather()
    house = places.house(cast.north)
    beds = [places.bed(house, cast.case_manager, name=name) for name in "ab"]
    web = Web(cast.case_manager)
    uses = []
    for bed in beds:
        spell = places.spell(cast.north, stage=Stage.SOBER_LIVING)
        enrollment = programs.enrollment(spell, Program.objects.get())
        uses.append(web.post(f"beds/{bed.id}/stays/", {"enrollment": str(enrollment.id)}).json()["id"])
    crossing = [(uses[0], beds[1].id), (uses[1], beds[0].id)]

    answers = all_at_once(lambda each: web.post(f"bed-uses/{each[0]}/move/", {"bed": str(each[1])}), crossing)

    assert answers == {(409, "bed_taken"): 2}
    assert BedUse.objects.all().lasting().count() == 2
