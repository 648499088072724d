"""What happens to consents after the signature, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.consent import doubting
from casemgmt.consent.models import Consent, ConsentStep, Disclosure
from casemgmt.consent.words import CopyChannel

from . import shapes
from .serializers import ConsentOut
from .views import answer


class StepsView(ListView):
    """GET: what happened to one consent, newest first."""

    model = ConsentStep
    output = shapes.ConsentStepOut
    audit_action = "consent_step"

    def rows(self) -> QuerySet[Any]:
        """Return the steps of a consent that the actor may read; raise NotVisible."""
        consent = Consent.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(consent=consent).select_related("consent")

    def client_of(self, row: Any) -> UUID | None:
        """Return whose consent it is."""
        found: UUID = row.consent.client_id
        return found

    @extend_schema(
        operation_id="consents_steps", parameters=[PageIn], responses=page_of(shapes.ConsentStepOut), filters=False
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List copies, witnesses, doubts, wishes to revoke and the end of a consent."""
        return super().get(request, **kwargs)


class RecipientsView(ListView):
    """GET: who was told something under one consent, newest first."""

    model = Disclosure
    output = shapes.RecipientOut
    audit_action = "disclosure"

    def rows(self) -> QuerySet[Any]:
        """Return what left under a consent that the actor may read; raise NotVisible."""
        consent = Consent.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return Disclosure.objects.under(consent.id)

    @extend_schema(
        operation_id="consents_recipients", parameters=[PageIn], responses=page_of(shapes.RecipientOut), filters=False
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List who was told something under a consent: those to tell when it is taken back (P2-19)."""
        return super().get(request, **kwargs)


class CopiesView(ApiView):
    """POST: the client was given a copy."""

    audit_action = "consent"

    @extend_schema(operation_id="consents_copy", request=shapes.CopyIn, responses={201: shapes.ConsentStepOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Record that the client was given a copy of a consent."""
        given = self.given(shapes.CopyIn)
        channel = CopyChannel(given["channel"])
        step = doubting.give_copy(consent_id=pk, channel=channel, given_at=given.get("given_at"), actor=self.actor)
        return Response(shapes.ConsentStepOut(step).data, status=201)


class WitnessView(ApiView):
    """POST: witness a signature."""

    audit_action = "consent"

    @extend_schema(operation_id="consents_witness", request=None, responses={201: shapes.WitnessOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Witness a client's signature; peers and house managers may."""
        step = doubting.witness_consent(consent_id=pk, actor=self.actor)
        return Response(shapes.WitnessOut(step).data, status=201)


class ReasonedView(ApiView):
    """POST: one of the steps that say why."""

    audit_action = "consent"
    step: ClassVar[Any]

    def reasoned(self, pk: UUID) -> Response:
        """Take the step."""
        given = self.given(shapes.ReasonIn)
        made = type(self).step(consent_id=pk, reason=given["reason"], version=given.get("version"), actor=self.actor)
        return answer(made)


class DisputesView(ReasonedView):
    """POST: say that a consent may not be true."""

    step = staticmethod(doubting.dispute_consent)

    @extend_schema(operation_id="consents_dispute", request=shapes.ReasonIn, responses={200: ConsentOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Dispute a consent: nothing leaves under it until that is settled."""
        return self.reasoned(pk)


class SettlementView(ReasonedView):
    """POST: a dispute is settled."""

    step = staticmethod(doubting.settle_dispute)

    @extend_schema(operation_id="consents_settle_dispute", request=shapes.ReasonIn, responses={200: ConsentOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take back that a consent is disputed."""
        return self.reasoned(pk)


class KeepView(ReasonedView):
    """POST: the client did not mean to revoke."""

    step = staticmethod(doubting.keep_consent)

    @extend_schema(operation_id="consents_keep", request=shapes.ReasonIn, responses={200: ConsentOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Say that the client did not mean to take a suspended consent back."""
        return self.reasoned(pk)


class RevocationRequestsView(ApiView):
    """POST: the client wrote to take a consent back."""

    audit_action = "consent"

    @extend_schema(
        operation_id="consents_ask_to_revoke", request=shapes.RevocationRequestIn, responses={200: ConsentOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Suspend a consent until somebody asked the client; confirm it by revoking."""
        given = self.given(shapes.RevocationRequestIn)
        channel = CopyChannel(given["channel"])
        made = doubting.ask_to_revoke(consent_id=pk, channel=channel, version=given.get("version"), actor=self.actor)
        return answer(made)
