"""Clients over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.clients.listing import ORDERING, page_of_clients
from casemgmt.clients.models import Client
from casemgmt.clients.services import (
    NewClient,
    add_contact_point,
    change_client,
    correct_death,
    end_contact_point,
    record_client,
    record_death,
)

from . import serializers as shapes


class OfItself:
    """What both client views say of their rows."""

    def client_of(self, row: Any) -> UUID:
        """A client row belongs to itself."""
        return row.id  # type: ignore[no-any-return]


class ClientsView(OfItself, ListView):
    """GET lists clients by name; POST records one."""

    model = Client
    output = shapes.ClientOut
    query = shapes.ClientsIn
    ordering = ORDERING
    audit_action = "client"

    def found(self, asked: Any) -> tuple[list[Any], str | None]:
        """Return one page, by the statement that is kept for it."""
        return page_of_clients(self.actor, cursor=asked.get("cursor"), limit=asked["limit"])

    @extend_schema(operation_id="clients_list", parameters=[shapes.ClientsIn], responses=page_of(shapes.ClientOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List clients."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="clients_record", request=shapes.ClientIn, responses={201: shapes.ClientOut})
    def post(self, request: Request) -> Response:
        """Record a client for the caller's organization."""
        client = record_client(new=NewClient(**self.given(shapes.ClientIn)), actor=self.actor)
        return Response(self.shown(client), status=201, headers=etag(client.version))


class ClientView(OfItself, DetailView):
    """GET reads a client; PATCH edits it."""

    model = Client
    output = shapes.ClientOut
    audit_action = "client"

    def rows(self) -> QuerySet[Any]:
        """Return visible clients, and until when broken glass shows them."""
        return Client.objects.visible_to(self.actor).with_glass(self.actor)

    @extend_schema(operation_id="clients_read", responses=shapes.ClientOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one client."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="clients_change", request=shapes.ClientChangesIn, responses=shapes.ClientOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit a client; needs If-Match."""
        given = self.given(shapes.ClientChangesIn)
        client = change_client(client_id=pk, changes=given, version=self.if_match(required=True), actor=self.actor)
        return Response(self.shown(client), headers=etag(client.version))


class ContactPointsView(ApiView):
    """POST: one more way to reach a client."""

    audit_action = "contact_point"

    @extend_schema(
        operation_id="contact_points_add", request=shapes.ContactPointIn, responses={201: shapes.ContactPointOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Add a number or address; a preferred one takes the place of the one before."""
        given = self.given(shapes.ContactPointIn)
        point = add_contact_point(client_id=pk, actor=self.actor, **given)
        return Response(shapes.ContactPointOut(point).data, status=201, headers=etag(point.version))


class ContactPointView(ApiView):
    """DELETE: the client gave a number or address up."""

    audit_action = "contact_point"

    @extend_schema(operation_id="contact_points_end", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID, point: UUID) -> Response:
        """End a contact point; ending it again changes nothing."""
        end_contact_point(client_id=pk, contact_point_id=point, actor=self.actor)
        return Response(status=204)


class DeathView(ApiView):
    """POST: the client died, learned outside the pathway (STG-14). DELETE: that was entered in error."""

    audit_action = "client"

    @extend_schema(operation_id="clients_record_death", request=shapes.DeathIn, responses={200: shapes.ClientOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Note a death; every text to the client is called off at once. Noting it again changes nothing."""
        client = record_death(client_id=pk, died_on=self.given(shapes.DeathIn)["died_on"], actor=self.actor)
        return Response(shapes.ClientOut(client, context={"actor": self.actor}).data, headers=etag(client.version))

    @extend_schema(operation_id="clients_correct_death", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Take a death back that was entered in error. What had stopped starts again only by people."""
        correct_death(client_id=pk, actor=self.actor)
        return Response(status=204)
