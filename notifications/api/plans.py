"""Plans and their check-ins over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import DetailView, ListView, etag
from notifications.models import CheckIn, CheckInPlan
from notifications.services.planning import NewPlan, change_plan, create_plan

from . import serializers as shapes


class CheckInPlansView(ListView):
    """GET lists plans, newest first; POST makes one."""

    model = CheckInPlan
    output = shapes.CheckInPlanOut
    query = shapes.CheckInPlansIn
    filters = {"client": "client_id", "episode": "episode_id", "status": "status"}
    audit_action = "check_in_plan"

    @extend_schema(
        operation_id="check_in_plans_list",
        parameters=[shapes.CheckInPlansIn],
        responses=page_of(shapes.CheckInPlanOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List plans."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="check_in_plans_create", request=shapes.CheckInPlanIn, responses={201: shapes.CheckInPlanOut}
    )
    def post(self, request: Request) -> Response:
        """Begin to check in with the client of an open episode."""
        given = self.given(shapes.CheckInPlanIn)
        new = NewPlan(
            episode_id=given["episode"],
            times=given["times"],
            weekdays=given["weekdays"],
            starts_on=given.get("starts_on"),
            ends_on=given.get("ends_on"),
        )
        plan = create_plan(new=new, actor=self.actor)
        return Response(self.shown(plan), status=201, headers=etag(plan.version))


class CheckInPlanView(DetailView):
    """GET reads a plan; PATCH changes, pauses, resumes or ends it."""

    model = CheckInPlan
    output = shapes.CheckInPlanOut
    audit_action = "check_in_plan"

    @extend_schema(operation_id="check_in_plans_read", responses=shapes.CheckInPlanOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one plan."""
        return super().get(request, pk, **kwargs)

    @extend_schema(
        operation_id="check_in_plans_change", request=shapes.CheckInPlanChangesIn, responses=shapes.CheckInPlanOut
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change a plan; needs If-Match. `status` pauses, resumes or ends it."""
        given = self.given(shapes.CheckInPlanChangesIn)
        plan = change_plan(plan_id=pk, changes=given, version=self.if_match(required=True), actor=self.actor)
        return Response(self.shown(plan), headers=etag(plan.version))


class CheckInsView(ListView):
    """GET: check-ins, latest first."""

    model = CheckIn
    output = shapes.CheckInOut
    query = shapes.CheckInsIn
    filters = {"client": "client_id", "plan": "plan_id", "status": "status"}
    ordering = ("-due_at", "-id")
    audit_action = "check_in"

    @extend_schema(operation_id="check_ins_list", parameters=[shapes.CheckInsIn], responses=page_of(shapes.CheckInOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List check-ins."""
        return super().get(request, **kwargs)
