"""Continuing-care plans over HTTP (G9, G11)."""

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
from casemgmt.chart.models import ContinuingCarePlan
from casemgmt.chart.models.entry import NOTE_LIMIT, TEXT_LIMIT
from casemgmt.chart.services.plans import NewPlan, amend_plan, give_plan, withdraw_plan, write_plan
from casemgmt.chart.words import PeerOffer

from .entries import COMMON, EntriesIn, EntriesView, EntryOut, EntryView, EntryWithdrawalIn, amendment_reason


class PlanContentIn(StrictSerializer):
    """What a plan says, or that the client declined to have one (`refused_at` with `refusal_note`)."""

    goals = serializers.CharField(max_length=TEXT_LIMIT, required=False, help_text="And what to do for them.")
    warning_signs = serializers.CharField(
        max_length=TEXT_LIMIT, required=False, help_text="The safety plan: what comes first, what helps, whom to call."
    )
    supports = serializers.CharField(max_length=TEXT_LIMIT, required=False)
    given_at = serializers.DateTimeField(required=False, help_text="When the client was given a copy.")
    refused_at = serializers.DateTimeField(required=False)
    refusal_note = serializers.CharField(max_length=NOTE_LIMIT, required=False)
    check_ins_refused = serializers.BooleanField(required=False)
    first_checkup_on = serializers.DateField(required=False, help_text="A day where the organization is.")
    peer_offer = serializers.ChoiceField(choices=PeerOffer.choices, required=False)


class PlanIn(PlanContentIn):
    """The first version of an episode's plan."""

    episode = serializers.UUIDField()


class PlanAmendmentIn(PlanContentIn):
    """The next version, whole: what is left out is not in the plan any longer."""

    reason = amendment_reason()


class PlanGivenIn(StrictSerializer):
    """That the client was given a copy. Without `given_at`: just now."""

    given_at = serializers.DateTimeField(required=False)


class PlanOut(EntryOut):
    """One version. A peer reads its non-clinical part (table 1.9, note 1)."""

    hidden = ("warning_signs", "refusal_note")

    warning_signs = serializers.CharField(allow_null=True)
    refusal_note = serializers.CharField(allow_null=True)

    class Meta:
        model = ContinuingCarePlan
        fields = (
            *COMMON,
            "goals",
            "warning_signs",
            "supports",
            "given_at",
            "refused_at",
            "refusal_note",
            "check_ins_refused",
            "first_checkup_on",
            "peer_offer",
        )


class PlansView(EntriesView):
    """GET lists a client's plans, latest first; POST writes the first version of an episode's plan."""

    model = ContinuingCarePlan
    output = PlanOut
    ordering = ("-recorded_at", "-id")
    audit_action = "continuing_care"

    @extend_schema(operation_id="continuing_care_plans_list", parameters=[EntriesIn], responses=page_of(PlanOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's plans, one per episode; with `amended` every version."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="continuing_care_plans_write", request=PlanIn, responses={201: PlanOut})
    def post(self, request: Request) -> Response:
        """Write an episode's plan."""
        given = dict(self.given(PlanIn))
        return self.made(write_plan(episode_id=given.pop("episode"), new=NewPlan(**given), actor=self.actor))


class PlanView(EntryView):
    """GET: one version."""

    model = ContinuingCarePlan
    output = PlanOut
    audit_action = "continuing_care"

    @extend_schema(operation_id="continuing_care_plans_read", responses=PlanOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one version."""
        return super().get(request, pk, **kwargs)


class PlanDoorView(ApiView):
    """Base of what is done to a plan: the answer is its next version."""

    audit_action = "continuing_care"

    def made(self, row: ContinuingCarePlan) -> Response:
        """Answer with a version that was written."""
        return Response(PlanOut(row, context={"actor": self.actor}).data, status=201)


class PlanAmendmentsView(PlanDoorView):
    """POST: the next version."""

    @extend_schema(operation_id="continuing_care_plans_amend", request=PlanAmendmentIn, responses={201: PlanOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Write the next version of a plan; 409 when somebody wrote one meanwhile."""
        given = dict(self.given(PlanAmendmentIn))
        reason = given.pop("reason")
        return self.made(amend_plan(plan_id=pk, new=NewPlan(**given), reason=reason, actor=self.actor))


class PlanGivenView(PlanDoorView):
    """POST: the client has a copy."""

    @extend_schema(operation_id="continuing_care_plans_give", request=PlanGivenIn, responses={201: PlanOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Record that the client was given a copy (G11)."""
        given_at = self.given(PlanGivenIn).get("given_at")
        return self.made(give_plan(plan_id=pk, given_at=given_at, actor=self.actor))


class PlanWithdrawalView(PlanDoorView):
    """POST: an entry in error."""

    @extend_schema(operation_id="continuing_care_plans_withdraw", request=EntryWithdrawalIn, responses={201: PlanOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take a plan out of force: it was entered in error."""
        reason = self.given(EntryWithdrawalIn)["reason"]
        return self.made(withdraw_plan(plan_id=pk, reason=reason, actor=self.actor))
