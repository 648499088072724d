"""Two people at the same site, or at the same number of places: nothing is put where it may not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from casemgmt.kernel import clock
from casemgmt.kernel.errors import DomainError
from programs.models import CapacityReport, Program, Site
from programs.rules.kinds import Kind
from programs.services.capacity import confirm_capacity
from programs.services.directory import change_program
from programs.services.sites import change_site, end_site
from tests.cast import gather
from tests.factories import programs

from .waiting import in_a_thread, somebody_waits

PEOPLE = 8


def judge_now() -> None:
    """Let the triggers of the commit judge what was written so far."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def put(program: Program, site: Site, actor) -> Callable[[], str]:
    return in_a_thread(
        lambda: change_program(program_id=program.id, changes={"sites": [site.id]}, version=None, actor=actor)
    )


@pytest.mark.parametrize(
    ("first", "refusal"),
    [
        (lambda site, actor: end_site(site_id=site.id, version=None, actor=actor), "invalid"),
        (
            lambda site, actor: change_site(
                site_id=site.id, changes={"street_published": True}, version=None, actor=actor
            ),
            "residence_street",
        ),
    ],
)
def test_a_residence_put_at_a_site_that_changes_meanwhile_sees_the_change(committed_db, first, refusal) -> None:
    cast = gather()
    house = programs.program(cast.north, kind=Kind.SOBER_LIVING)
    site = Site.objects.create(organization=cast.north, street="12 Elm Street", timezone="UTC")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first(site, cast.supervisor)
            link = pool.submit(put(house, site, cast.supervisor))
            assert somebody_waits()
        answer = link.result()

    assert answer == refusal
    assert not house.sites.exists()


def test_a_site_does_not_end_while_a_program_is_put_there(committed_db) -> None:
    cast = gather()
    program = programs.program(cast.north)
    site = Site.objects.create(organization=cast.north, timezone="UTC")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_program(program_id=program.id, changes={"sites": [site.id]}, version=None, actor=cast.supervisor)
            end = pool.submit(in_a_thread(lambda: end_site(site_id=site.id, version=None, actor=cast.supervisor)))
            assert somebody_waits()
        answer = end.result()

    assert answer == "site_in_use"
    assert Site.objects.get().ended_at is None


def test_past_the_doors_postgresql_still_compares_the_two(committed_db) -> None:
    """rules.md §7: the trigger locks the site, so of two writers the later one sees the other's row."""
    cast = gather()
    program = programs.program(cast.north)
    site = Site.objects.create(organization=cast.north)

    def end() -> None:
        try:
            Site.objects.filter(pk=site.pk).update(ended_at=clock.now())
        except IntegrityError as error:
            raise DomainError(code="refused_by_postgresql") from error

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            program.sites.add(site)
            judge_now()
            ended = pool.submit(in_a_thread(end))
            assert somebody_waits()
        answer = ended.result()

    assert answer == "refused_by_postgresql"
    assert Site.objects.get().ended_at is None


def test_every_word_on_capacity_has_its_row_and_the_rows_follow_each_other(committed_db) -> None:
    cast = gather()
    program = programs.program(cast.north, capacity_total=1)
    start = Barrier(PEOPLE)

    def say(total: int) -> str:
        def work() -> None:
            start.wait()
            confirm_capacity(program_id=program.id, total=total, version=None, actor=cast.supervisor)

        return in_a_thread(work)()

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = Counter(pool.map(say, range(10, 10 + PEOPLE)))

    rows = list(CapacityReport.objects.order_by("seq").values_list("old_total", "new_total"))
    assert answers == {"done": PEOPLE}
    assert [old for old, _ in rows] == [1, *(new for _, new in rows[:-1])]
    assert Program.objects.get().capacity_total == rows[-1][1]
    assert Program.objects.get().version == 1 + PEOPLE
