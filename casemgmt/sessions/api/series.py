"""Series of sessions over HTTP: beginning, changing all or what follows, ending; who is expected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.sessions.models import Series, SeriesMember
from casemgmt.sessions.services.editing import change_series, continue_series
from casemgmt.sessions.services.series import NewSeries, end_series, join_series, leave_series, start_series
from casemgmt.sessions.words import CancelledBy

from . import series_shapes as shapes


class SeriesRows:
    """What every view of series reads: series with who holds them, in one query."""

    def rows(self) -> QuerySet[Any]:
        """Return visible series with the members of staff."""
        return super().rows().select_related("staff")  # type: ignore[misc, no-any-return]


class SeriesListView(SeriesRows, ListView):
    """GET: your organization's series. POST begins one."""

    model = Series
    output = shapes.SeriesOut
    query = shapes.SeriesListIn
    filters = {"staff": "staff_id", "program": "program_id"}
    audit_action = "series"

    @extend_schema(operation_id="series_list", parameters=[shapes.SeriesListIn], responses=page_of(shapes.SeriesOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List series, the newest first. Peers and houses see their own and their discipline's."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="series_start", request=shapes.SeriesIn, responses={201: shapes.SeriesOut})
    def post(self, request: Request) -> Response:
        """Begin a series; its sessions of the next eight weeks are there at once."""
        new = NewSeries(**shapes.new_fields(self.given(shapes.SeriesIn)))
        series = start_series(new=new, actor=self.actor)
        return Response(self.shown(series), status=201, headers=etag(series.version))


class SeriesView(SeriesRows, DetailView):
    """GET: one series. PATCH changes all of it."""

    model = Series
    output = shapes.SeriesOut
    audit_action = "series"

    @extend_schema(operation_id="series_read", responses=shapes.SeriesOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one series."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="series_change", request=shapes.SeriesChangesIn, responses=shapes.SeriesOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change every session still to come that was not changed by itself; needs If-Match."""
        changes = dict(self.given(shapes.SeriesChangesIn))
        version = self.if_match(required=True)
        series = change_series(series_id=pk, changes=changes, version=version, actor=self.actor)
        return Response(self.shown(series), headers=etag(series.version))


class SeriesContinuationsView(ApiView):
    """POST: change this and what follows."""

    audit_action = "series"

    @extend_schema(operation_id="series_continue", request=shapes.ContinuationIn, responses={201: shapes.SeriesOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """End a series the day before `from_date`, and continue it with a new one that has the changes."""
        changes = dict(self.given(shapes.ContinuationIn))
        version = changes.pop("version", None) or self.if_match(required=True)
        series = continue_series(
            series_id=pk, from_date=changes.pop("from_date"), changes=changes, version=version, actor=self.actor
        )
        return Response(shapes.SeriesOut(series).data, status=201, headers=etag(series.version))


class SeriesEndView(ApiView):
    """POST: a series ends."""

    audit_action = "series"

    @extend_schema(operation_id="series_end", request=shapes.SeriesEndIn, responses={200: shapes.SeriesOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """End a series with a local day; its sessions after it are called off by the provider."""
        given = self.given(shapes.SeriesEndIn)
        version = given.get("version") or self.if_match(required=True)
        series = end_series(
            series_id=pk, last_day=given["last_day"], reason=given["reason"], version=version, actor=self.actor
        )
        return Response(shapes.SeriesOut(series).data, headers=etag(series.version))


class SeriesMembersView(ListView):
    """GET: who is expected at a series, of the clients you see. POST: one more."""

    model = SeriesMember
    output = shapes.SeriesMemberOut
    ordering = ("id",)
    audit_action = "series_member"

    def rows(self) -> QuerySet[Any]:
        """Return members whom the actor may see of a series it may see; raise NotVisible for another."""
        series = Series.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(series=series)

    @extend_schema(operation_id="series_members_list", parameters=[PageIn], responses=page_of(shapes.SeriesMemberOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List who is or was expected, in the order they joined; clients you may not see are not among them."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="series_join", request=shapes.JoiningIn, responses={201: shapes.SeriesMemberOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Expect a client from a local day on."""
        given = dict(self.given(shapes.JoiningIn))
        member = join_series(series_id=pk, client_id=given.pop("client"), **given, actor=self.actor)
        return Response(self.shown(member), status=201)


class SeriesDeparturesView(ApiView):
    """POST: a client is expected no longer."""

    audit_action = "series_member"

    @extend_schema(operation_id="series_leave", request=shapes.LeavingIn, responses={200: shapes.SeriesMemberOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Expect a client no longer after a local day; their part in sessions after it is called off."""
        given = self.given(shapes.LeavingIn)
        member = leave_series(
            series_id=pk,
            client_id=given["client"],
            last_day=given.get("last_day"),
            by=CancelledBy(given["cancelled_by"]),
            actor=self.actor,
        )
        return Response(shapes.SeriesMemberOut(member).data)
