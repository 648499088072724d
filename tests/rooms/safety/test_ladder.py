"""The ladder with a frozen clock: who is asked, when the next one is, and what stops it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.safety.models import AlertPage, RiskAlert
from casemgmt.safety.services.answering import AlertOrder, move_alert
from casemgmt.safety.services.noting import NewNote, write_note
from casemgmt.safety.services.paging import escalate
from casemgmt.safety.words import Severity, What
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import alerts, people

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)  # a Tuesday, noon in Chicago


@pytest.fixture
def client(cast, travel) -> Client:
    travel(NOON)
    return people.client(cast.north)


@pytest.fixture
def rota(cast, client) -> dict[str, object]:
    """Put North's therapist, a backup and the supervisor on call."""
    backup = people.staff(Role.THERAPIST, at=cast.north)
    alerts.on_call(cast.therapist, Role.THERAPIST, cast.north, hours=72)
    alerts.on_call(backup, Role.THERAPIST, cast.north, backup=True)
    alerts.on_call(cast.supervisor, Role.SUPERVISOR, cast.north, hours=72)
    return {"therapist": cast.therapist.id, "backup": backup.id, "supervisor": cast.supervisor.id}


def pages(alert: RiskAlert, *, purpose: str = "acknowledge") -> list[tuple[int, object, timedelta]]:
    """Return step, person and minutes after noon of each page, in order."""
    rows = alert.pages.filter(purpose=purpose).order_by("paged_at", "id")
    return [(row.step, row.user_id or row.role, row.paged_at - NOON) for row in rows]


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def at_minute(travel, count: float) -> int:
    travel(NOON + timedelta(minutes=count))
    return escalate()


def test_a_crisis_asks_the_clinician_then_backup_and_supervisor_then_the_supervisor_again(
    cast, client, rota, travel
) -> None:
    """SMS-62: five minutes each; at the top it goes on asking."""
    alert = alerts.alert(client, cast.north)

    assert [at_minute(travel, count) for count in (4.9, 5.1, 9.9, 10.2)] == [0, 1, 0, 1]

    asked = [(step, who) for step, who, _ in pages(alert)]
    assert asked[0] == (0, rota["therapist"])
    assert set(asked[1:3]) == {(1, rota["backup"]), (1, rota["supervisor"])}
    assert set(asked[3:]) == {(1, rota["backup"]), (1, rota["supervisor"])}
    alert.refresh_from_db(fields=["step", "nobody_on_call"])
    assert (alert.step, alert.nobody_on_call) == (1, False)


def test_each_page_has_its_deadline_on_the_worklist_and_is_asked_once_there(cast, client, rota, travel) -> None:
    """F7: one open item per person asked, however often it was; each page stays in the table."""
    alerts.alert(client, cast.north)
    at_minute(travel, 5.1)
    at_minute(travel, 10.2)

    items = WorkItem.objects.open().filter(kind=ItemKind.RISK_ALERT)
    assert {item.assignee_id for item in items} == set(rota.values())
    assert items.count() == 3
    assert {item.priority for item in items} == {0}
    latest = AlertPage.objects.get(pk=items.get(assignee_id=rota["supervisor"]).source_id)
    assert latest.deadline == latest.paged_at + minutes(5)
    assert AlertPage.objects.count() == 5


def test_nobody_on_call_asks_all_supervisors_and_says_so(cast, client) -> None:
    """SMS-62: an empty rota never means that nobody is asked."""
    alert = alerts.alert(client, cast.north)

    (page,) = alert.pages.all()
    assert (page.role, page.user_id, page.nobody_on_call, alert.nobody_on_call) == ("supervisor", None, True, True)


def test_all_supervisors_are_asked_also_where_one_is_on_the_team(cast, client) -> None:
    """SMS-62: with an empty rota nobody is nearer to a crisis than another supervisor, who may be away."""
    alerts.on_team(client, cast.supervisor.id, Role.SUPERVISOR, cast.north)
    other = people.staff(Role.SUPERVISOR, at=cast.north)

    alert = alerts.alert(client, cast.north)

    asked = WorkItem.objects.open().filter(source_id__in=alert.pages.values("id"))
    assert asked.count() == 1
    assert [asked.mine(each).count() for each in (cast.supervisor, other, cast.peer)] == [1, 1, 0]


def test_somebody_who_left_is_not_on_call(cast, client, rota) -> None:
    """SMS-62: the rota does not outlive a membership."""
    Membership.objects.filter(user_id=cast.therapist.id).update(ended_at=NOON)

    alert = alerts.alert(client, cast.north)

    assert alert.nobody_on_call
    assert pages(alert)[0][1] == "supervisor"


def test_a_low_alert_climbs_peer_case_manager_therapist_supervisor(cast, client, rota, travel) -> None:
    """F7, MSR-06: equal shares of the time until the end of the next business day."""
    alerts.on_team(client, cast.peer.id, Role.PEER_SPECIALIST, cast.north)
    alerts.on_team(client, cast.case_manager.id, Role.CASE_MANAGER, cast.north, lead=True)
    alert = alerts.alert(client, cast.north, severity=Severity.LOW, what=What.CSSRS_LOW)
    assert alert.answer_by == datetime(2026, 11, 25, 23, tzinfo=UTC)  # five on Wednesday in Chicago
    share = (alert.answer_by - NOON) / 3

    moved = []
    for part in (0.99, 1.001, 2.01, 3.02):
        travel(NOON + share * part)
        moved.append(escalate())

    assert moved == [0, 1, 1, 1]
    people_asked = [who for _, who, _ in pages(alert)]
    assert people_asked == [cast.peer.id, cast.case_manager.id, rota["therapist"], rota["supervisor"]]


def test_a_step_that_finds_nobody_is_passed_over(cast, client, rota) -> None:
    """F7: no peer on the team, so the case managers are asked at once."""
    alert = alerts.alert(client, cast.north, severity=Severity.LOW, what=What.CSSRS_LOW)

    assert [(step, who) for step, who, _ in pages(alert)] == [(1, "case_manager")]


def test_a_high_alert_asks_a_clinician_at_once_and_the_supervisor_at_half_time(cast, client, rota, travel) -> None:
    """MSR-06: the same day, and never a peer only, even with a peer on the team."""
    alerts.on_team(client, cast.peer.id, Role.PEER_SPECIALIST, cast.north)
    alerts.on_team(client, cast.case_manager.id, Role.CASE_MANAGER, cast.north)
    alert = alerts.alert(client, cast.north, severity=Severity.HIGH, what=What.CSSRS_HIGH)
    assert {who for _, who, _ in pages(alert)} == {cast.case_manager.id, rota["therapist"]}

    travel(NOON + timedelta(hours=4, minutes=1))
    escalate()

    assert {who for step, who, _ in pages(alert) if step == 1} == {rota["backup"], rota["supervisor"]}


def test_an_acknowledgement_stops_the_ladder(cast, client, rota, travel) -> None:
    """F7: any valid acknowledgement; nothing is asked afterwards and the pages leave the worklist."""
    alert = alerts.alert(client, cast.north, severity=Severity.HIGH, what=What.CSSRS_HIGH)

    move_alert(alert_id=alert.id, order=AlertOrder("acknowledge"), actor=cast.case_manager)
    travel(NOON + timedelta(days=3))

    assert escalate() == 0
    assert len(pages(alert)) == 2
    (left,) = WorkItem.objects.open().filter(kind=ItemKind.RISK_ALERT)
    assert (left.source_type, left.role, left.assignee_id) == ("risk_alert", "therapist", None)  # a clinician's yet


def test_without_human_contact_a_supervisor_decides_even_if_somebody_acknowledged(cast, client, rota, travel) -> None:
    """SMS-62: 15 minutes without contact lead to the decision, once."""
    alert = alerts.alert(client, cast.north)
    travel(NOON + minutes(2))
    move_alert(alert_id=alert.id, order=AlertOrder("acknowledge"), actor=cast.therapist)

    assert [at_minute(travel, count) for count in (14.9, 15.1, 40)] == [0, 1, 0]

    ((step, who, _),) = pages(alert, purpose="decide")
    assert who == rota["supervisor"]
    page = alert.pages.get(purpose="decide")
    item = WorkItem.objects.open().get(source_id=page.id)
    assert (item.assignee_id, item.role, item.priority) == (rota["supervisor"], "supervisor", 0)


def test_reaching_the_client_calls_for_no_decision(cast, client, rota, travel) -> None:
    """SMS-62: a peer's call counts as human contact; an attempt in vain does not."""
    reached, missed = alerts.alert(client, cast.north), alerts.alert(client, cast.north)
    travel(NOON + minutes(3))
    tried = {"kind": "contact_attempt", "channel": "phone"}
    write_note(alert_id=reached.id, new=NewNote(**tried, outcome="reached"), actor=cast.peer)
    write_note(alert_id=missed.id, new=NewNote(**tried, outcome="no_answer"), actor=cast.peer)

    at_minute(travel, 15.1)

    assert not reached.pages.filter(purpose="decide").exists()
    assert missed.pages.filter(purpose="decide").count() == 1


def test_contact_before_it_worsened_calls_off_no_decision(cast, client, rota, travel) -> None:
    """SMS-62: who spoke with the client before the alert became a crisis, and notes it late, has not reached them."""
    alert = alerts.alert(client, cast.north, severity=Severity.LOW)
    travel(NOON + minutes(30))
    move_alert(alert_id=alert.id, order=AlertOrder("worsen", {"severity": "critical"}), actor=cast.peer)
    earlier = NewNote("contact_attempt", channel="phone", outcome="reached", happened_at=NOON + minutes(5))

    write_note(alert_id=alert.id, new=earlier, actor=cast.peer)
    at_minute(travel, 45.1)

    assert alert.pages.filter(purpose="decide").count() == 1


def test_reaching_the_client_later_takes_the_decision_off_the_worklist(cast, client, rota, travel) -> None:
    """SMS-62: once somebody speaks with the client, nothing is left to decide."""
    alert = alerts.alert(client, cast.north)
    at_minute(travel, 15.1)
    page = alert.pages.get(purpose="decide")

    write_note(
        alert_id=alert.id,
        new=NewNote(kind="contact_attempt", channel="phone", outcome="reached"),
        actor=cast.therapist,
    )

    assert not WorkItem.objects.open().filter(source_id=page.id).exists()


def test_a_sweep_that_finds_nothing_asks_one_question(cast, client, rota) -> None:
    """Reliability F6: standing still is cheap."""
    with CaptureQueriesContext(connection) as queries:
        assert escalate() == 0

    assert len([each for each in queries if " FROM " in each["sql"]]) == 1


def test_a_long_outage_asks_each_step_once_when_it_ends(cast, client, rota, travel) -> None:
    """F7: nobody is asked for the hours that were lost."""
    alert = alerts.alert(client, cast.north)
    travel(NOON + timedelta(hours=10))

    assert [escalate(), escalate()] == [1, 0]
    assert len(pages(alert)) == 3


def test_an_alert_that_opens_on_peers_alone_asks_a_supervisor_for_somebody_else(cast, client, rota) -> None:
    """PEER-02: sole assignment of a peer to a client with a high or critical risk is not left as it is."""
    alerts.on_team(client, cast.peer.id, Role.PEER_SPECIALIST, cast.north)

    grave = alerts.alert(client, cast.north, severity=Severity.HIGH, what=What.CSSRS_HIGH)
    mild = alerts.alert(client, cast.north, severity=Severity.MODERATE, what=What.CSSRS_MODERATE)

    page = grave.pages.get(purpose="assign")
    assert WorkItem.objects.open().get(source_id=page.id).role == Role.SUPERVISOR
    assert not mild.pages.filter(purpose="assign").exists()


def test_a_team_with_a_case_manager_needs_nobody_else(cast, client, rota) -> None:
    """PEER-02: a peer beside a case manager is not alone."""
    alerts.on_team(client, cast.peer.id, Role.PEER_SPECIALIST, cast.north)
    alerts.on_team(client, cast.case_manager.id, Role.CASE_MANAGER, cast.north)

    assert not alerts.alert(client, cast.north).pages.filter(purpose="assign").exists()
