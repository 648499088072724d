"""Returns to use over HTTP (CLN-30). Nothing here moves or ends an episode."""

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
from casemgmt.chart.models import ReturnToUse
from casemgmt.chart.models.entry import NOTE_LIMIT
from casemgmt.chart.services.returns import NewReturn, amend_return, record_return, withdraw_return
from casemgmt.chart.words import LearnedFrom, StillUsing, SubstanceClass

from .entries import COMMON, EntriesIn, EntriesView, EntryOut, EntryView, EntryWithdrawalIn, amendment_reason

# CLN-31
DO_FIRST = (
    "An overdose, or signs of withdrawal: call 911 or have the client medically evaluated first. "
    "Everything else can wait."
)


class ReturnContentIn(StrictSerializer):
    """What the team learned. Leave out what is not known; whether naloxone was offered is always said."""

    learned_on = serializers.DateField(help_text="A day where the organization is.")
    source = serializers.ChoiceField(choices=LearnedFrom.choices)  # type: ignore[assignment]
    substance_class = serializers.ChoiceField(choices=SubstanceClass.choices, required=False)
    overdose = serializers.BooleanField()
    injecting = serializers.BooleanField(required=False, allow_null=True)
    still_using = serializers.ChoiceField(choices=StillUsing.choices)
    client_wishes = serializers.CharField(max_length=NOTE_LIMIT, required=False, help_text="In the client's words.")
    naloxone_offered = serializers.BooleanField()
    safety_plan_checked = serializers.BooleanField()


class ReturnIn(ReturnContentIn):
    """A return to use."""

    episode = serializers.UUIDField()


class ReturnAmendmentIn(ReturnContentIn):
    """All of it as it should have been recorded."""

    reason = amendment_reason()


class ReturnOut(EntryOut):
    """One return to use. A peer learns that there was one and when; the rest is hidden unless it is their own entry."""

    hidden = (
        "source",
        "substance_class",
        "overdose",
        "injecting",
        "still_using",
        "client_wishes",
        "naloxone_offered",
        "safety_plan_checked",
    )

    source = serializers.ChoiceField(choices=LearnedFrom.choices, allow_null=True)  # type: ignore[assignment]
    substance_class = serializers.ChoiceField(choices=SubstanceClass.choices, allow_null=True, allow_blank=True)
    overdose = serializers.BooleanField(allow_null=True)
    injecting = serializers.BooleanField(allow_null=True)
    still_using = serializers.ChoiceField(choices=StillUsing.choices, allow_null=True)
    client_wishes = serializers.CharField(allow_null=True)
    naloxone_offered = serializers.BooleanField(allow_null=True)
    safety_plan_checked = serializers.BooleanField(allow_null=True)

    class Meta:
        model = ReturnToUse
        fields: tuple[str, ...] = (
            *COMMON,
            "learned_on",
            "source",
            "substance_class",
            "overdose",
            "injecting",
            "still_using",
            "client_wishes",
            "naloxone_offered",
            "safety_plan_checked",
        )


class ReturnRecordedOut(ReturnOut):
    """A return to use just recorded. `do_first` comes before everything else; null where there was no overdose."""

    do_first = serializers.SerializerMethodField()

    class Meta(ReturnOut.Meta):
        fields = ("do_first", *ReturnOut.Meta.fields)

    def get_do_first(self, row: ReturnToUse) -> str | None:
        """Return what is to be done first (CLN-31)."""
        return DO_FIRST if row.overdose else None


class ReturnsView(EntriesView):
    """GET lists a client's returns to use, latest first; POST records one."""

    model = ReturnToUse
    output = ReturnOut
    ordering = ("-recorded_at", "-id")
    audit_action = "return_to_use"

    @extend_schema(operation_id="returns_to_use_list", parameters=[EntriesIn], responses=page_of(ReturnOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's returns to use."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="returns_to_use_record", request=ReturnIn, responses={201: ReturnRecordedOut})
    def post(self, request: Request) -> Response:
        """Record a return to use. A clinician reviews it; it moves and ends nothing."""
        given = dict(self.given(ReturnIn))
        row = record_return(episode_id=given.pop("episode"), new=NewReturn(**given), actor=self.actor)
        return Response(ReturnRecordedOut(row, context={"actor": self.actor}).data, status=201)


class ReturnView(EntryView):
    """GET: one return to use."""

    model = ReturnToUse
    output = ReturnOut
    audit_action = "return_to_use"

    @extend_schema(operation_id="returns_to_use_read", responses=ReturnOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one return to use."""
        return super().get(request, pk, **kwargs)


class ReturnAmendmentsView(ApiView):
    """POST: correct what was recorded by a new row."""

    audit_action = "return_to_use"

    @extend_schema(operation_id="returns_to_use_amend", request=ReturnAmendmentIn, responses={201: ReturnRecordedOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct a return to use; only a clinician lowers a danger."""
        given = dict(self.given(ReturnAmendmentIn))
        reason = given.pop("reason")
        row = amend_return(return_id=pk, new=NewReturn(**given), reason=reason, actor=self.actor)
        return Response(ReturnRecordedOut(row, context={"actor": self.actor}).data, status=201)


class ReturnWithdrawalView(ApiView):
    """POST: an entry in error."""

    audit_action = "return_to_use"

    @extend_schema(operation_id="returns_to_use_withdraw", request=EntryWithdrawalIn, responses={201: ReturnOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take a return to use out of force: it was entered in error."""
        reason = self.given(EntryWithdrawalIn)["reason"]
        row = withdraw_return(return_id=pk, reason=reason, actor=self.actor)
        return Response(ReturnOut(row, context={"actor": self.actor}).data, status=201)
