"""The directory as HSDS 3.0 over HTTP: for other systems to read."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.models import Organization
from casemgmt.api.paging import page
from casemgmt.api.views import ApiView, PageIn
from programs.hsds_export import export_organizations, export_program

HSDS = "As the schemas of HSDS 3.0 say (docs.openreferral.org), and `service_capacity` of 3.1."


class HsdsIn(PageIn):
    """Which part of the directory."""

    organization = serializers.UUIDField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=20, default=10)


class DirectoryHsdsView(ApiView):
    """GET: organizations with their services and locations."""

    audit_action = "directory"

    @extend_schema(
        operation_id="directory_hsds",
        parameters=[HsdsIn],
        responses=inline_serializer(
            "HsdsOrganizationPage",
            fields={
                "results": serializers.ListField(child=serializers.DictField(), help_text=HSDS),
                "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page; null on the last."),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """List organizations as HSDS documents; one's own drafts are `inactive` services."""
        asked = self.asked(HsdsIn)
        visible = Organization.objects.visible_to(self.actor)
        rows = visible.filter(pk=asked["organization"]) if "organization" in asked else visible
        found, following = page(
            rows, places=visible, ordering=("id",), cursor=asked.get("cursor"), limit=asked["limit"]
        )
        results = list(export_organizations(found, actor=self.actor, unpublished=True))
        self.saw("directory.exported", object_id=None, client_ids=[])
        return Response({"results": results, "next": following})


class ProgramHsdsView(ApiView):
    """GET: one program as an HSDS service."""

    audit_action = "program"

    @extend_schema(operation_id="program_hsds", responses=OpenApiResponse(OpenApiTypes.OBJECT, HSDS))
    def get(self, request: Request, pk: UUID) -> Response:
        """Read one program as an HSDS document with its organization and locations."""
        document = export_program(pk, actor=self.actor)
        self.saw("program.exported", object_id=pk, client_ids=[])
        return Response(document)
