"""Spoken disclosures over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView, etag
from casemgmt.disclosures.models import OralDisclosure
from casemgmt.disclosures.services.speaking import NewOral, give_statement, speak, statement_of
from casemgmt.disclosures.words import StatementHow

from . import shapes


class ClientOralDisclosuresView(ApiView):
    """POST: something was said under a consent."""

    audit_action = "oral_disclosure"

    @extend_schema(operation_id="oral_disclosures_record", request=shapes.OralIn, responses={201: shapes.OralOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Record a disclosure by word of mouth; 422 unless a consent covers it now."""
        given = self.given(shapes.OralIn)
        new = NewOral(
            recipient_id=given["recipient"],
            recipient_class=given["recipient_class"],
            recipient_name=given["recipient_name"],
            categories=tuple(given["categories"]),
            purpose=given["purpose"],
            description=given["description"],
            statement=StatementHow(given["statement"]) if "statement" in given else None,
        )
        made = speak(client_id=pk, new=new, actor=self.actor)
        return Response(shapes.OralOut(made).data, status=201, headers=etag(made.version))


class OralDisclosuresView(ListView):
    """GET: a client's spoken disclosures, newest first."""

    model = OralDisclosure
    output = shapes.OralOut
    query = shapes.OfClientIn
    filters = {"client": "client_id"}
    audit_action = "oral_disclosure"

    @extend_schema(
        operation_id="oral_disclosures_list", parameters=[shapes.OfClientIn], responses=page_of(shapes.OralOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was disclosed of a client by word of mouth."""
        return super().get(request, **kwargs)


class StatementView(ApiView):
    """GET: what is to be read or sent. POST: it was."""

    audit_action = "oral_disclosure"

    @extend_schema(operation_id="oral_disclosures_statement", responses=shapes.OralStatementOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read what the recipient must be read or sent."""
        rows = OralDisclosure.objects.visible_to(self.actor).select_related("disclosure__consent__organization")
        oral = rows.fetch(pk)
        self.saw("oral_disclosure.read", object_id=oral.id, client_ids=[oral.client_id])
        return Response(shapes.OralStatementOut(statement_of(oral)).data)

    @extend_schema(
        operation_id="oral_disclosures_state", request=shapes.OralStatementIn, responses={200: shapes.OralOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Record that the recipient got the statement of 42 CFR 2.32."""
        given = self.given(shapes.OralStatementIn)
        made = give_statement(
            oral_id=pk,
            how=StatementHow(given["how"]),
            given_at=given.get("given_at"),
            version=given.get("version"),
            actor=self.actor,
        )
        return Response(shapes.OralOut(made).data, headers=etag(made.version))
