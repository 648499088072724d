"""Recovery check-ups over HTTP (CLN-20, CLN-22)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.chart.models import Checkup
from casemgmt.chart.models.entry import NOTE_LIMIT
from casemgmt.chart.services.checkups import NewOutcome, record_checkup
from casemgmt.chart.words import CheckupOutcome, CheckupStatus, reads_details


class CheckupsIn(PageIn):
    """Whose check-ups."""

    client = serializers.UUIDField()
    episode = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=CheckupStatus.choices, required=False)


class CheckupOutcomeIn(StrictSerializer):
    """What a check-up showed. Without `held_at`: just now."""

    outcome = serializers.ChoiceField(choices=CheckupOutcome.choices)
    note = serializers.CharField(max_length=NOTE_LIMIT, required=False, allow_blank=True)
    held_at = serializers.DateTimeField(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class CheckupOut(serializers.ModelSerializer[Checkup]):
    """One check-up. Days are the organization's. A peer sees the schedule, and outcomes of their own only."""

    details_hidden = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=CheckupOutcome.choices, allow_null=True, allow_blank=True)
    note = serializers.CharField(allow_null=True)

    class Meta:
        model = Checkup
        fields = (
            "id",
            "client_id",
            "episode_id",
            "organization_id",
            "number",
            "due_on",
            "window_opens_on",
            "window_closes_on",
            "status",
            "outcome",
            "note",
            "held_at",
            "held_by_id",
            "appointment_by",
            "details_hidden",
            "version",
        )

    def get_details_hidden(self, row: Checkup) -> bool:
        """Return whether the outcome is kept from the reader (table 1.9, note 1)."""
        return row.held_by_id is not None and not reads_details(self.context["actor"], recorded_by_id=row.held_by_id)

    def to_representation(self, row: Checkup) -> dict[str, Any]:
        """Return the check-up as its reader may know it."""
        shown = super().to_representation(row)
        if shown["details_hidden"]:
            shown |= {"outcome": None, "note": None, "appointment_by": None}
        return shown


class CheckupsView(ListView):
    """GET lists a client's check-ups, next first."""

    model = Checkup
    output = CheckupOut
    query = CheckupsIn
    filters = {"client": "client_id", "episode": "episode_id", "status": "status"}
    ordering = ("due_on", "id")
    audit_action = "checkup"

    @extend_schema(operation_id="checkups_list", parameters=[CheckupsIn], responses=page_of(CheckupOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's check-ups."""
        return super().get(request, **kwargs)


class CheckupView(DetailView):
    """GET: one check-up."""

    model = Checkup
    output = CheckupOut
    audit_action = "checkup"

    @extend_schema(operation_id="checkups_read", responses=CheckupOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one check-up."""
        return super().get(request, pk, **kwargs)


class CheckupOutcomeView(ApiView):
    """POST: what a check-up showed."""

    audit_action = "checkup"

    @extend_schema(operation_id="checkups_record", request=CheckupOutcomeIn, responses={200: CheckupOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Record what a check-up showed; who needs treatment is re-linked the same day."""
        given = dict(self.given(CheckupOutcomeIn))
        given.setdefault("version", self.if_match(required=False))
        row = record_checkup(checkup_id=pk, new=NewOutcome(**given), actor=self.actor)
        return Response(CheckupOut(row, context={"actor": self.actor}).data, headers=etag(row.version))
