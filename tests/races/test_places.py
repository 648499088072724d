"""The last place of a program, and one person's hours: many ask at once, one gets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections, transaction

from casemgmt.accounts.models import Organization
from casemgmt.episodes.models import Episode
from programs.models import Enrollment, EnrollmentMove, Program
from tests.cast import gather
from tests.factories import episodes, people, programs
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


@transaction.atomic
def spell_at(organization: Organization) -> Episode:
    """Return an episode of a new client, committed together with its ledger."""
    return episodes.episode(people.client(organization))


def test_the_last_place_goes_to_one_of_many(committed_db) -> None:
    cast = gather()
    program = programs.program(cast.north, capacity_total=3, places_taken=2)
    spells = [spell_at(cast.north) for _ in range(20)]
    web = Web(cast.case_manager)

    answers = all_at_once(
        lambda spell: web.post("enrollments/", {"episode": str(spell.id), "program": str(program.id)}), spells
    )

    assert answers == {(201, ""): 1, (409, "capacity_full"): 19}
    assert Program.objects.get().places_taken == 3
    assert Enrollment.objects.count() == EnrollmentMove.objects.count() == 1


def test_an_enrollment_is_moved_by_one_of_many(committed_db) -> None:
    cast = gather()
    enrollment = programs.enrollment(spell_at(cast.north), programs.program(cast.north, capacity_total=5))
    web, order = Web(cast.case_manager), {"verb": "end", "data": {"end_reason": "moved_on"}}

    answers = all_at_once(lambda _: web.post(f"enrollments/{enrollment.id}/transitions/", order), [None] * 20)

    assert answers == {(201, ""): 1, (409, "wrong_stage"): 19}
    assert EnrollmentMove.objects.filter(verb="end").count() == 1
    assert Program.objects.get().places_taken == 0
