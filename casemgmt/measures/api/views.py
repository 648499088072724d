"""Measures over HTTP: what was answered, how it went over time, and both outcome families side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView
from casemgmt.measures import models
from casemgmt.measures.outcomes import outcomes_of
from casemgmt.measures.services import NewResponse, amend_response, record_response
from casemgmt.measures.trends import trend_of

from . import serializers as shapes


class ResponsesView(ListView):
    """GET lists a client's responses, latest first; POST records one."""

    model = models.Response
    output = shapes.ResponseOut
    query = shapes.ResponsesIn
    filters = {"client": "client_id", "instrument": "instrument"}
    ordering = ("-completed_at", "-id")
    audit_action = "measure"

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, each with the amendment in its place."""
        return super().rows().select_related("superseded_by")

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep those in force, the last of each instrument, or all."""
        kept: Any = super().narrow(rows, asked)
        if asked["latest"]:
            return kept.newest()  # type: ignore[no-any-return]
        return kept if asked["amended"] else kept.current()  # type: ignore[no-any-return]

    @extend_schema(operation_id="measures_list", parameters=[shapes.ResponsesIn], responses=page_of(shapes.ResponseOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's responses."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="measures_record", request=shapes.ResponseIn, responses={201: shapes.ResponseOut})
    def post(self, request: Request) -> Response:
        """Record what a client answered; it is scored, and nothing is guessed."""
        given = dict(self.given(shapes.ResponseIn))
        new = NewResponse(client_id=given.pop("client"), episode_id=given.pop("episode", None), **given)
        return Response(self.shown(record_response(new=new, actor=self.actor)), status=201)


class ResponseView(DetailView):
    """GET: one response."""

    model = models.Response
    output = shapes.ResponseOut
    audit_action = "measure"

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, each with the amendment in its place."""
        return super().rows().select_related("superseded_by")

    @extend_schema(operation_id="measures_read", responses=shapes.ResponseOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one response, in force or not."""
        row = self.rows().fetch(pk)  # type: ignore[attr-defined]
        self.saw("measure.read", object_id=row.pk, client_ids=[row.client_id])
        return Response(self.shown(row))


class AmendmentsView(ApiView):
    """POST: correct the answers of a response by a new one."""

    audit_action = "measure"

    @extend_schema(operation_id="measures_amend", request=shapes.AmendmentIn, responses={201: shapes.ResponseOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct the answers; the old response stays and says that it was superseded."""
        given = self.given(shapes.AmendmentIn)
        row = amend_response(response_id=pk, items=given["items"], reason=given["reason"], actor=self.actor)
        return Response(shapes.ResponseOut(row, context={"actor": self.actor}).data, status=201)


class TrendView(ApiView):
    """GET: one instrument of one client over time."""

    audit_action = "measure"

    @extend_schema(operation_id="measures_trend", parameters=[shapes.TrendIn], responses=shapes.TrendOut)
    def get(self, request: Request) -> Response:
        """Tell the raw scores, and the change since the baseline, the last stage change and the point before."""
        asked = self.asked(shapes.TrendIn)
        trend = trend_of(client_id=asked["client"], instrument=asked["instrument"], actor=self.actor)
        self.saw("measure.trend_read", object_id=None, client_ids=[asked["client"]])
        return Response(shapes.TrendOut(trend).data)


class OutcomesView(ApiView):
    """GET: the outcome families of one client."""

    audit_action = "measure"

    @extend_schema(operation_id="measures_outcomes", parameters=[shapes.OutcomesIn], responses=shapes.OutcomesOut)
    def get(self, request: Request) -> Response:
        """Tell each measure of each family: its last value, its change, and whether it is missing."""
        client_id = self.asked(shapes.OutcomesIn)["client"]
        outcomes = outcomes_of(client_id=client_id, actor=self.actor)
        self.saw("measure.outcomes_read", object_id=None, client_ids=[client_id])
        return Response(shapes.OutcomesOut(outcomes).data)
