"""Texts in both directions, and consent to them, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import (
    ApiView,
    DetailView,
    ListView,
    PageIn,
)
from notifications.models import (
    CaptureChannel,
    ConsentEvent,
    InboundText,
    Message,
    TextingConsent,
    TextingConsentEvent,
)
from notifications.services.disclosing import words_to_show
from notifications.services.opt_out_review import (
    review_opt_out,
)
from notifications.services.texting_consent import Said, record_texting_consent

from . import serializers as shapes


class MessagesView(ListView):
    """GET: texts to clients, newest first, without their words."""

    model = Message
    output = shapes.MessageOut
    query = shapes.MessagesIn
    filters = {"client": "client_id", "check_in": "check_in_id", "status": "status", "kind": "kind"}
    audit_action = "message"

    @extend_schema(operation_id="messages_list", parameters=[shapes.MessagesIn], responses=page_of(shapes.MessageOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List messages."""
        return super().get(request, **kwargs)


class InboundTextsView(ListView):
    """GET: texts from clients, newest first."""

    model = InboundText
    output = shapes.InboundTextOut
    query = shapes.InboundTextsIn
    filters = {"client": "client_id", "unmatched": "client__isnull"}
    audit_action = "inbound_text"

    @extend_schema(
        operation_id="inbound_texts_list",
        parameters=[shapes.InboundTextsIn],
        responses=page_of(shapes.InboundTextOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List inbound texts."""
        return super().get(request, **kwargs)


class InboundTextView(DetailView):
    """GET: one text from a client, as a work item names it."""

    model = InboundText
    output = shapes.InboundTextOut
    audit_action = "inbound_text"

    @extend_schema(operation_id="inbound_texts_read", responses=shapes.InboundTextOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one inbound text."""
        return super().get(request, pk, **kwargs)


class TextingConsentsView(ListView):
    """GET lists where consent to text stands; POST writes down what a client said about it."""

    model = TextingConsent
    output = shapes.TextingConsentOut
    query = shapes.TextingConsentsIn
    filters = {"client": "client_id"}
    audit_action = "texting_consent"

    @extend_schema(
        operation_id="texting_consents_list",
        parameters=[shapes.TextingConsentsIn],
        responses=page_of(shapes.TextingConsentOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List consents to text."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="texting_consents_record",
        request=shapes.TextingConsentIn,
        responses={201: shapes.TextingConsentEventOut},
    )
    def post(self, request: Request) -> Response:
        """Write down a yes or a no. A yes is confirmed from the phone before anything else is sent."""
        given = self.given(shapes.TextingConsentIn)
        said = Said(
            event=ConsentEvent(given["event"]),
            channel=CaptureChannel(given["channel"]),
            disclosure_version=given.get("disclosure_version", ""),
            evidence=given["evidence"],
        )
        event = record_texting_consent(contact_point_id=given["contact_point"], said=said, actor=self.actor)
        return Response(shapes.TextingConsentEventOut(event).data, status=201)


class TextingDisclosureView(ApiView):
    """GET: what a client is shown before agreeing."""

    audit_action = "texting_disclosure"

    @extend_schema(operation_id="texting_disclosure_read", responses=shapes.TextingDisclosureOut)
    def get(self, request: Request) -> Response:
        """Read the words that a client is shown before agreeing to texts, to print them or to read them out."""
        version, text = words_to_show(self.actor)
        return Response(shapes.TextingDisclosureOut({"version": version, "text": text}).data)


class OptOutReviewView(ApiView):
    """POST: decide on an opt-out that was read out of free wording."""

    audit_action = "texting_consent"

    @extend_schema(
        operation_id="texting_consents_review",
        request=shapes.OptOutReviewIn,
        responses={201: shapes.TextingConsentEventOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Uphold or lift an inferred opt-out. It is lifted only with the client's confirmation."""
        given = self.given(shapes.OptOutReviewIn)
        event = review_opt_out(
            consent_id=pk,
            decision=ConsentEvent(given["decision"]),
            channel=given["channel"],
            evidence=given["evidence"],
            actor=self.actor,
        )
        return Response(shapes.TextingConsentEventOut(event).data, status=201)


class TextingConsentEventsView(ListView):
    """GET: the ledger of one consent, newest first."""

    model = TextingConsentEvent
    output = shapes.TextingConsentEventOut
    ordering = ("-seq",)
    audit_action = "texting_consent_event"

    def rows(self) -> QuerySet[Any]:
        """Return the ledger of a consent the actor may see; raise NotVisible for another."""
        consent = TextingConsent.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return TextingConsentEvent.objects.filter(consent=consent).select_related("consent")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the consent."""
        return row.consent.client_id  # type: ignore[no-any-return]

    @extend_schema(
        operation_id="texting_consents_events", parameters=[PageIn], responses=page_of(shapes.TextingConsentEventOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was said about texts to a number."""
        return super().get(request, **kwargs)
