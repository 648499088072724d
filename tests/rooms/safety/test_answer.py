"""Taking, raising, lowering and closing an alert: who may, what must be told, what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import record_death
from casemgmt.kernel import clock
from casemgmt.kernel.errors import DomainError, GuardsFailed
from casemgmt.measures.services import NewResponse, record_response
from casemgmt.safety.models import AlertMove, AlertNote, RiskAlert
from casemgmt.safety.services.answering import AlertOrder, move_alert
from casemgmt.safety.services.noting import NewNote, write_note
from casemgmt.safety.words import Severity, What
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import alerts, people

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)
CLINICIANS = (Role.THERAPIST, Role.SUPERVISOR)


@pytest.fixture
def client(cast, travel) -> Client:
    travel(NOON)
    return people.client(cast.north)


def move(alert: RiskAlert, verb: str, actor, *, reason: str = "", **given: Any) -> AlertMove:
    return move_alert(alert_id=alert.id, order=AlertOrder(verb, given, reason=reason), actor=actor)


def close(alert: RiskAlert, actor, **told: Any) -> AlertMove:
    return move(alert, "close", actor, **alerts.closing(clock.now(), **told))


def refused(work) -> str:
    """Return the code that refuses; every code of failed guards, joined."""
    with pytest.raises(DomainError) as caught:
        work()
    if isinstance(caught.value, GuardsFailed):
        return ",".join(refusal.code for refusal in caught.value.refusals)
    return caught.value.code


def stage_of(alert: RiskAlert) -> tuple[str, str]:
    return RiskAlert.objects.values_list("stage", "severity").get(pk=alert.pk)


def try_to_reach(alert: RiskAlert, actor, outcome: str = "no_answer") -> AlertNote:
    new = NewNote(kind="contact_attempt", channel="phone", outcome=outcome)
    return write_note(alert_id=alert.id, new=new, actor=actor)


# --- taking it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
def test_a_peer_does_not_take_a_grave_alert_alone(cast, client, severity) -> None:
    """PEER-02: crisis is not the peer's to take, and the ladder goes on."""
    alert = alerts.alert(client, cast.north, severity=severity)

    code = refused(lambda: move(alert, "acknowledge", cast.peer))

    assert (code, stage_of(alert)) == ("outside_peer_scope", ("open", severity))
    assert RiskAlert.objects.get().next_page_at is not None
    assert write_note(alert_id=alert.id, new=NewNote(kind="note", text="Is with me."), actor=cast.peer)


def test_a_peer_takes_a_low_one(cast, client) -> None:
    """F7: the first step of the ladder is the peer's; a clinician still closes it (MSR-07)."""
    alert = alerts.alert(client, cast.north, severity=Severity.LOW, what=What.CSSRS_LOW)

    move(alert, "acknowledge", cast.peer)

    assert stage_of(alert) == ("acknowledged", "low")
    assert WorkItem.objects.open().get(source_id=alert.id).role == Role.THERAPIST


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, *CLINICIANS])
def test_staff_take_a_crisis_and_the_clinician_keeps_it(cast, client, role) -> None:
    """MSR-06: whoever takes it, a clinician sees the client; who is one keeps the work."""
    alert = alerts.alert(client, cast.north)
    actor = cast.at_north[role]

    move(alert, "acknowledge", actor)

    alert = RiskAlert.objects.get()
    assert (alert.stage, alert.acknowledged_by_id, alert.next_page_at) == ("acknowledged", actor.id, None)
    item = WorkItem.objects.open().get(source_id=alert.id, kind=ItemKind.RISK_ALERT)
    assert item.assignee_id == (actor.id if role in CLINICIANS else None)


def test_taking_twice_is_refused(cast, client) -> None:
    """SMS-62: one answer is one row."""
    alert = alerts.alert(client, cast.north)
    move(alert, "acknowledge", cast.therapist)

    assert refused(lambda: move(alert, "acknowledge", cast.supervisor)) == "wrong_stage"
    assert AlertMove.objects.filter(alert=alert).count() == 2


# --- severity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", CLINICIANS)
def test_clinicians_lower_with_a_reason(cast, client, role) -> None:
    """MSR-07: therapist and supervisor; the ledger keeps both severities and why."""
    alert = alerts.alert(client, cast.north)

    row = move(alert, "lower", cast.at_north[role], reason="A quote from a song.", severity="moderate")

    alert = RiskAlert.objects.get()
    assert (alert.stage, alert.severity, alert.contact_due_at) == ("acknowledged", "moderate", None)
    assert alert.answer_by == NOON + timedelta(hours=24)
    assert (row.reason, row.given) == (
        "A quote from a song.",
        {"severity_before": "critical", "severity": "moderate"},
    )


def test_nobody_else_lowers(cast, client) -> None:
    """MSR-07, PEER-02: a peer is told that it is outside the peer's scope, a case manager that the role may not."""
    alert = alerts.alert(client, cast.north)

    def lower(role: Role) -> str:
        return refused(lambda: move(alert, "lower", cast.at_north[role], reason="Seems fine.", severity="low"))

    assert lower(Role.PEER_SPECIALIST) == "outside_peer_scope"
    assert lower(Role.CASE_MANAGER) == "not_permitted"
    assert lower(Role.PRIVACY_OFFICER) == "not_permitted"
    assert lower(Role.HOUSE_MANAGER) == "not_found"
    assert stage_of(alert) == ("open", "critical")


def test_lowering_needs_a_reason_and_a_lower_severity(cast, client) -> None:
    """MSR-07: neither silently nor sideways."""
    alert = alerts.alert(client, cast.north, severity=Severity.HIGH)

    assert refused(lambda: move(alert, "lower", cast.therapist, severity="low")) == "data_missing"
    assert refused(lambda: move(alert, "lower", cast.therapist, severity="low", reason="  ")) == "data_missing"
    assert refused(lambda: move(alert, "lower", cast.therapist, reason="x", severity="high")) == "invalid"
    assert refused(lambda: move(alert, "lower", cast.therapist, reason="x", severity="critical")) == "invalid"
    assert stage_of(alert) == ("open", "high")


def test_anybody_of_the_team_raises_it_and_the_ladder_begins_anew(cast, client) -> None:
    """MSR-07: a peer may raise; what was acknowledged is asked about again."""
    alert = alerts.alert(client, cast.north, severity=Severity.LOW, what=What.CSSRS_LOW)
    move(alert, "acknowledge", cast.case_manager)

    move(alert, "worsen", cast.peer, severity="critical")

    alert = RiskAlert.objects.get()
    assert (alert.stage, alert.severity, alert.step) == ("open", "critical", 0)
    assert (alert.next_page_at, alert.contact_due_at) == (NOON + timedelta(minutes=5), NOON + timedelta(minutes=15))
    assert refused(lambda: move(alert, "worsen", cast.peer, severity="high")) == "invalid"


# --- closing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", CLINICIANS)
def test_clinicians_close_with_everything_told(cast, client, role) -> None:
    """SMS-65: outcome, C-SSRS or why not, safety plan, follow-up and disposition; the follow-up is due work."""
    alert = alerts.alert(client, cast.north)
    actor = cast.at_north[role]

    row = close(alert, actor)

    alert = RiskAlert.objects.get()
    assert (alert.stage, alert.disposition, alert.closed_by_id, alert.closed_at) == (
        "closed",
        "safe_with_plan",
        actor.id,
        NOON,
    )
    assert row.given["cssrs_not_done"] == "Was taken yesterday."
    assert (row.given["contact_outcome"], row.given["safety_plan_updated"]) == ("reached", False)
    (item,) = WorkItem.objects.open()
    assert (item.kind, item.assignee_id, item.due_at) == ("risk_follow_up", actor.id, NOON + timedelta(hours=20))


def test_nobody_else_closes(cast, client) -> None:
    """SMS-65, PEER-02: a peer may add notes, may not close."""
    alert = alerts.alert(client, cast.north)

    assert refused(lambda: close(alert, cast.peer)) == "outside_peer_scope"
    assert refused(lambda: close(alert, cast.case_manager)) == "not_permitted"
    assert stage_of(alert) == ("open", "critical")
    assert not WorkItem.objects.filter(kind=ItemKind.RISK_FOLLOW_UP).exists()


@pytest.mark.parametrize("name", ["contact_outcome", "disposition", "safety_plan_updated", "follow_up_at"])
def test_closing_without_one_of_them_is_refused(cast, client, name) -> None:
    """SMS-65: each is needed."""
    alert = alerts.alert(client, cast.north)

    assert refused(lambda: close(alert, cast.therapist, **{name: None})) == "data_missing"
    assert stage_of(alert)[0] == "open"


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ({"cssrs_not_done": ""}, "cssrs_missing"),
        ({"cssrs_not_done": "   "}, "cssrs_missing"),
        ({"follow_up_at": NOON + timedelta(hours=24, seconds=1)}, "follow_up_too_late"),
        ({"follow_up_at": NOON}, "follow_up_too_late"),
        ({"contact_outcome": "not_reached"}, "outcome_does_not_fit"),
        ({"contact_outcome": "not_reached", "disposition": "same_day_visit"}, "outcome_does_not_fit"),
        (
            {"cssrs_not_done": "", "follow_up_at": NOON + timedelta(days=2), "contact_outcome": "not_reached"},
            "outcome_does_not_fit,cssrs_missing,follow_up_too_late",
        ),
    ],
)
def test_what_is_told_must_hold(cast, client, told, codes) -> None:
    """SMS-65: every failed condition comes back together, and nothing is closed."""
    alert = alerts.alert(client, cast.north)

    assert refused(lambda: close(alert, cast.therapist, **told)) == codes
    assert stage_of(alert)[0] == "open"


def test_a_c_ssrs_is_the_client_s_and_not_older_than_the_alert(cast, client, travel) -> None:
    """SMS-65: the result is read from the response, not told."""

    def screen(who: Client) -> Any:
        items = {"1": 1, "2": 0, "6": 0}
        new = NewResponse(client_id=who.id, instrument="cssrs", items=items, mode="phone")
        return record_response(new=new, actor=cast.therapist).id

    before = screen(client)
    travel(NOON + timedelta(minutes=1))
    alert = alerts.alert(client, cast.north)
    others = screen(people.client(cast.north))
    now = screen(client)

    for wrong in (before, others, alert.id):
        assert refused(lambda wrong=wrong: close(alert, cast.therapist, cssrs_response=wrong)) == "invalid"
    assert close(alert, cast.therapist, cssrs_response=now).given["cssrs_result"] == "low"


def test_unable_to_reach_takes_three_attempts_over_a_day_and_a_supervisor(cast, client, travel) -> None:
    """SMS-65: not before 3 attempts over 24 h, and a supervisor signs."""
    alert = alerts.alert(client, cast.north)
    told = {"disposition": "unable_to_reach", "contact_outcome": "not_reached"}
    for hours in (0, 1, 23.9):
        travel(NOON + timedelta(hours=hours))
        try_to_reach(alert, cast.peer)

    assert refused(lambda: close(alert, cast.therapist, **told)) == "not_permitted"
    assert refused(lambda: close(alert, cast.supervisor, **told)) == "attempts_missing"
    travel(NOON + timedelta(hours=24))
    try_to_reach(alert, cast.case_manager, "left_message")
    assert refused(lambda: close(alert, cast.therapist, **told)) == "not_permitted"
    assert refused(lambda: close(alert, cast.supervisor, **told | {"contact_outcome": "reached"})) == (
        "outcome_does_not_fit"
    )

    close(alert, cast.supervisor, **told)
    assert RiskAlert.objects.get().disposition == "unable_to_reach"


def test_two_attempts_over_two_days_are_too_few(cast, client, travel) -> None:
    """SMS-65: the count matters as well as the time; reaching the client begins the count anew."""
    alert = alerts.alert(client, cast.north)
    told = {"disposition": "unable_to_reach", "contact_outcome": "not_reached"}
    for hours, outcome in ((0, "no_answer"), (1, "reached"), (2, "no_answer"), (48, "no_answer")):
        travel(NOON + timedelta(hours=hours))
        try_to_reach(alert, cast.therapist, outcome)

    assert refused(lambda: close(alert, cast.supervisor, **told)) == "attempts_missing"


def test_what_is_closed_stays_closed(cast, client) -> None:
    """SMS-65: a new worry is a new alert."""
    alert = alerts.alert(client, cast.north)
    close(alert, cast.therapist)

    assert refused(lambda: close(alert, cast.therapist)) == "wrong_stage"
    assert refused(lambda: move(alert, "worsen", cast.peer, severity="critical")) == "wrong_stage"
    assert alerts.alert(client, cast.north, source_id=alert.source_id).id != alert.id


def test_closing_takes_everything_off_the_worklist(cast, client) -> None:
    """SMS-62: pages, the decision, the due screener and the crisis text are settled together."""
    items = {**{str(number): 0 for number in range(1, 9)}, "9": 3}
    record_response(
        new=NewResponse(client_id=client.id, instrument="phq9", items=items, mode="phone"), actor=cast.therapist
    )
    alert = RiskAlert.objects.get()
    assert WorkItem.objects.open().filter(kind=ItemKind.SAFETY_SCREEN_DUE).exists()

    close(alert, cast.therapist)

    assert [item.kind for item in WorkItem.objects.open()] == ["risk_follow_up"]


def test_a_death_closes_every_alert_of_the_client(cast, client) -> None:
    """T17: with a disposition of its own, in the same transaction, and nobody is asked to follow up."""
    alerts.alert(client, cast.north)
    alerts.alert(client, cast.south, severity=Severity.LOW, what=What.CSSRS_LOW)
    other = alerts.alert(people.client(cast.north), cast.north)

    record_death(client_id=client.id, died_on=None, actor=cast.therapist)

    closed = RiskAlert.objects.filter(client=client)
    assert list(closed.values_list("stage", "disposition")) == [("closed", "client_died")] * 2
    assert set(AlertMove.objects.filter(verb="close").values_list("rule", flat=True)) == {"T17"}
    assert stage_of(other)[0] == "open"
    assert not WorkItem.objects.open().filter(client_id=client.id).exists()
