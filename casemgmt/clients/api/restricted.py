"""Restricted clients over HTTP: restricting, lifting, opening one in an emergency, and judging that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.access.models import BreakGlass, Restriction
from casemgmt.accounts.models import User
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.clients.break_glass import Wanted, break_glass, end_break_glass, review_break_glass
from casemgmt.clients.restricting import lift_restriction, restrict_client

from . import restricted_shapes as shapes


def named(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    """Return rows with the name of the person in `column` as `user_name`."""
    name = Subquery(User.objects.filter(pk=OuterRef(column)).values("name")[:1])
    shown: QuerySet[Any] = rows.annotate(user_name=name)
    return shown


class ClientRestrictionView(ApiView):
    """POST: only the client's team sees the client from now on."""

    audit_action = "restriction"

    @extend_schema(
        operation_id="clients_restrict", request=shapes.RestrictionIn, responses={201: shapes.RestrictionOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Restrict a client in your organization."""
        made = restrict_client(client_id=pk, reason=self.given(shapes.RestrictionIn)["reason"], actor=self.actor)
        return Response(shapes.RestrictionOut(made).data, status=201, headers=etag(made.version))


class RestrictionsView(ListView):
    """GET: the organization's restrictions, newest first."""

    model = Restriction
    output = shapes.RestrictionOut
    query = shapes.RestrictionsIn
    audit_action = "restriction"

    def narrow(self, rows: QuerySet[Any], asked: Any) -> QuerySet[Any]:
        """Keep those in force, unless all are asked for."""
        kept = super().narrow(rows, asked)
        return kept if asked["lifted"] else kept.filter(ended_at__isnull=True)

    @extend_schema(
        operation_id="restrictions_list", parameters=[shapes.RestrictionsIn], responses=page_of(shapes.RestrictionOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List restrictions, by ids: who judges them need not see the clients."""
        return super().get(request, **kwargs)


class LiftView(ApiView):
    """POST: the whole organization sees the client again."""

    audit_action = "restriction"

    @extend_schema(operation_id="restrictions_lift", request=None, responses=shapes.RestrictionOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Lift a restriction."""
        lifted = lift_restriction(restriction_id=pk, version=self.if_match(required=False), actor=self.actor)
        return Response(shapes.RestrictionOut(lifted).data, headers=etag(lifted.version))


class GlassRows:
    """What the views of opened glass read."""

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see of it, with the name of who opened."""
        return named(super().rows(), "user_id")  # type: ignore[misc]


class BreakGlassesView(GlassRows, ListView):
    """GET: what was opened, newest first. POST: open a restricted client in an emergency."""

    model = BreakGlass
    output = shapes.BreakGlassOut
    query = shapes.BreakGlassesIn
    audit_action = "break_glass"

    def narrow(self, rows: QuerySet[Any], asked: Any) -> QuerySet[Any]:
        """Keep what waits to be judged, or what was, if asked."""
        kept = super().narrow(rows, asked)
        return kept if asked["reviewed"] is None else kept.filter(reviewed_at__isnull=not asked["reviewed"])

    @extend_schema(
        operation_id="break_glass_list", parameters=[shapes.BreakGlassesIn], responses=page_of(shapes.BreakGlassOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what your organization opened (privacy officers), or what you did."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="break_glass_open", request=shapes.BreakGlassIn, responses={201: shapes.BreakGlassOut})
    def post(self, request: Request) -> Response:
        """Open a restricted client of your organization, to read, for an hour. Privacy officers are told at once."""
        given = self.given(shapes.BreakGlassIn)
        wanted = Wanted(given["client"], given["given_name"], given["family_name"], given["birth_date"])
        glass = break_glass(
            wanted=wanted,
            reason=given["reason"],
            explanation=given["explanation"],
            key_id=UUID(str(request.auth)),  # the sign-in
            actor=self.actor,
        )
        return Response(self.shown(self.rows().get(pk=glass.pk)), status=201, headers=etag(glass.version))


class BreakGlassView(GlassRows, DetailView):
    """GET: one opened glass."""

    model = BreakGlass
    output = shapes.BreakGlassOut
    audit_action = "break_glass"

    @extend_schema(operation_id="break_glass_read", responses=shapes.BreakGlassOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one."""
        return super().get(request, pk, **kwargs)


class BreakGlassEndView(ApiView):
    """POST: close what one opened before its time."""

    audit_action = "break_glass"

    @extend_schema(operation_id="break_glass_end", request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Close it; closing again changes nothing."""
        end_break_glass(break_glass_id=pk, actor=self.actor)
        return Response(status=204)


class BreakGlassReviewView(GlassRows, DetailView):
    """POST: judge it."""

    model = BreakGlass
    output = shapes.BreakGlassOut
    audit_action = "break_glass"
    http_method_names = ("post", "options")

    @extend_schema(operation_id="break_glass_review", request=shapes.JudgmentIn, responses=shapes.BreakGlassOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Say whether it was appropriate; a privacy officer's, and never of one's own."""
        glass = review_break_glass(
            break_glass_id=pk, **self.given(shapes.JudgmentIn), version=self.if_match(required=False), actor=self.actor
        )
        return Response(self.shown(self.rows().get(pk=glass.pk)), headers=etag(glass.version))
