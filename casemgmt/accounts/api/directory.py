"""Organizations and who works there, for those who refer and plan."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.models import Membership, Organization
from casemgmt.api.schema import page_of
from casemgmt.api.views import ListView

from .serializers import MembershipOut, MembershipsIn, OrganizationOut, OrganizationsIn


class OrganizationsView(ListView):
    """GET: organizations by name."""

    model = Organization
    output = OrganizationOut
    query = OrganizationsIn
    filters = {"joined": "joined"}
    ordering = ("name", "id")
    audit_action = "organization"

    @extend_schema(operation_id="organizations_list", parameters=[OrganizationsIn], responses=page_of(OrganizationOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List organizations."""
        return super().get(request, **kwargs)


class MembershipsView(ListView):
    """GET: who holds which role where."""

    model = Membership
    output = MembershipOut
    query = MembershipsIn
    filters = {"organization": "organization_id", "role": "role"}
    ordering = ("id",)
    audit_action = "membership"

    def rows(self) -> QuerySet[Any]:
        """Return memberships with their people."""
        return super().rows().select_related("user")

    @extend_schema(operation_id="memberships_list", parameters=[MembershipsIn], responses=page_of(MembershipOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List memberships."""
        return super().get(request, **kwargs)
