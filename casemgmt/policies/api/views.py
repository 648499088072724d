"""An organization's numbers over HTTP: as they stand, their history, and setting one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView
from casemgmt.kernel.errors import NotPermitted
from casemgmt.policies.models import PolicySetting
from casemgmt.policies.services import Standing, set_number, standing_of

from . import serializers as shapes


class PoliciesView(ApiView):
    """GET: all numbers of the caller's organization. POST: set one."""

    audit_action = "policy"

    def standing(self) -> list[Standing]:
        """Return the numbers of the caller's organization."""
        if self.actor.organization_id is None:
            raise NotPermitted()
        return standing_of(self.actor.organization_id)

    @extend_schema(operation_id="policies_list", responses=page_of(shapes.NumberOut))
    def get(self, request: Request) -> Response:
        """List every number: one page, as long as the catalog."""
        rows = self.standing()
        self.saw("policy.listed", object_id=self.actor.organization_id, client_ids=[])
        return Response({"results": shapes.NumberOut(rows, many=True).data, "next": None})

    @extend_schema(operation_id="policies_set", request=shapes.NumberIn, responses={201: shapes.NumberOut})
    def post(self, request: Request) -> Response:
        """Set a number of your organization from now on; a supervisor signs it."""
        setting = set_number(**self.given(shapes.NumberIn), actor=self.actor)
        now = next(each for each in self.standing() if each.number.name == setting.name)
        return Response(shapes.NumberOut(now).data, status=201)


class PolicyHistoryView(ListView):
    """GET: what was set, newest first."""

    model = PolicySetting
    output = shapes.SettingOut
    query = shapes.SettingsIn
    filters = {"name": "name"}
    ordering = ("-seq",)
    audit_action = "policy"

    @extend_schema(
        operation_id="policies_history", parameters=[shapes.SettingsIn], responses=page_of(shapes.SettingOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what your organization set, why and by whom."""
        return super().get(request, **kwargs)
