"""Who is expected and who came, over HTTP: by client, by session, one part and what was told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import DetailView, ListView, PageIn, etag
from casemgmt.sessions.models import Attendance, AttendanceMove, Session
from casemgmt.sessions.services.attending import expect_client, tell_attendance

from . import serializers as shapes
from .sessions import told_of, warnings_of


class AttendanceRows:
    """What every view here reads: attendances with their sessions and who holds them, in one query."""

    def rows(self) -> QuerySet[Any]:
        """Return visible attendances with their sessions."""
        return super().rows().select_related("session__staff")  # type: ignore[misc, no-any-return]


class AttendancesView(AttendanceRows, ListView):
    """GET: one client's attendances."""

    model = Attendance
    output = shapes.AttendanceOut
    query = shapes.AttendancesIn
    filters = {"client": "client_id", "state": "state"}
    ordering = ("-starts_at", "-id")
    audit_action = "attendance"

    @extend_schema(
        operation_id="attendances_list", parameters=[shapes.AttendancesIn], responses=page_of(shapes.AttendanceOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List one client's attendances, the latest first, wherever the sessions were held."""
        return super().get(request, **kwargs)


class SessionAttendancesView(AttendanceRows, ListView):
    """GET: who is expected at one session, of the clients you see. POST: one more."""

    model = Attendance
    output = shapes.AttendanceOut
    ordering = ("id",)
    audit_action = "attendance"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep one session's."""
        return super().narrow(rows, asked).filter(session_id=self.kwargs["pk"])

    @extend_schema(
        operation_id="session_attendances_list", parameters=[PageIn], responses=page_of(shapes.AttendanceOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List who is expected or came, in the order they were added; clients you may not see are not among them."""
        Session.objects.visible_to(self.actor).fetch(kwargs["pk"])
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="session_attendances_add",
        request=shapes.ExpectedIn,
        responses={201: shapes.AttendancePlannedOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Expect one more client of a group; after it was held, tell at once how they came."""
        given = self.given(shapes.ExpectedIn)
        told = told_of(given) if "state" in given else None
        place = expect_client(session_id=pk, client_id=given["client"], told=told, actor=self.actor)
        row = self.rows().fetch(place.attendance.id)  # type: ignore[attr-defined]
        shown = {**self.shown(row), "warnings": warnings_of(place.elsewhere)}
        return Response(shown, status=201, headers=etag(row.version))


class AttendanceView(AttendanceRows, DetailView):
    """GET: one client's part in one session. PATCH tells it."""

    model = Attendance
    output = shapes.AttendanceOut
    audit_action = "attendance"

    @extend_schema(operation_id="attendances_read", responses=shapes.AttendanceOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one part."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="attendances_tell", request=shapes.AttendanceChangesIn, responses=shapes.AttendanceOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Tell one part, or tell it anew with a reason; needs If-Match."""
        given = {**self.given(shapes.AttendanceChangesIn), "client": None}
        version = self.if_match(required=True)
        tell_attendance(attendance_id=pk, told=told_of(given), version=version, actor=self.actor)
        row = self.rows().fetch(pk)  # type: ignore[attr-defined]
        return Response(self.shown(row), headers=etag(row.version))


class AttendanceMovesView(ListView):
    """GET: what was told of one part, newest first."""

    model = AttendanceMove
    output = shapes.AttendanceMoveOut
    ordering = ("-seq",)
    audit_action = "attendance_move"

    def rows(self) -> QuerySet[Any]:
        """Return what was told of an attendance that the actor may see; raise NotVisible for another."""
        attendance = Attendance.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return AttendanceMove.objects.filter(attendance=attendance).select_related("attendance")

    def client_of(self, row: Any) -> UUID | None:
        """Return whose part it is."""
        return row.attendance.client_id  # type: ignore[no-any-return]

    @extend_schema(operation_id="attendances_moves", parameters=[PageIn], responses=page_of(shapes.AttendanceMoveOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was told of one part, by whom, and why it was changed."""
        return super().get(request, **kwargs)
