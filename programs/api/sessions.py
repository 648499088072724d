"""Sessions over HTTP: logging and reading them. There is no way to change one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import DetailView, ListView
from programs.models import SessionLog
from programs.services.sessions import Handoff, NewSession, log_session

from . import serializers as shapes


class SessionsView(ListView):
    """GET lists session logs, latest first; POST logs one."""

    model = SessionLog
    output = shapes.SessionLogOut
    query = shapes.SessionLogsIn
    filters = {"client": "client_id", "episode": "episode_id", "staff": "staff_id"}
    ordering = ("-started_at", "-id")
    audit_action = "session_log"

    @extend_schema(
        operation_id="session_logs_list", parameters=[shapes.SessionLogsIn], responses=page_of(shapes.SessionLogOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List session logs."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="session_logs_log", request=shapes.SessionLogIn, responses={201: shapes.SessionLogOut})
    def post(self, request: Request) -> Response:
        """Log a session that one held."""
        given = dict(self.given(shapes.SessionLogIn))
        handoff = given.pop("handoff", None)
        new = NewSession(client_id=given.pop("client"), handoff=Handoff(**handoff) if handoff else None, **given)
        return Response(self.shown(log_session(new=new, actor=self.actor)), status=201)


class SessionView(DetailView):
    """GET: one session log."""

    model = SessionLog
    output = shapes.SessionLogOut
    audit_action = "session_log"

    @extend_schema(operation_id="session_logs_read", responses=shapes.SessionLogOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one session log."""
        return super().get(request, pk, **kwargs)
