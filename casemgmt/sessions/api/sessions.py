"""Sessions over HTTP: the calendar, planning, changing, holding, calling off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.transitions import Order, TransitionsOut, TransitionsView
from casemgmt.api.views import DetailView, ListView, etag
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.lifecycle import Option, declared_verb
from casemgmt.sessions.models import Session, SessionMove
from casemgmt.sessions.services.attending import Holding, enter_in_error, hold_session
from casemgmt.sessions.services.parties import Elsewhere
from casemgmt.sessions.services.scheduling import (
    NewSession,
    Planned,
    cancel_session,
    change_session,
    look_ahead,
    schedule_session,
)
from casemgmt.sessions.services.steps import Told
from casemgmt.sessions.words import AttendanceState, Format

from . import serializers as shapes


def told_of(given: Mapping[str, Any]) -> Told:
    """Return what a body tells of one client's part."""
    state = AttendanceState(given["state"])
    return Told(given["client"], state, given.get("minutes"), given["cancelled_by"], given["reason"])


def warnings_of(found: Sequence[Elsewhere]) -> list[dict[str, str]]:
    """Return warnings as WarningOut describes them."""
    return [
        {"code": "client_elsewhere", "client_id": str(each.client_id), "session_id": str(each.session_id)}
        for each in found
    ]


class SessionRows:
    """What every view of sessions reads: sessions with who holds them, in one query."""

    def rows(self) -> QuerySet[Any]:
        """Return visible sessions with the members of staff."""
        return super().rows().select_related("staff")  # type: ignore[misc, no-any-return]

    def planned(self, planned: Planned, *, status: int) -> Response:
        """Return a session as it stands now, with its warnings."""
        row = self.rows().fetch(planned.session.id)  # type: ignore[attr-defined]
        shown = {**self.shown(row), "warnings": warnings_of(planned.elsewhere)}  # type: ignore[attr-defined]
        return Response(shown, status=status, headers=etag(row.version))


class SessionsView(SessionRows, ListView):
    """GET: your organization's calendar. POST plans a session."""

    model = Session
    output = shapes.SessionOut
    query = shapes.SessionsIn
    filters = {
        "staff": "staff_id",
        "program": "program_id",
        "series": "series_id",
        "discipline": "discipline",
        "stage": "stage",
        "starts_from": "starts_at__gte",
        "starts_before": "starts_at__lt",
    }
    ordering = ("starts_at", "id")
    audit_action = "session"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep the organization's own; what a client does elsewhere stands among their attendances."""
        return super().narrow(rows, asked).filter(organization_id=self.actor.organization_id)

    @extend_schema(operation_id="sessions_list", parameters=[shapes.SessionsIn], responses=page_of(shapes.SessionOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List sessions, the earliest first. Peers and houses see their own and their discipline's."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="sessions_schedule", request=shapes.SessionIn, responses={201: shapes.SessionPlannedOut}
    )
    def post(self, request: Request) -> Response:
        """Plan a session; 409 `session_overlap` when who holds it has another individual one in this time."""
        given = self.given(shapes.SessionIn)
        new = NewSession(
            starts_at=given["starts_at"],
            minutes=given["minutes"],
            mode=given["mode"],
            client_ids=tuple(given["clients"]),
            format=Format(given["format"]),
            staff_id=given.get("staff"),
            discipline=given.get("discipline"),
            program_id=given["program"],
            place_type=given["place_type"],
            title=given["title"],
        )
        return self.planned(schedule_session(new=new, actor=self.actor), status=201)


class SessionView(SessionRows, DetailView):
    """GET: one session. PATCH changes it while it is scheduled."""

    model = Session
    output = shapes.SessionOut
    audit_action = "session"

    @extend_schema(operation_id="sessions_read", responses=shapes.SessionOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one session."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="sessions_change", request=shapes.SessionChangesIn, responses=shapes.SessionPlannedOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change this session alone; needs If-Match. One of a series no longer follows it."""
        changes = dict(self.given(shapes.SessionChangesIn))
        version = self.if_match(required=True)
        planned = change_session(session_id=pk, changes=changes, version=version, actor=self.actor)
        return self.planned(planned, status=200)


class SessionTransitionsView(TransitionsView):
    """GET says what may happen next; POST makes it happen."""

    audit_action = "session"
    order_in = shapes.SessionOrderIn

    def look(self, pk: UUID) -> tuple[str, int, UUID | None, list[Option]]:
        """Look ahead."""
        session, found = look_ahead(session_id=pk, actor=self.actor)
        return str(session.stage), session.version, None, found

    def move(self, pk: UUID, order: Order) -> tuple[dict[str, Any], int]:
        """Move the session."""
        declared_verb(Session, order.verb)
        if order.effective_at is not None:
            raise Invalid(fields={"effective_at": ["A session has its own times."]})
        row = getattr(self, f"_{order.verb}")(pk, order)
        return dict(shapes.SessionMoveOut(row).data), row.session.version

    def _hold(self, pk: UUID, order: Order) -> SessionMove:
        given = order.given
        told = [told_of(each) for each in given.get("attendances", ())]
        holding = Holding(told, given.get("rest", ""), given.get("late_reason", ""), order.version)
        return hold_session(session_id=pk, holding=holding, actor=self.actor)

    def _cancel(self, pk: UUID, order: Order) -> SessionMove:
        by = order.given.get("cancelled_by", "")
        return cancel_session(
            session_id=pk, cancelled_by=by, reason=order.reason, version=order.version, actor=self.actor
        )

    def _enter_in_error(self, pk: UUID, order: Order) -> SessionMove:
        why = order.given.get("error_reason", "")
        return enter_in_error(session_id=pk, error_reason=why, version=order.version, actor=self.actor)

    @extend_schema(operation_id="sessions_transitions", responses=TransitionsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is allowed, and what each verb needs."""
        return super().get(request, pk)

    @extend_schema(operation_id="sessions_move", request=shapes.SessionOrderIn, responses={201: shapes.SessionMoveOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Hold a session with everybody's attendance in one call, call it off, or say that it was entered in error."""
        return super().post(request, pk)
