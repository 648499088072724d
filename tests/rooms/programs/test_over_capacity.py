"""A supervisor takes a client beyond the capacity of a program; the place is counted apart (G6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.kernel import clock
from programs.facts import for_episode
from programs.models import Enrollment, EnrollmentMove, Program
from tests.factories import episodes, people, programs

WHY = "She has nowhere else to go; the group agreed."
END = {"verb": "end", "data": {"end_reason": "moved_on"}}


def plan(web: Any, cast: Any, program: Program, **more: str) -> Any:
    """Plan a new client's enrollment."""
    episode = episodes.episode(people.client(cast.north, phone=None))
    return web.post("enrollments/", {"episode": str(episode.id), "program": str(program.id), **more})


def places(program: Program) -> tuple[int, int, int | None]:
    """Return what is taken, what is taken beyond capacity, and what is open."""
    program.refresh_from_db()
    return program.places_taken, program.places_over, program.places_open


def test_a_supervisor_takes_somebody_beyond_capacity_and_says_why(cast, api) -> None:
    """G6: the place is held and marked; the ledger and the audit trail say who and why."""
    program = programs.program(cast.north, capacity_total=1, places_taken=1)

    made = plan(api(cast.supervisor), cast, program, over_capacity_reason=WHY)

    assert (made.status_code, made.json()["over_capacity"]) == (201, True)
    assert places(program) == (1, 1, 0)
    move = EnrollmentMove.objects.get()
    assert (move.given, move.actor_id) == ({"over_capacity_reason": WHY}, cast.supervisor.id)
    audited = AuditEvent.objects.get(action="enrollment.capacity_overridden")
    assert (audited.actor_id, audited.object_id) == (cast.supervisor.id, Enrollment.objects.get().id)
    (fact,) = for_episode(Enrollment.objects.get().episode, at=clock.now())["enrollments"]
    assert fact.has_place is True


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST])
def test_nobody_else_does(cast, api, role) -> None:
    """G6: even where a place is free, the word is not theirs; nothing happened."""
    full = programs.program(cast.north, capacity_total=1, places_taken=1)
    free = programs.program(cast.north, capacity_total=1)

    for program in (full, free):
        refused = plan(api(cast.at_north[role]), cast, program, over_capacity_reason=WHY)
        assert (refused.status_code, refused.json()["who"]) == (403, ["supervisor"])
    assert not Enrollment.objects.exists()
    assert places(full) == (1, 0, 0)


def test_the_supervisor_of_another_organization_does_not_fill_its_house(cast, api) -> None:
    """G6: the capacity belongs to who runs the program."""
    program = programs.program(cast.south, capacity_total=0)

    refused = plan(api(cast.supervisor), cast, program, over_capacity_reason=WHY)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_without_a_reason_or_need_nothing_is_overridden(cast, api) -> None:
    """G6: blanks are no reason; where a place is free it is simply taken."""
    full = programs.program(cast.north, capacity_total=0)
    free = programs.program(cast.north, capacity_total=1)
    web = api(cast.supervisor)

    refused = plan(web, cast, full, over_capacity_reason="  ")
    made = plan(web, cast, free, over_capacity_reason=WHY)

    assert (refused.status_code, refused.json()["code"]) == (409, "capacity_full")
    assert (made.status_code, made.json()["over_capacity"], places(free)) == (201, False, (1, 0, 0))
    assert not AuditEvent.objects.filter(action="enrollment.capacity_overridden").exists()


def test_nobody_comes_in_until_all_who_are_there_fit_again(cast, api) -> None:
    """G6, F5: a place beyond capacity is given back as such, and a regular one that is given back stays closed."""
    program = programs.program(cast.north, capacity_total=2)
    web = api(cast.supervisor)
    first, second = (plan(web, cast, program).json()["id"] for _ in range(2))
    third = plan(web, cast, program, over_capacity_reason=WHY).json()["id"]

    web.post(f"enrollments/{first}/transitions/", END)
    still_full = plan(web, cast, program)
    after_one = places(program)
    web.post(f"enrollments/{third}/transitions/", END)
    after_both = places(program)

    assert (still_full.status_code, after_one, after_both) == (409, (1, 1, 0), (1, 0, 1))
    assert plan(web, cast, program).status_code == 201
    web.post(f"enrollments/{second}/transitions/", END)
    assert places(program) == (1, 0, 1)


def test_postgresql_still_counts_the_others(cast) -> None:
    """F5: the promise of places is not weakened."""
    program = programs.program(cast.north, capacity_total=1, places_taken=1, places_over=3)

    with pytest.raises(IntegrityError), transaction.atomic():
        Program.objects.filter(pk=program.pk).update(places_taken=2)
