"""The last place of a program, promised by acceptances, offers and enrollments at once: it goes to one (§9, F5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from casemgmt.accounts.roles import Role
from casemgmt.places.models import Offer
from programs.models import Enrollment, PlaceHold, Program
from referrals.models import Referral
from tests.cast import Cast, gather
from tests.factories import places, referrals
from tests.factories.referrals import Case
from tests.web import Web


def all_at_once(work: list[Callable[[], Any]]) -> Counter[tuple[int, str]]:
    """Return how often each (status, code) was answered."""

    def one(each: Callable[[], Any]) -> tuple[int, str]:
        try:
            answer = each()
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=10) as pool:
        return Counter(pool.map(one, work))


def require_agreement() -> None:
    """Prove that the counters say what the rows say, and that nobody was promised what is not there."""
    program = Program.objects.get()
    kept = PlaceHold.objects.lasting().filter(over_capacity_reason="").count()
    held = Offer.objects.holding().count()
    inside = Enrollment.objects.open().filter(over_capacity_reason="").count()
    assert program.places_taken == kept + held + inside
    assert program.capacity_total is None or program.places_taken <= program.capacity_total


def cases(cast: Cast, *, many: int, capacity: int | None) -> list[Case]:
    """Return clients of North who are referred to one program of South, sent."""
    made = [referrals.case(cast)]
    program = made[0].program
    Program.objects.filter(pk=program.id).update(capacity_total=capacity)
    made += [referrals.another(made[0]) for _ in range(many - 1)]
    for each in made:
        each.sent()
    return made


def accepting(case: Case) -> Callable[[], Any]:
    referral = Referral.objects.get(client=case.client)
    web = Web(case.receiver)
    return lambda: web.post(f"referrals/{referral.id}/transitions/", {"verb": "accept"})


def planning(case: Case) -> Callable[[], Any]:
    web, order = Web(case.sender), {"episode": str(case.episode.id), "program": str(case.program.id)}
    return lambda: web.post("enrollments/", order)


def test_the_last_place_is_promised_by_one_acceptance_of_many(committed_db) -> None:
    asked = cases(gather(), many=20, capacity=1)

    answers = all_at_once([accepting(each) for each in asked])

    assert answers == {(201, ""): 1, (409, "capacity_full"): 19}
    assert PlaceHold.objects.count() == Referral.objects.filter(stage="accepted").count() == 1
    require_agreement()


def test_acceptances_offers_and_enrollments_share_the_places_there_are(committed_db) -> None:
    asked = cases(gather(), many=12, capacity=5)
    cast, program = asked[0].cast, asked[0].program
    for _ in range(4):
        own = places.spell(cast.south)
        places.waiting(program, cast.at_south[Role.CASE_MANAGER], episode=own)
    offers = Web(cast.at_south[Role.CASE_MANAGER])
    work = [accepting(each) for each in asked[:6]] + [planning(each) for each in asked[6:]]
    work += [lambda: offers.post(f"programs/{program.id}/offers/", {}) for _ in range(6)]

    answers = all_at_once(work[::2] + work[1::2])

    assert answers[201, ""] == 5
    assert {code for status, code in answers if status != 201} <= {"capacity_full", "no_place_left", "nobody_fits"}
    require_agreement()
    assert Program.objects.get().places_taken == 5


def test_accepted_and_enrolled_at_once_is_one_place(committed_db) -> None:
    """Whichever comes first: the client holds one place, by the enrollment."""
    asked = cases(gather(), many=10, capacity=None)

    answers = all_at_once([make(each) for each in asked for make in (accepting, planning)])

    assert answers == {(201, ""): 20}
    assert not PlaceHold.objects.lasting().exists()
    assert Program.objects.get().places_taken == Enrollment.objects.open().count() == 10
    require_agreement()


def test_an_end_gives_back_once_what_an_enrollment_may_take_over(committed_db) -> None:
    asked = cases(gather(), many=10, capacity=10)
    for each in asked:
        assert accepting(each)().status_code == 201
    web = Web(asked[0].sender)
    rows = {each.client.id: Referral.objects.get(client=each.client) for each in asked}

    def ending(case: Case) -> Callable[[], Any]:
        path = f"referrals/{rows[case.client.id].id}/transitions/"
        return lambda: web.post(path, {"verb": "cancel", "data": {"cancel_reason": "client_withdrew"}})

    answers = all_at_once([make(each) for each in asked for make in (ending, planning)])

    assert answers == {(201, ""): 20}
    assert not PlaceHold.objects.lasting().exists()
    assert Program.objects.get().places_taken == 10
    require_agreement()
