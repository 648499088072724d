"""What a recorded screener raises, in the transaction that records it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.clients.models import Client
from casemgmt.kernel import clock
from casemgmt.measures.models import Response
from casemgmt.measures.services import NewResponse, amend_response, record_response
from casemgmt.safety.models import AlertMove, AlertPage, RiskAlert
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import people

CALM = {str(number): 0 for number in range(1, 10)}
NO = {str(number): 0 for number in range(1, 7)}


@pytest.fixture
def client(cast) -> Client:
    return people.client(cast.north)


def phq9(client: Client, actor, item_9: int, **more: int) -> Response:
    new = NewResponse(client_id=client.id, instrument="phq9", items={**CALM, "9": item_9, **more}, mode="phone")
    return record_response(new=new, actor=actor)


def cssrs(client: Client, actor, **items: int) -> Response:
    answers = {"1": 0, "2": 0, "6": 0, **{name.removeprefix("q"): value for name, value in items.items()}}
    new = NewResponse(client_id=client.id, instrument="cssrs", items=answers, mode="phone")
    return record_response(new=new, actor=actor)


def screens() -> list[WorkItem]:
    return list(WorkItem.objects.open().filter(kind=ItemKind.SAFETY_SCREEN_DUE))


def test_a_total_of_one_raises_when_it_is_item_9(cast, client, travel) -> None:
    """MSR-05: item 9 = 1 is a high alert and a C-SSRS due the same local day, whatever the total."""
    travel(datetime(2026, 11, 24, 3, tzinfo=UTC))  # nine in the evening of Monday in Chicago

    response = phq9(client, cast.peer, 1)

    alert = RiskAlert.objects.get()
    assert response.scores["total"] == 1
    assert (alert.severity, alert.what, alert.source, alert.source_id) == (
        "high",
        "phq9_item_9",
        "measure",
        response.id,
    )
    assert (alert.client_id, alert.organization_id, alert.stage) == (client.id, cast.north.id, "open")
    assert alert.contact_due_at is None
    (screen,) = screens()
    assert (screen.due_at, screen.priority) == (datetime(2026, 11, 24, 6, tzinfo=UTC), 0)  # midnight in Chicago


def test_nearly_every_day_is_critical(cast, client) -> None:
    """MSR-05: item 9 = 3 takes the critical path of SMS-62, as one alert."""
    phq9(client, cast.peer, 3)

    alert = RiskAlert.objects.get()
    assert (alert.severity, alert.what) == ("critical", "phq9_item_9_daily")
    assert alert.contact_due_at == alert.raised_at + timedelta(minutes=15)
    assert len(screens()) == 1


def test_a_severe_total_without_item_9_raises_nothing(cast, client) -> None:
    """MSR-05: only item 9 does."""
    phq9(client, cast.therapist, 0, **{str(number): 3 for number in range(1, 9)})

    assert not RiskAlert.objects.exists()
    assert screens() == []


@pytest.mark.parametrize(
    ("items", "severity"),
    [
        ({"q2": 0, "q6": 0}, None),
        ({"q1": 1}, "low"),
    ],
)
def test_a_c_ssrs_raises_what_its_triage_says(cast, client, items, severity) -> None:
    """MSR-06: nothing for none, low for a wish to be dead."""
    cssrs(client, cast.peer, **items)

    assert list(RiskAlert.objects.values_list("severity", flat=True)) == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("items", "severity", "hours"),
    [
        ({"q1": 1, "q2": 1, "q3": 1, "q4": 0, "q5": 0}, "moderate", 24),
        ({"q1": 1, "q2": 1, "q3": 0, "q4": 1, "q5": 0}, "high", 8),
    ],
)
def test_graver_answers_are_due_sooner(cast, client, items, severity, hours) -> None:
    """MSR-06: moderate within 24 hours, high the same day."""
    cssrs(client, cast.peer, **items)

    alert = RiskAlert.objects.get()
    assert (alert.severity, alert.what) == (severity, f"cssrs_{severity}")
    assert alert.answer_by == alert.raised_at + timedelta(hours=hours)


def test_a_c_ssrs_settles_that_one_was_due(cast, client) -> None:
    """MSR-05: the screener that was due is done; the alert stays until a clinician closes it (SMS-65)."""
    elsewhere = people.client(cast.north)
    phq9(client, cast.therapist, 1)
    phq9(elsewhere, cast.therapist, 1)

    cssrs(client, cast.peer)

    assert [item.client_id for item in screens()] == [elsewhere.id]
    assert RiskAlert.objects.unclosed().filter(client=client).count() == 1


def test_an_older_c_ssrs_that_is_told_late_settles_nothing(cast, client) -> None:
    """MSR-05: what was answered before the thoughts were reported is not the screener that they ask for."""
    phq9(client, cast.therapist, 1)
    answers = {"1": 0, "2": 0, "6": 0}
    last_month = clock.now() - timedelta(days=30)
    new = NewResponse(client_id=client.id, instrument="cssrs", items=answers, mode="phone", completed_at=last_month)

    late = record_response(new=new, actor=cast.peer)
    amend_response(response_id=late.id, items={**answers, "6": 0, "1": 0}, reason="typo", actor=cast.therapist)

    assert len(screens()) == 1
    cssrs(client, cast.peer)
    assert screens() == []


def test_another_organization_s_screener_settles_nothing_here(cast, client) -> None:
    """MSR-05: each organization answers for its own."""
    from casemgmt.access.models import Grant, Reason

    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.REFERRAL)
    phq9(client, cast.therapist, 1)

    cssrs(client, cast.at_south["therapist"])

    assert len(screens()) == 1


def test_a_correction_goes_on_with_the_same_alert(cast, client) -> None:
    """MSR-05: an amendment with the same answer adds nothing, and the alert stands for the answers in force."""
    first = phq9(client, cast.therapist, 1)

    second = amend_response(response_id=first.id, items={**CALM, "1": 1, "9": 1}, reason="typo", actor=cast.therapist)

    alert = RiskAlert.objects.get()
    assert (alert.source_id, alert.severity, AlertMove.objects.count()) == (second.id, "high", 1)


def test_a_correction_to_something_graver_raises(cast, client) -> None:
    """MSR-05: item 9 was 3, not 1."""
    first = phq9(client, cast.therapist, 1)

    amend_response(response_id=first.id, items={**CALM, "9": 3}, reason="typo", actor=cast.therapist)

    assert sorted(RiskAlert.objects.values_list("severity", flat=True)) == ["critical", "high"]


def test_a_correction_to_something_lighter_lowers_nothing_by_itself(cast, client) -> None:
    """MSR-07: a clinician lowers or closes, a correction does not."""
    first = phq9(client, cast.therapist, 3)

    amend_response(response_id=first.id, items={**CALM, "9": 0}, reason="typo", actor=cast.therapist)

    assert list(RiskAlert.objects.values_list("severity", "stage")) == [("critical", "open")]


def test_work_items_and_pages_hold_nothing_of_the_answers(cast, client) -> None:
    """F7: a page names the alert, and the worklist names the page."""
    phq9(client, cast.therapist, 3)

    page = AlertPage.objects.get()
    item = WorkItem.objects.open().get(kind=ItemKind.RISK_ALERT)
    assert (item.source_type, item.source_id, item.due_at) == ("alert_page", page.id, page.deadline)
    assert page.deadline == clock.now() + timedelta(minutes=5)
