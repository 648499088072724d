"""Two people change what runs beside the lead at the same moment: the rules hold all the same (STG-01)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind
from programs.services.enrollments import NewEnrollment, move_enrollment, plan_enrollment
from programs.services.steps import EnrollmentOrder
from tests.cast import Cast, gather
from tests.factories import episodes, pathway, people, programs

from .waiting import in_a_thread, somebody_waits

END = EnrollmentOrder("end", given={"end_reason": "moved_on"})


def at_once(*works: Callable[[], object]) -> Counter[str]:
    """Return what each work came to, all started together: `done`, or the code that refused it."""
    start = Barrier(len(works))

    def one(work: Callable[[], object]) -> str:
        def run() -> None:
            start.wait()
            work()

        return in_a_thread(run)()

    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(pool.map(one, works))


@transaction.atomic
def spell(cast: Cast, stage: Stage = Stage.INTAKE) -> Episode:
    """Return an episode of a new client at North, committed with its ledger."""
    return episodes.episode(people.client(cast.north), stage=stage)


def planning(cast: Cast, episode: Episode, program: Program) -> Callable[[], object]:
    """Return the work of planning in a program."""
    new = NewEnrollment(episode_id=episode.id, program_id=program.id)
    return lambda: plan_enrollment(new=new, actor=cast.case_manager)


def ending(cast: Cast, enrollment: Enrollment) -> Callable[[], object]:
    """Return the work of ending an enrollment."""
    return lambda: move_enrollment(enrollment_id=enrollment.id, order=END, actor=cast.case_manager)


@pytest.mark.parametrize("round_", range(5))
def test_of_two_that_exclude_each_other_one_is_planned(committed_db, round_) -> None:
    """STG-01: the rules are judged again under the lock of the episode."""
    cast = gather()
    episode = spell(cast)
    kinds = [programs.program(cast.north, kind=kind, capacity_total=5) for kind in (Kind.IOP, Kind.AFTERCARE)]

    outcomes = at_once(*(planning(cast, episode, program) for program in kinds))

    assert outcomes == {"done": 1, "transition_blocked": 1}
    assert Enrollment.objects.count() == EnrollmentMove.objects.count() == 1
    assert sum(Program.objects.values_list("places_taken", flat=True)) == 1


@pytest.mark.parametrize("round_", range(3))
def test_of_the_two_last_ones_of_the_leads_kind_one_ends(committed_db, round_) -> None:
    """STG-01: each would let the other go; one waits and sees."""
    cast = gather()
    episode = spell(cast, Stage.PEER_SUPPORT)
    rows = [
        programs.enrollment(episode, programs.program(cast.north, name=name), stage=EnrollmentStage.ACTIVE)
        for name in "ab"
    ]

    outcomes = at_once(*(ending(cast, row) for row in rows))

    assert outcomes == {"done": 1, "transition_blocked": 1}
    assert Enrollment.objects.open().count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_a_residence_is_not_planned_while_its_only_company_ends(committed_db, round_) -> None:
    """STG-01: whoever comes second is refused."""
    cast = gather()
    episode = spell(cast)
    peer = programs.enrollment(episode, programs.program(cast.north), stage=EnrollmentStage.ACTIVE)
    house = programs.program(cast.north, kind=Kind.SOBER_LIVING)

    outcomes = at_once(ending(cast, peer), planning(cast, episode, house))

    assert outcomes == {"done": 1, "transition_blocked": 1}
    kinds = set(Enrollment.objects.open().values_list("program__kind", flat=True))
    assert kinds in ({"peer_support", "sober_living"}, set())


def test_planning_while_the_episode_ends_waits_and_then_sees_it(committed_db) -> None:
    """STG-01: no open enrollment on an ended episode."""
    cast = gather()
    episode = spell(cast, Stage.THERAPY)
    work = in_a_thread(planning(cast, episode, programs.program(cast.north)))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            pathway.step(episode, Stage.DISCHARGED, actor=cast.supervisor)
            planned = pool.submit(work)
            assert somebody_waits()
        outcome = planned.result()

    assert outcome == "episode_ended"
    assert not Enrollment.objects.exists()


def raw(statement: str, given: list[Any]) -> None:
    """Run one statement in a transaction of its own, past every door."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)


def test_past_the_doors_postgresql_waits_for_the_end_of_the_episode_too(committed_db) -> None:
    """STG-01: of two transactions that break the promise only together, the second fails at its commit."""
    cast = gather()
    episode, other = spell(cast, Stage.THERAPY), spell(cast)
    open_one = programs.enrollment(other, programs.program(cast.north))

    def slip_in() -> str:
        try:
            raw("UPDATE programs_enrollment SET episode_id = %s WHERE id = %s", [episode.id, open_one.id])
        except DatabaseError as error:
            return type(error.__cause__).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            pathway.step(episode, Stage.DISCHARGED, actor=cast.supervisor)
            slipping = pool.submit(slip_in)
            assert somebody_waits()
        outcome = slipping.result()

    assert outcome == "IntegrityConstraintViolation"
    assert Enrollment.objects.get().episode_id == other.id
