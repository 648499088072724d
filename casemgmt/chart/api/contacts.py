"""Attempts to reach a client over HTTP (G12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView
from casemgmt.chart.models import ContactAttempt
from casemgmt.chart.models.entry import NOTE_LIMIT
from casemgmt.chart.services.contacts import NewContact, amend_contact, record_contact, withdraw_contact
from casemgmt.chart.words import ContactChannel

from .entries import COMMON, EntriesIn, EntriesView, EntryOut, EntryView, EntryWithdrawalIn, amendment_reason


class ContactIn(StrictSerializer):
    """An attempt to reach a client. Without `at`: just now."""

    episode = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=ContactChannel.choices)
    reached = serializers.BooleanField()
    note = serializers.CharField(max_length=NOTE_LIMIT, required=False, allow_blank=True)
    at = serializers.DateTimeField(required=False)


class ContactAmendmentIn(StrictSerializer):
    """The attempt as it should have been recorded. Without `at`: when it was."""

    channel = serializers.ChoiceField(choices=ContactChannel.choices)
    reached = serializers.BooleanField()
    note = serializers.CharField(max_length=NOTE_LIMIT, required=False, allow_blank=True)
    at = serializers.DateTimeField(required=False)
    reason = amendment_reason()


class ContactOut(EntryOut):
    """One attempt. A peer reads no note but their own (table 1.9, note 1)."""

    hidden = ("note",)

    note = serializers.CharField(allow_null=True)

    class Meta:
        model = ContactAttempt
        fields = (*COMMON, "at", "channel", "reached", "note")


class ContactsView(EntriesView):
    """GET lists the attempts to reach a client, latest first; POST records one."""

    model = ContactAttempt
    output = ContactOut
    ordering = ("-at", "-id")
    audit_action = "contact_attempt"

    @extend_schema(operation_id="contact_attempts_list", parameters=[EntriesIn], responses=page_of(ContactOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the attempts to reach a client."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="contact_attempts_record", request=ContactIn, responses={201: ContactOut})
    def post(self, request: Request) -> Response:
        """Record an attempt."""
        given = dict(self.given(ContactIn))
        return self.made(record_contact(episode_id=given.pop("episode"), new=NewContact(**given), actor=self.actor))


class ContactView(EntryView):
    """GET: one attempt."""

    model = ContactAttempt
    output = ContactOut
    audit_action = "contact_attempt"

    @extend_schema(operation_id="contact_attempts_read", responses=ContactOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one attempt."""
        return super().get(request, pk, **kwargs)


class ContactAmendmentsView(ApiView):
    """POST: correct an attempt by a new row."""

    audit_action = "contact_attempt"

    @extend_schema(operation_id="contact_attempts_amend", request=ContactAmendmentIn, responses={201: ContactOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct what was recorded; the old row stays."""
        given = dict(self.given(ContactAmendmentIn))
        reason = given.pop("reason")
        row = amend_contact(contact_id=pk, new=NewContact(**given), reason=reason, actor=self.actor)
        return Response(ContactOut(row, context={"actor": self.actor}).data, status=201)


class ContactWithdrawalView(ApiView):
    """POST: an entry in error."""

    audit_action = "contact_attempt"

    @extend_schema(operation_id="contact_attempts_withdraw", request=EntryWithdrawalIn, responses={201: ContactOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take an attempt out of force: it was entered in error."""
        reason = self.given(EntryWithdrawalIn)["reason"]
        row = withdraw_contact(contact_id=pk, reason=reason, actor=self.actor)
        return Response(ContactOut(row, context={"actor": self.actor}).data, status=201)
