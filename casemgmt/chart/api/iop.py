"""Reviews and certifications of intensive outpatient care over HTTP (CLN-02)."""

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
from casemgmt.chart.models import IopReview
from casemgmt.chart.models.entry import TEXT_LIMIT
from casemgmt.chart.services.iop import NewIopReview, amend_iop_review, record_iop_review
from casemgmt.chart.words import IopReviewKind, IopReviewOutcome

from .entries import COMMON, EntriesIn, EntriesView, EntryOut, EntryView, amendment_reason


class IopReviewContentIn(StrictSerializer):
    """What a review came to. A recertification names the physician who certified."""

    kind = serializers.ChoiceField(choices=IopReviewKind.choices)
    outcome = serializers.ChoiceField(choices=IopReviewOutcome.choices)
    note = serializers.CharField(max_length=TEXT_LIMIT, required=False)
    certified_by = serializers.CharField(max_length=200, required=False, help_text="Name and credential.")
    reviewed_at = serializers.DateTimeField(required=False)


class IopReviewIn(IopReviewContentIn):
    """A review. Without `reviewed_at`: just now."""

    episode = serializers.UUIDField()


class IopReviewAmendmentIn(IopReviewContentIn):
    """The review as it should have been recorded. Without `reviewed_at`: when it was."""

    reason = amendment_reason()


class IopReviewOut(EntryOut):
    """One review or recertification."""

    class Meta:
        model = IopReview
        fields = (*COMMON, "kind", "outcome", "note", "certified_by", "reviewed_at")


class IopReviewsView(EntriesView):
    """GET lists a client's reviews of IOP, latest first; POST records one."""

    model = IopReview
    output = IopReviewOut
    ordering = ("-reviewed_at", "-id")
    audit_action = "iop_review"

    @extend_schema(operation_id="iop_reviews_list", parameters=[EntriesIn], responses=page_of(IopReviewOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's reviews of IOP."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="iop_reviews_record", request=IopReviewIn, responses={201: IopReviewOut})
    def post(self, request: Request) -> Response:
        """Record a review; the next one falls due from it. Clinicians only."""
        given = dict(self.given(IopReviewIn))
        return self.made(
            record_iop_review(episode_id=given.pop("episode"), new=NewIopReview(**given), actor=self.actor)
        )


class IopReviewView(EntryView):
    """GET: one review."""

    model = IopReview
    output = IopReviewOut
    audit_action = "iop_review"

    @extend_schema(operation_id="iop_reviews_read", responses=IopReviewOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one review."""
        return super().get(request, pk, **kwargs)


class IopReviewAmendmentsView(ApiView):
    """POST: correct a review by a new row."""

    audit_action = "iop_review"

    @extend_schema(operation_id="iop_reviews_amend", request=IopReviewAmendmentIn, responses={201: IopReviewOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct what was recorded; what is due stays due."""
        given = dict(self.given(IopReviewAmendmentIn))
        reason = given.pop("reason")
        row = amend_iop_review(review_id=pk, new=NewIopReview(**given), reason=reason, actor=self.actor)
        return Response(IopReviewOut(row, context={"actor": self.actor}).data, status=201)
