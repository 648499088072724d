"""Offers over HTTP: making, answering, taking back, and who was passed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.places.models import Offer
from casemgmt.places.services.answering import accept_offer, decline_offer, withdraw_offer
from casemgmt.places.services.offering import offer_place
from casemgmt.places.services.showing import made, page_of_skips
from casemgmt.places.words import DeclineReason, WithdrawReason

from . import offer_shapes as shapes


class OfferRows:
    """What every view here reads: offers with whose clock they expire by, in one query."""

    def rows(self) -> QuerySet[Any]:
        """Return visible offers with their clients and the organizations that care for them."""
        return super().rows().select_related("client", "entry__episode__organization")  # type: ignore[misc, no-any-return]


class ProgramOffersView(ApiView):
    """POST: offer a free place to the first in line whom it fits."""

    audit_action = "offer"

    @extend_schema(operation_id="offers_make", request=shapes.OfferIn, responses={201: shapes.MadeOfferOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Offer a place of your program; 409 `no_place_left`, `nobody_waits`, or `nobody_fits` with every reason."""
        given = self.given(shapes.OfferIn)
        offer = offer_place(program_id=pk, bed_id=given["bed"], actor=self.actor)
        return Response(shapes.MadeOfferOut(made(offer, actor=self.actor)).data, status=201)


class OffersView(OfferRows, ListView):
    """GET: offers to clients one may see, newest first."""

    model = Offer
    output = shapes.OfferOut
    query = shapes.OffersIn
    filters = {"client": "client_id", "program": "program_id", "entry": "entry_id", "outcome": "outcome"}
    audit_action = "offer"

    @extend_schema(operation_id="offers_list", parameters=[shapes.OffersIn], responses=page_of(shapes.OfferOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List offers."""
        return super().get(request, **kwargs)


class OfferView(OfferRows, DetailView):
    """GET: one offer."""

    model = Offer
    output = shapes.OfferOut
    audit_action = "offer"

    @extend_schema(operation_id="offers_read", responses=shapes.OfferOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one offer."""
        return super().get(request, pk, **kwargs)


class AnswerView(ApiView):
    """Base of the two answers of a client."""

    audit_action = "offer"

    def answered(self, offer: Offer) -> Response:
        """Return an answered offer as shown."""
        row = Offer.objects.select_related("client", "entry__episode__organization").get(pk=offer.pk)
        return Response(shapes.OfferOut(row).data, headers=etag(row.version))


class AcceptanceView(AnswerView):
    """POST: the client takes the place."""

    @extend_schema(operation_id="offers_accept", request=shapes.OfferAcceptanceIn, responses={200: shapes.OfferOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Accept: an enrollment is planned and holds the place; 409 `offer_gone` when somebody was faster."""
        given = self.given(shapes.OfferAcceptanceIn)
        return self.answered(accept_offer(offer_id=pk, provider_id=given["provider"], actor=self.actor))


class DeclineView(AnswerView):
    """POST: the client does not take the place."""

    @extend_schema(operation_id="offers_decline", request=shapes.DeclineIn, responses={200: shapes.OfferOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Decline: the place goes to the next, the client goes on waiting."""
        reason = DeclineReason(self.given(shapes.DeclineIn)["reason"])
        return self.answered(decline_offer(offer_id=pk, reason=reason, actor=self.actor))


class WithdrawalView(ApiView):
    """POST: the program takes its offer back."""

    audit_action = "offer"

    @extend_schema(operation_id="offers_withdraw", request=shapes.WithdrawalIn, responses={200: shapes.MadeOfferOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take an offer back, whoever it was made to; the place is free again."""
        reason = WithdrawReason(self.given(shapes.WithdrawalIn)["reason"])
        offer = withdraw_offer(offer_id=pk, reason=reason, actor=self.actor)
        return Response(shapes.MadeOfferOut(made(offer, actor=self.actor)).data)


class OfferSkipsView(ApiView):
    """GET: who stood ahead of whom it was offered to, and why the place was not for them."""

    audit_action = "offer_skip"

    @extend_schema(operation_id="offers_skips", parameters=[PageIn], responses=page_of(shapes.SkipOut))
    def get(self, request: Request, pk: UUID) -> Response:
        """List who was passed over, first first; why, only of clients whom you may see."""
        asked = self.asked(PageIn)
        rows, following = page_of_skips(offer_id=pk, cursor=asked.get("cursor"), limit=asked["limit"], actor=self.actor)
        self.saw("offer_skip.listed", object_id=pk, client_ids=[])
        return Response({"results": shapes.SkipOut(rows, many=True).data, "next": following})
