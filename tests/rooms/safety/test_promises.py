"""What PostgreSQL keeps of alerts, whoever writes."""

from __future__ import annotations

import pytest
from django.db import Error, IntegrityError, connection, transaction

from casemgmt.kernel import clock
from casemgmt.kernel.ids import new_id
from casemgmt.safety.models import AlertMove, AlertNote, AlertPage, RiskAlert
from tests.factories import alerts, people


@pytest.fixture
def alert(cast) -> RiskAlert:
    return alerts.alert(people.client(cast.north), cast.north)


@pytest.mark.parametrize("model", [AlertMove, AlertPage, AlertNote])
def test_what_happened_is_never_changed(cast, alert, model) -> None:
    AlertNote.objects.create(
        alert=alert, kind="note", text="x", happened_at=alert.raised_at, written_by_id=cast.therapist.id
    )
    field = {"AlertMove": "reason", "AlertPage": "role", "AlertNote": "text"}[model.__name__]

    for forbidden in (lambda: model.objects.update(**{field: "y"}), lambda: model.objects.all().delete()):
        with pytest.raises(Error, match=r"append-only|permission denied"), transaction.atomic():
            forbidden()


def test_a_stage_without_its_row_of_the_ledger_does_not_commit(alert) -> None:
    """SMS-65: nobody closes past the ledger."""
    taken = "UPDATE safety_riskalert SET stage = 'acknowledged', next_page_at = NULL WHERE id = %s"

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        _at_commit(cursor, taken, alert)


def _at_commit(cursor, statement: str, alert: RiskAlert) -> None:
    with transaction.atomic():
        cursor.execute(statement, [alert.id])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "columns",
    [
        {"next_page_at": None},  # an open alert whom nobody is asked about
        {"severity": "huge"},
        {"what": "something"},
        {"source": "staff"},
        {"disposition": "ed"},
        {"closed_at": "now"},
    ],
)
def test_a_row_that_cannot_be(alert, columns) -> None:
    given = {name: clock.now() if value == "now" else value for name, value in columns.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        RiskAlert.objects.filter(pk=alert.pk).update(**given)


def test_one_worry_is_open_once(alert) -> None:
    """F7: also for texts of nobody known, where the client is null."""
    unknown = alerts.alert(None, alert.organization)

    for one in (alert, unknown):
        with pytest.raises(IntegrityError), transaction.atomic():
            RiskAlert.objects.create(
                client_id=one.client_id,
                organization_id=one.organization_id,
                severity="critical",
                source="text",
                what=one.what,
                source_id=one.source_id,
                raised_at=one.raised_at,
                ladder_from=one.raised_at,
                answer_by=one.raised_at,
                next_page_at=one.raised_at,
            )


def test_a_row_of_the_ledger_that_lifecycle_does_not_allow(alert) -> None:
    """SMS-65: what is closed is not opened."""
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertMove.objects.create(
            alert=alert, verb="reopen", rule="x", from_stage="closed", to_stage="open", actor_kind="staff",
            actor_id=new_id(),
        )  # fmt: skip
