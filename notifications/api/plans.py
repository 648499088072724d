"""Plans and their check-ins over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.kernel import clock
from notifications.models import CheckIn, CheckInPlan, CheckInPreference, SilenceStep
from notifications.services.planning import NewPlan, change_plan, create_plan, preview_plan
from notifications.services.preferences import Wish, record_preference

from . import plan_shapes as shapes


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
        plan = create_plan(new=_new(self.given(shapes.CheckInPlanIn)), actor=self.actor)
        return Response(self.shown(plan), status=201, headers=etag(plan.version))


def _new(given: dict[str, Any]) -> NewPlan:
    """Return a plan as it was asked for; the fields of the body have the names of the plan's."""
    return NewPlan(episode_id=given["episode"], **{name: value for name, value in given.items() if name != "episode"})


class CheckInPlanPreviewsView(ApiView):
    """POST: what a plan would have, without making it."""

    audit_action = "check_in_plan"

    @extend_schema(
        operation_id="check_in_plans_preview", request=shapes.CheckInPlanIn, responses={200: shapes.PreviewOut}
    )
    def post(self, request: Request) -> Response:
        """Show the check-ins that a plan would have in its first 14 days. Nothing is written."""
        found = preview_plan(new=_new(self.given(shapes.CheckInPlanIn)), actor=self.actor)
        return Response(shapes.PreviewOut({"check_ins": found}).data)


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


class ComingCheckInsView(ListView):
    """GET: the coming check-ins of one plan, the next one first."""

    model = CheckIn
    output = shapes.CheckInOut
    ordering = ("due_at", "id")
    audit_action = "check_in"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what is to come of one plan."""
        plan = CheckInPlan.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().narrow(rows, asked).filter(plan=plan, due_at__gt=clock.now())

    @extend_schema(operation_id="check_in_plans_coming", parameters=[PageIn], responses=page_of(shapes.CheckInOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the check-ins of the coming 14 days, with those that were called off and why."""
        return super().get(request, **kwargs)


class PreferencesView(ListView):
    """GET lists what clients wish of check-ins, newest first; POST writes a wish down."""

    model = CheckInPreference
    output = shapes.PreferenceOut
    query = shapes.PreferencesIn
    filters = {"client": "client_id"}
    ordering = ("-seq",)
    audit_action = "check_in_preference"

    @extend_schema(
        operation_id="check_in_preferences_list",
        parameters=[shapes.PreferencesIn],
        responses=page_of(shapes.PreferenceOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List wishes."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="check_in_preferences_record", request=shapes.PreferenceIn, responses={201: shapes.PreferenceOut}
    )
    def post(self, request: Request) -> Response:
        """Write down a pause, other hours, another channel, or the end of a pause. Plans follow at once."""
        given = self.given(shapes.PreferenceIn)
        wish = Wish(**{name: value for name, value in given.items() if name != "client"})
        row = record_preference(client_id=given["client"], wish=wish, actor=self.actor)
        return Response(self.shown(row), status=201)


class SilencesView(ListView):
    """GET: what followed when clients did not answer, newest first."""

    model = SilenceStep
    output = shapes.SilenceStepOut
    query = shapes.SilencesIn
    filters = {"client": "client_id"}
    ordering = ("-seq",)
    audit_action = "check_in_silence"

    @extend_schema(
        operation_id="check_in_silences_list",
        parameters=[shapes.SilencesIn],
        responses=page_of(shapes.SilenceStepOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the steps taken because a client did not answer. Silence says nothing about why."""
        return super().get(request, **kwargs)


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
