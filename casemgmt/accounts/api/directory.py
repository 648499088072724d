"""Organizations and who works there, for those who refer and plan."""

from __future__ import annotations

from collections.abc import Mapping
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
    ordering = ("name", "id")
    audit_action = "organization"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Apply the filters."""
        return rows if asked["joined"] is None else rows.filter(joined=asked["joined"])

    @extend_schema(operation_id="organizations_list", parameters=[OrganizationsIn], responses=page_of(OrganizationOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List organizations."""
        return super().get(request, **kwargs)


class MembershipsView(ListView):
    """GET: who holds which role where."""

    model = Membership
    output = MembershipOut
    query = MembershipsIn
    ordering = ("id",)
    audit_action = "membership"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Apply the filters."""
        rows = rows.select_related("user")
        for name, column in (("organization", "organization_id"), ("role", "role")):
            if name in asked:
                rows = rows.filter(**{column: asked[name]})
        return rows

    @extend_schema(operation_id="memberships_list", parameters=[MembershipsIn], responses=page_of(MembershipOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List memberships."""
        return super().get(request, **kwargs)
