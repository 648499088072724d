"""The rota over HTTP: planning shifts, calling them off, asking who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.roles import Role
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView, etag
from casemgmt.kernel import clock
from casemgmt.kernel.errors import NotPermitted
from casemgmt.safety.models import OnCallShift
from casemgmt.safety.services.rota import NewShift, cancel_shift, plan_shift, who_is_on_call

from . import rota_shapes as shapes


class ShiftsView(ListView):
    """GET lists the organization's shifts by time; POST plans one."""

    model = OnCallShift
    output = shapes.ShiftOut
    query = shapes.ShiftsIn
    filters = {"ends_after": "ends_at__gt", "starts_before": "starts_at__lt", "role": "role"}
    ordering = ("starts_at", "id")
    audit_action = "on_call"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what stands, or what was called off."""
        return super().narrow(rows, asked).filter(cancelled_at__isnull=not asked["cancelled"])

    @extend_schema(operation_id="on_call_shifts_list", parameters=[shapes.ShiftsIn], responses=page_of(shapes.ShiftOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List shifts."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="on_call_shifts_plan", request=shapes.ShiftIn, responses={201: shapes.ShiftOut})
    def post(self, request: Request) -> Response:
        """Put somebody on call; 409 `shift_overlap` when somebody is already."""
        given = dict(self.given(shapes.ShiftIn))
        shift = plan_shift(new=NewShift(user_id=given.pop("user"), **given), actor=self.actor)
        return Response(self.shown(shift), status=201, headers=etag(shift.version))


class ShiftCancelView(ApiView):
    """POST: call a shift off."""

    audit_action = "on_call"

    @extend_schema(operation_id="on_call_shifts_cancel", request=None, responses={200: shapes.ShiftOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Call a shift off, also while it runs; a second time changes nothing."""
        shift = cancel_shift(shift_id=pk, actor=self.actor)
        return Response(shapes.ShiftOut(shift).data, headers=etag(shift.version))


class OnCallView(ApiView):
    """GET: who is on call at one's organization."""

    audit_action = "on_call"

    @extend_schema(operation_id="on_call_read", parameters=[shapes.OnCallIn], responses=shapes.OnCallOut)
    def get(self, request: Request) -> Response:
        """Tell who is on call at a moment."""
        here = self.actor.organization_id
        if here is None:
            raise NotPermitted()
        at = self.asked(shapes.OnCallIn).get("at") or clock.now()
        self.saw("on_call.read", object_id=None, client_ids=[])
        found = {
            "at": at,
            "therapist_id": who_is_on_call(here, Role.THERAPIST, at),
            "backup_id": who_is_on_call(here, Role.THERAPIST, at, backup=True),
            "supervisor_id": who_is_on_call(here, Role.SUPERVISOR, at),
        }
        return Response(shapes.OnCallOut(found).data)
