"""Restrictions of what may be disclosed, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.consent import restricting
from casemgmt.consent.models import RestrictionRequest
from casemgmt.consent.words import RestrictionKind, TerminationBasis

from . import shapes

OUT = {200: shapes.RestrictionRequestOut}


def answer(request: RestrictionRequest, *, status: int = 200) -> Response:
    """Return a request with its ETag."""
    return Response(shapes.RestrictionRequestOut(request).data, status=status, headers=etag(request.version))


class ClientRestrictionRequestsView(ApiView):
    """POST: the client asks for something not to be disclosed."""

    audit_action = "restriction_request"

    @extend_schema(
        operation_id="restriction_requests_record",
        request=shapes.RestrictionRequestIn,
        responses={201: shapes.RestrictionRequestOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Record a request on the client's behalf; the privacy officer answers it."""
        given = self.given(shapes.RestrictionRequestIn)
        new = restricting.NewRestriction(
            scope=given["scope"],
            categories=given["categories"],
            kind=RestrictionKind(given["kind"]),
            recipient_id=given.get("recipient"),
            recipient_classes=given.get("recipient_classes", ()),
            purposes=given.get("purposes", ()),
        )
        return answer(restricting.request_restriction(client_id=pk, new=new, actor=self.actor), status=201)


class RestrictionRequestsView(ListView):
    """GET: a client's requests, newest first."""

    model = RestrictionRequest
    output = shapes.RestrictionRequestOut
    query = shapes.RestrictionRequestsIn
    filters = {"client": "client_id"}
    audit_action = "restriction_request"

    @extend_schema(
        operation_id="restriction_requests_list",
        parameters=[shapes.RestrictionRequestsIn],
        responses=page_of(shapes.RestrictionRequestOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what a client asked not to be disclosed, and the answers."""
        return super().get(request, **kwargs)


class RestrictionRequestView(DetailView):
    """GET: one request."""

    model = RestrictionRequest
    output = shapes.RestrictionRequestOut
    audit_action = "restriction_request"

    @extend_schema(operation_id="restriction_requests_read", responses=shapes.RestrictionRequestOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one request."""
        return super().get(request, pk, **kwargs)


class AgreementView(ApiView):
    """POST: agree to a request."""

    audit_action = "restriction_request"

    @extend_schema(operation_id="restriction_requests_agree", request=shapes.AgreementIn, responses=OUT)
    def post(self, request: Request, pk: UUID) -> Response:
        """Agree: from then on nothing leaves against it, whatever consents say."""
        given = self.given(shapes.AgreementIn)
        return answer(
            restricting.agree_to_restriction(
                request_id=pk,
                effective_from=given.get("effective_from"),
                version=given.get("version"),
                actor=self.actor,
            )
        )


class DecliningView(ApiView):
    """POST: decline a request."""

    audit_action = "restriction_request"

    @extend_schema(operation_id="restriction_requests_decline", request=shapes.ReasonIn, responses=OUT)
    def post(self, request: Request, pk: UUID) -> Response:
        """Decline, with a reason for the client; what was paid in full cannot be declined."""
        given = self.given(shapes.ReasonIn)
        return answer(
            restricting.decline_restriction(
                request_id=pk, reason=given["reason"], version=given.get("version"), actor=self.actor
            )
        )


class TerminationView(ApiView):
    """POST: end an agreed restriction."""

    audit_action = "restriction_request"

    @extend_schema(operation_id="restriction_requests_terminate", request=shapes.TerminationIn, responses=OUT)
    def post(self, request: Request, pk: UUID) -> Response:
        """End a restriction; ended by the program alone, it goes on for everything made before."""
        given = self.given(shapes.TerminationIn)
        return answer(
            restricting.terminate_restriction(
                request_id=pk,
                basis=TerminationBasis(given["basis"]),
                note=given["note"],
                version=given.get("version"),
                actor=self.actor,
            )
        )
