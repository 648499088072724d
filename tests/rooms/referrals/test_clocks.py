"""Deadlines of referrals: told once each, in the receiver's business time, to both sides (rules.md §9, F3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.calendars.rules import Calendar, moment_after
from casemgmt.calendars.services import set_closure
from casemgmt.kernel import clock
from casemgmt.outbox.relay import relay
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from programs.rules.kinds import Kind
from referrals.clockwork import tell_time
from referrals.models import Referral, ReferralClock, ReferralMove
from referrals.timing import Clock
from tests.factories import consent as consents
from tests.factories import programs, referrals

MONDAY = datetime(2026, 11, 30, 18, tzinfo=UTC)  # noon in Chicago, one in New York


@pytest.fixture
def case(cast, travel):
    """Return a client of North and a therapy program of South, on a Monday at noon."""
    travel(MONDAY)
    return referrals.case(cast)


def due(case, hours: float, start: datetime | None = None) -> datetime:
    return moment_after(Calendar(case.cast.south.timezone), start or clock.now(), timedelta(hours=hours))


def open_work(organization) -> list[str]:
    rows = WorkItem.objects.open().filter(organization_id=organization.id)
    return sorted(rows.values_list("kind", flat=True))


def clocks(referral) -> dict[str, ReferralClock]:
    return {row.kind: row for row in ReferralClock.objects.filter(referral=referral, stopped_at__isnull=True)}


def test_sending_starts_two_clocks_and_answering_stops_them(case) -> None:
    sent = case.sent()
    running = clocks(sent)

    assert set(running) == {Clock.ACKNOWLEDGE, Clock.DECIDE}
    assert running[Clock.ACKNOWLEDGE].due_at == due(case, 8, sent.sent_at)
    assert running[Clock.DECIDE].due_at == due(case, 24, sent.sent_at)

    case.move(sent.id, "accept", case.receiver)

    assert set(clocks(sent)) == {Clock.FIRST_VISIT}
    case.move(sent.id, "start", case.receiver, first_visit_at=clock.now())
    assert set(clocks(sent)) == {Clock.CLOSE_LOOP}
    case.move(sent.id, "complete", case.receiver, outcome="served")
    assert clocks(sent) == {}


def test_a_warning_a_breach_and_an_escalation_are_told_once_each(case, travel) -> None:
    sent = case.sent()
    south, north = case.cast.south, case.cast.north
    said = [(6, ["referral_due", "referral_received"], []), (8, ["referral_overdue"], ["referral_late"])]
    said.append((12, ["referral_escalated"], ["referral_stuck"]))
    expected_south, expected_north = [], []

    for hours, more_south, more_north in said:
        travel(due(case, hours, sent.sent_at) - timedelta(minutes=1))
        tell_time()
        assert open_work(north) == sorted(expected_north), hours
        travel(due(case, hours, sent.sent_at) + timedelta(seconds=1))
        assert tell_time() == 1
        assert tell_time() == 0
        expected_south += more_south
        expected_north += more_north
        assert open_work(south) == sorted(expected_south)
        assert open_work(north) == sorted(expected_north)
    told = AuditEvent.objects.filter(action__startswith="referral.clock").order_by("at", "id")
    assert [row.action for row in told] == [
        "referral.clock_warned",
        "referral.clock_breached",
        "referral.clock_escalated",
    ]


def test_what_nobody_looked_at_for_a_week_is_told_at_once_and_in_order(case, travel) -> None:
    sent = case.sent()
    travel(due(case, 60, sent.sent_at))

    assert tell_time() == 6  # three of each clock
    row = ReferralClock.objects.get(referral=sent, kind=Clock.DECIDE)
    assert row.warned_at == row.breached_at == row.escalated_at
    assert Referral.objects.get(pk=sent.id).stage == "sent"


def test_a_referral_that_nobody_answers_expires_and_the_sender_asks_on(case, api, travel) -> None:
    """§9, expired: ten business days."""
    sent = case.sent()
    travel(due(case, 80, sent.sent_at) + timedelta(seconds=1))

    tell_time()

    row, move = Referral.objects.get(pk=sent.id), ReferralMove.objects.latest("seq")
    assert (row.stage, row.ended_reason, row.ended_by) == ("expired", "no_response", "system")
    assert (move.verb, move.rule, move.actor_kind, move.actor_id) == ("expire", "9-expired", "system", None)
    assert clocks(sent) == {}
    assert api(case.receiver).get(f"referrals/{sent.id}/").status_code == 404
    assert open_work(case.cast.north) == ["referral_reroute"]
    assert open_work(case.cast.south) == ["referral_stopped"]
    assert tell_time() == 0


def test_the_clock_stands_still_while_the_receiver_waits_for_an_answer(case, travel) -> None:
    sent = case.sent()
    travel(due(case, 4, sent.sent_at))
    case.move(sent.id, "request_info", case.receiver, question="Which days suit?")
    standing = clocks(sent)[Clock.DECIDE]
    assert (standing.running_since, standing.due_at, standing.next_at) == (None, None, None)
    assert abs(standing.used - timedelta(hours=4)) < timedelta(minutes=1)

    travel(due(case, 40, sent.sent_at))
    assert tell_time() == 0
    case.move(sent.id, "answer_info", case.sender, told={"level_of_care": "1"})

    running = clocks(sent)[Clock.DECIDE]
    assert abs(running.due_at - due(case, 20)) < timedelta(minutes=2)


def test_a_day_that_the_receiver_closes_moves_its_deadlines(case) -> None:
    sent = case.sent()
    before = clocks(sent)[Clock.DECIDE].due_at
    tuesday = (MONDAY + timedelta(days=1)).date()

    set_closure(day=tuesday, closed=True, reason="Inventory", actor=case.cast.at_south[Role.SUPERVISOR])
    assert relay() == 1

    after = clocks(sent)[Clock.DECIDE]
    assert after.due_at == before + timedelta(days=1)
    assert after.next_at > sent.sent_at


def test_the_senders_numbers_hold_from_the_next_referral_on(case) -> None:
    set_number(name="referral_decide_days", value=2, reason="We are quick.", actor=case.cast.supervisor)
    sent = case.sent()

    assert clocks(sent)[Clock.DECIDE].allowed == timedelta(hours=16)


def test_the_boxes_show_what_is_due_and_what_is_overdue(case, api, travel) -> None:
    late = case.sent()
    travel(due(case, 9, late.sent_at))
    case.program = programs.program(case.cast.south, kind=Kind.THERAPY, name="Evenings")
    fresh = case.draft()
    case.move(fresh.id, "send", case.sender)

    for actor, box in ((case.sender, "sent"), (case.receiver, "inbox")):
        rows = {row["id"]: row for row in api(actor).get(f"referrals/?box={box}").json()["results"]}
        assert rows[str(late.id)]["overdue"] is True
        assert rows[str(fresh.id)]["overdue"] is False
        assert rows[str(late.id)]["due_at"] < rows[str(fresh.id)]["due_at"]
        for wanted, one in (("true", late), ("false", fresh)):
            found = api(actor).get(f"referrals/?box={box}&overdue={wanted}").json()["results"]
            assert [row["id"] for row in found] == [str(one.id)]


def test_however_long_the_box_the_queries_are_as_many(case, api, django_assert_max_num_queries) -> None:
    consents.consent(case.client, recipients=[case.cast.south])
    web, counts = api(case.receiver), []
    for size in (1, 3):
        while Referral.objects.count() < size:
            case.program = programs.program(case.cast.south, kind=Kind.THERAPY)
            case.move(case.draft().id, "send", case.sender)
        with django_assert_max_num_queries(60) as captured:
            assert len(web.get("referrals/?box=inbox").json()["results"]) == size
        counts.append(len(captured))

    assert counts[0] == counts[1]
