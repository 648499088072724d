"""Alerts met by many at once: two sweeps, twenty answers, the same worry, the same night of the rota."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections, transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.ids import new_id
from casemgmt.safety.models import AlertMove, AlertPage, OnCallShift, RiskAlert
from casemgmt.safety.services.paging import escalate
from casemgmt.safety.services.raising import NewAlert, raise_alert
from casemgmt.safety.words import Severity, Source, What
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.cast import gather
from tests.factories import alerts, people
from tests.races.waiting import in_a_thread, somebody_waits
from tests.web import Web

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)


def all_at_once(work: Any, count: int) -> list[Any]:
    """Return what `work(number)` answers in that many threads."""

    def one(number: int) -> Any:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(one, range(count)))


def test_two_sweeps_at_once_ask_each_step_once(committed_db, travel) -> None:
    """F7: whoever comes second finds the step taken."""
    travel(NOON)
    cast = gather()
    alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)
    alerts.on_call(cast.supervisor, Role.SUPERVISOR, cast.north)
    made = [alerts.alert(people.client(cast.north), cast.north) for _ in range(10)]
    travel(NOON + timedelta(minutes=5, seconds=1))

    done = all_at_once(lambda _: escalate(), 6)

    assert sum(done) == len(made)
    assert Counter(AlertPage.objects.values_list("step", flat=True)) == {0: 10, 1: 10}
    assert WorkItem.objects.open().filter(kind=ItemKind.RISK_ALERT).count() == 20


def test_a_sweep_leaves_an_alert_to_the_one_who_is_answering_it(committed_db, travel) -> None:
    """F7: an acknowledgement under way is not overtaken by the next page, and the sweep does not wait for it."""
    travel(NOON)
    cast = gather()
    alert = alerts.alert(people.client(cast.north), cast.north)
    travel(NOON + timedelta(minutes=6))

    with ThreadPoolExecutor(max_workers=1) as pool, transaction.atomic():
        RiskAlert.objects.all().lock(alert.id)
        assert pool.submit(in_a_thread(lambda: escalate())).result(timeout=5) == "done"
        assert not somebody_waits()

    assert AlertPage.objects.count() == 1


def test_an_alert_is_taken_by_one_of_many(committed_db) -> None:
    """SMS-62: one answer is recorded, the others are told that it was taken."""
    cast = gather()
    alert = alerts.alert(people.client(cast.north), cast.north)
    web = Web(cast.therapist)

    def take(_: int) -> tuple[int, str]:
        answer = web.post(f"alerts/{alert.id}/transitions/", {"verb": "acknowledge"})
        return answer.status_code, answer.json().get("code", "")

    assert Counter(all_at_once(take, 20)) == {(201, ""): 1, (409, "wrong_stage"): 19}
    assert AlertMove.objects.filter(verb="acknowledge").count() == 1


def test_the_same_worry_raised_by_many_is_one_alert(committed_db) -> None:
    """F7: a repeat adds nothing, also at the same moment: one alert, one first step."""
    cast = gather()
    client = people.client(cast.north)
    new = NewAlert(client.id, cast.north.id, Severity.CRITICAL, Source.TEXT, What.CRISIS_TEXT, source_id=new_id())

    def worry(_: int) -> bool:
        with transaction.atomic():
            return raise_alert(new, at=clock.now(), actor=alerts.MACHINE) is not None

    assert Counter(all_at_once(worry, 12)) == {True: 1, False: 11}
    assert (RiskAlert.objects.count(), AlertPage.objects.count(), AlertMove.objects.count()) == (1, 1, 1)


def test_a_night_has_one_person_on_call(committed_db) -> None:
    """F7: many supervisors plan the same night for different people; one plan stands, none hangs."""
    cast = gather()
    therapists = [people.staff(Role.THERAPIST, at=cast.north) for _ in range(12)]
    web, now = Web(cast.supervisor), clock.now()

    def plan(number: int) -> tuple[int, str]:
        body = {
            "user": str(therapists[number].id),
            "role": "therapist",
            "starts_at": (now + timedelta(minutes=number)).isoformat(),
            "ends_at": (now + timedelta(hours=12)).isoformat(),
        }
        answer = web.post("on-call-shifts/", body)
        return answer.status_code, answer.json().get("code", "")

    assert Counter(all_at_once(plan, 12)) == {(201, ""): 1, (409, "shift_overlap"): 11}
    assert OnCallShift.objects.count() == 1
