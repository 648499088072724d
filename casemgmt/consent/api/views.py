"""Consents, notices and disclosures over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.consent.disclosures import accounting
from casemgmt.consent.elements import Form
from casemgmt.consent.models import Consent, Disclosure, NoticeDelivery
from casemgmt.consent.services import (
    Revocation,
    activate_consent,
    change_consent,
    record_consent,
    record_notice,
    revoke_consent,
)
from casemgmt.consent.words import NoticeMethod, RevocationChannel

from . import serializers as shapes


def answer(consent: Consent, *, status: int = 200) -> Response:
    """Return a consent as written, with its ETag."""
    return Response(shapes.ConsentOut(consent).data, status=status, headers=etag(consent.version))


class ByClient(ListView):
    """A list that is always of one client, newest first."""

    query = shapes.ConsentsIn
    filters = {"client": "client_id"}


class ConsentsView(ByClient):
    """GET lists a client's consents; POST records one."""

    model = Consent
    output = shapes.ConsentOut
    audit_action = "consent"

    @extend_schema(operation_id="consents_list", parameters=[shapes.ConsentsIn], responses=page_of(shapes.ConsentOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's consents."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="consents_record", request=shapes.ConsentIn, responses={201: shapes.ConsentOut})
    def post(self, request: Request) -> Response:
        """Record a consent; 422 lists every element it lacks."""
        given = self.given(shapes.ConsentIn)
        client_id, activate, supersedes = given.pop("client"), given.pop("activate"), given.pop("supersedes", None)
        consent = record_consent(
            client_id=client_id, form=Form(**given), activate=activate, supersedes=supersedes, actor=self.actor
        )
        return answer(consent, status=201)


class ConsentView(DetailView):
    """GET reads a consent; PATCH edits a draft."""

    model = Consent
    output = shapes.ConsentOut
    audit_action = "consent"

    @extend_schema(operation_id="consents_read", responses=shapes.ConsentOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one consent."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="consents_change", request=shapes.ConsentFormIn, responses=shapes.ConsentOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit a draft; needs If-Match."""
        version = self.if_match(required=True)
        changes = self.given(shapes.ConsentFormIn)
        return answer(change_consent(consent_id=pk, changes=changes, version=version, actor=self.actor))


class ActivationsView(ApiView):
    """POST: put a draft in force."""

    audit_action = "consent"

    @extend_schema(operation_id="consents_activate", request=shapes.ActivationIn, responses={200: shapes.ConsentOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Put a draft in force; 422 lists every element it lacks."""
        version = self.given(shapes.ActivationIn).get("version")
        return answer(activate_consent(consent_id=pk, version=version, actor=self.actor))


class RevocationsView(ApiView):
    """POST: take a consent back."""

    audit_action = "consent"

    @extend_schema(operation_id="consents_revoke", request=shapes.RevocationIn, responses={200: shapes.ConsentOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take a consent back, for everybody or for one recipient; bites at once."""
        given = self.given(shapes.RevocationIn)
        revocation = Revocation(RevocationChannel(given["channel"]), given["reason"], given.get("recipient"))
        version = given.get("version")
        return answer(revoke_consent(consent_id=pk, revocation=revocation, version=version, actor=self.actor))


class NoticesView(ByClient):
    """GET lists the deliveries of the notice to a client; POST records one."""

    model = NoticeDelivery
    output = shapes.NoticeOut
    audit_action = "notice"

    @extend_schema(operation_id="notices_list", parameters=[shapes.ConsentsIn], responses=page_of(shapes.NoticeOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List when the client was given the notice."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="notices_record", request=shapes.NoticeIn, responses={201: shapes.NoticeOut})
    def post(self, request: Request) -> Response:
        """Record that the client was given the notice."""
        given = self.given(shapes.NoticeIn)
        delivery = record_notice(
            client_id=given["client"],
            notice_version=given["notice_version"],
            method=NoticeMethod(given["method"]),
            delivered_at=given.get("delivered_at"),
            actor=self.actor,
        )
        return Response(shapes.NoticeOut(delivery).data, status=201)


class DisclosuresView(ByClient):
    """GET: the accounting of what the organization disclosed of a client."""

    model = Disclosure
    output = shapes.DisclosureOut
    audit_action = "disclosure"

    def rows(self) -> QuerySet[Any]:
        """Return what the privacy officer may account for; raise NotPermitted for others."""
        return accounting(actor=self.actor)

    @extend_schema(
        operation_id="disclosures_list", parameters=[shapes.ConsentsIn], responses=page_of(shapes.DisclosureOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's disclosures, newest first; for the privacy officer."""
        return super().get(request, **kwargs)
