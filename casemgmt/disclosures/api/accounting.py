"""Accountings of disclosures over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.renderers import JsonRenderer, PdfRenderer
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.consent.words import Artifact, DisclosureMethod
from casemgmt.disclosures.models import AccountingRequest
from casemgmt.disclosures.pdf import accounting_pdf
from casemgmt.disclosures.report import report_of
from casemgmt.disclosures.services import accounting
from casemgmt.disclosures.words import Requester

from . import shapes


def answer(request: AccountingRequest, *, status: int = 200) -> Response:
    """Return a request with its ETag."""
    return Response(shapes.AccountingRequestOut(request).data, status=status, headers=etag(request.version))


class ClientAccountingRequestsView(ApiView):
    """POST: the client asks what was disclosed."""

    audit_action = "accounting_request"

    @extend_schema(
        operation_id="accounting_requests_record",
        request=shapes.AccountingRequestIn,
        responses={201: shapes.AccountingRequestOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Record a request; the answer is due in sixty days at most."""
        given = self.given(shapes.AccountingRequestIn)
        new = accounting.NewAccounting(**{**given, "requester": Requester(given["requester"])})
        return answer(accounting.ask_for_accounting(client_id=pk, new=new, actor=self.actor), status=201)


class AccountingRequestsView(ListView):
    """GET: a client's requests, newest first."""

    model = AccountingRequest
    output = shapes.AccountingRequestOut
    query = shapes.OfClientIn
    filters = {"client": "client_id"}
    audit_action = "accounting_request"

    @extend_schema(
        operation_id="accounting_requests_list",
        parameters=[shapes.OfClientIn],
        responses=page_of(shapes.AccountingRequestOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's requests for an accounting."""
        return super().get(request, **kwargs)


class AccountingRequestView(DetailView):
    """GET: one request."""

    model = AccountingRequest
    output = shapes.AccountingRequestOut
    audit_action = "accounting_request"

    @extend_schema(operation_id="accounting_requests_read", responses=shapes.AccountingRequestOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one request."""
        return super().get(request, pk, **kwargs)


class ExtensionView(ApiView):
    """POST: take more time, once."""

    audit_action = "accounting_request"

    @extend_schema(
        operation_id="accounting_requests_extend",
        request=shapes.ExtensionIn,
        responses={200: shapes.AccountingRequestOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Take up to thirty days more, with a reason."""
        given = self.given(shapes.ExtensionIn)
        return answer(
            accounting.extend_accounting(
                request_id=pk, reason=given["reason"], version=given.get("version"), actor=self.actor
            )
        )


class DeliveryView(ApiView):
    """POST: the client has the accounting."""

    audit_action = "accounting_request"

    @extend_schema(
        operation_id="accounting_requests_deliver",
        request=shapes.DeliveryIn,
        responses={200: shapes.AccountingRequestOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Record that the client was given the accounting."""
        given = self.given(shapes.DeliveryIn)
        return answer(
            accounting.deliver_accounting(
                request_id=pk,
                method=DisclosureMethod(given["method"]),
                artifact=Artifact(given["artifact"]),
                version=given.get("version"),
                actor=self.actor,
            )
        )


class ReportView(ApiView):
    """GET: the accounting as JSON."""

    audit_action = "accounting_report"

    def report(self, pk: UUID) -> dict[str, Any]:
        """Return the report of a request that the actor may see, and leave the audit row of reading it."""
        rows = AccountingRequest.objects.visible_to(self.actor).select_related("client", "organization")
        found = rows.fetch(pk)
        self.saw("accounting_report.read", object_id=found.id, client_ids=[found.client_id])
        return report_of(found)

    @extend_schema(operation_id="accounting_requests_report", responses=shapes.ReportOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read the accounting that a request asks for."""
        return Response(self.report(pk))


class PdfView(ReportView):
    """GET: the accounting as PDF."""

    renderer_classes = (PdfRenderer, JsonRenderer)  # the latter for refusals

    @extend_schema(
        operation_id="accounting_requests_report_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Read the accounting as a PDF."""
        return Response(
            accounting_pdf(self.report(pk)),
            content_type=PdfRenderer.media_type,
            headers={"Content-Disposition": 'attachment; filename="accounting.pdf"'},
        )
