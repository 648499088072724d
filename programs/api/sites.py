"""Sites over HTTP: where programs are found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import DetailView, ListView, etag
from programs.models import Site
from programs.services.sites import NewSite, add_site, change_site, end_site

from . import site_shapes as shapes


class SitesView(ListView):
    """GET lists the sites that are used, by name; POST adds one."""

    model = Site
    output = shapes.SiteOut
    query = shapes.SitesIn
    filters = {"organization": "organization_id"}
    ordering = ("name", "id")
    audit_action = "site"

    def rows(self) -> QuerySet[Any]:
        """Return the sites the actor may see, and whether somebody lives there."""
        return super().rows().in_use().with_residence()  # type: ignore[attr-defined, no-any-return]

    @extend_schema(operation_id="sites_list", parameters=[shapes.SitesIn], responses=page_of(shapes.SiteOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List sites."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="sites_add", request=shapes.SiteIn, responses={201: shapes.SiteOut})
    def post(self, request: Request) -> Response:
        """Add a site of one's own organization."""
        site = add_site(new=NewSite(**self.given(shapes.SiteIn)), actor=self.actor)
        return Response(self.shown(self.rows().get(pk=site.pk)), status=201, headers=etag(site.version))


class SiteView(DetailView):
    """GET: one site. PATCH edits it, DELETE says that it is not used any more."""

    model = Site
    output = shapes.SiteOut
    audit_action = "site"

    def rows(self) -> QuerySet[Any]:
        """Return the sites the actor may see, and whether somebody lives there."""
        return super().rows().in_use().with_residence()  # type: ignore[attr-defined, no-any-return]

    @extend_schema(operation_id="sites_read", responses=shapes.SiteOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one site."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="sites_change", request=shapes.SiteChangesIn, responses=shapes.SiteOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit a site of one's own organization; If-Match says which version was seen."""
        given = self.given(shapes.SiteChangesIn)
        site = change_site(site_id=pk, changes=given, version=self.if_match(required=True), actor=self.actor)
        return Response(self.shown(self.rows().get(pk=site.pk)), headers=etag(site.version))

    @extend_schema(operation_id="sites_end", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Say that a site of one's own organization is not used any more; refused while a program is found there."""
        end_site(site_id=pk, version=self.if_match(required=False), actor=self.actor)
        return Response(status=204)
