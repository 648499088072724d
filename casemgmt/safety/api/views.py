"""Alerts over HTTP: what is open, raising one, answering it, noting on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.transitions import Order, TransitionsOut, TransitionsView
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.lifecycle import Option
from casemgmt.safety.models import AlertMove, AlertNote, AlertPage, RiskAlert
from casemgmt.safety.services.answering import AlertOrder, look_ahead, move_alert
from casemgmt.safety.services.noting import NewNote, write_note
from casemgmt.safety.services.raising import raise_by_hand

from . import serializers as shapes


class AlertsView(ListView):
    """GET lists the organization's alerts, gravest first, then oldest; POST raises one."""

    model = RiskAlert
    output = shapes.AlertOut
    query = shapes.AlertsIn
    filters = {"client": "client_id", "severity": "severity", "stage": "stage"}
    ordering = ("urgency", "raised_at", "id")
    audit_action = "alert"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what is closed or what is not, mine, or the one that a page belongs to."""
        kept: Any = super().narrow(rows, asked)
        if asked.get("page") is not None:
            return kept.filter(pages=asked["page"])  # type: ignore[no-any-return]
        kept = kept.filter(closed_at__isnull=not asked["closed"])
        return kept.concerning(self.actor.id) if asked["mine"] else kept  # type: ignore[no-any-return]

    @extend_schema(operation_id="alerts_list", parameters=[shapes.AlertsIn], responses=page_of(shapes.AlertOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List alerts."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="alerts_raise", request=shapes.AlertIn, responses={201: shapes.AlertOut})
    def post(self, request: Request) -> Response:
        """Raise an alert; 409 `alert_open` names the one that says the same and is not closed."""
        given = self.given(shapes.AlertIn)
        alert = raise_by_hand(
            client_id=given["client"],
            severity=given["severity"],
            what=given["what"],
            episode_id=given["episode"],
            actor=self.actor,
        )
        return Response(self.shown(alert), status=201, headers=etag(alert.version))


class AlertView(DetailView):
    """GET: one alert with whom it asked, what was noted and what was decided."""

    model = RiskAlert
    output = shapes.AlertWholeOut
    audit_action = "alert"

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, with pages, notes and ledger in the order they were written."""
        return (
            super()
            .rows()
            .prefetch_related(
                Prefetch("pages", AlertPage.objects.order_by("id")),
                Prefetch("notes", AlertNote.objects.order_by("seq")),
                Prefetch("moves", AlertMove.objects.order_by("seq")),
            )
        )

    @extend_schema(operation_id="alerts_read", responses=shapes.AlertWholeOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one alert."""
        return super().get(request, pk, **kwargs)


class AlertTransitionsView(TransitionsView):
    """GET says what may happen next; POST makes it happen: acknowledge, worsen, lower, close."""

    audit_action = "alert"
    order_in = shapes.AlertOrderIn

    def look(self, pk: UUID) -> tuple[str, int, UUID | None, list[Option]]:
        """Look ahead."""
        alert, found = look_ahead(alert_id=pk, actor=self.actor)
        return str(alert.stage), alert.version, alert.client_id, found

    def move(self, pk: UUID, order: Order) -> tuple[dict[str, Any], int]:
        """Move the alert."""
        if order.effective_at is not None:
            raise Invalid(fields={"effective_at": ["An alert is answered now."]})
        wanted = AlertOrder(order.verb, order.given, reason=order.reason, version=order.version)
        row = move_alert(alert_id=pk, order=wanted, actor=self.actor)
        return dict(shapes.AlertMoveOut(row).data), row.alert.version

    @extend_schema(operation_id="alerts_transitions", responses=TransitionsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is allowed, blocked and why."""
        return super().get(request, pk)

    @extend_schema(operation_id="alerts_move", request=shapes.AlertOrderIn, responses={201: shapes.AlertMoveOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Move, or be told everything that stands against it; 422 `outside_peer_scope` for peers (PEER-02)."""
        return super().post(request, pk)


class AlertNotesView(ApiView):
    """POST: note something, or an attempt to reach the client."""

    audit_action = "alert_note"

    @extend_schema(operation_id="alerts_note", request=shapes.NoteIn, responses={201: shapes.AlertNoteOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Note something on an alert; it stays as it is written."""
        note = write_note(alert_id=pk, new=NewNote(**self.given(shapes.NoteIn)), actor=self.actor)
        return Response(shapes.AlertNoteOut(note).data, status=201)
