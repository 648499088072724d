"""Reviews after a return to use over HTTP (CLN-30, T19); clinicians write them, peers and houses do not read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.chart.models import ReturnToUse, ReturnToUseReview
from casemgmt.chart.models.entry import TEXT_LIMIT
from casemgmt.chart.services.reviews import NewReview, amend_review, review_return
from casemgmt.chart.words import ReturnReviewOutcome
from casemgmt.episodes.stages import Stage

from .entries import COMMON, EntryOut, amendment_reason

MORE_SUPPORT = [stage.value for stage in (Stage.IOP, Stage.SOBER_LIVING, Stage.THERAPY, Stage.PEER_SUPPORT)]


class ReviewIn(StrictSerializer):
    """What was decided with the client. A step up names its stage as `target`; it is proposed, not made."""

    outcome = serializers.ChoiceField(choices=ReturnReviewOutcome.choices)
    target = serializers.ChoiceField(choices=MORE_SUPPORT, required=False)
    note = serializers.CharField(max_length=TEXT_LIMIT, required=False)


class ReviewAmendmentIn(ReviewIn):
    """What is decided instead."""

    reason = amendment_reason()


class ReviewOut(EntryOut):
    """One review. `proposal_id` is the step up that it led to."""

    class Meta:
        model = ReturnToUseReview
        fields = (*COMMON, "return_to_use_id", "outcome", "target", "note", "proposal_id")


class ReviewsView(ListView):
    """GET lists the reviews of a return to use, amended ones too, latest first; POST reviews it."""

    model = ReturnToUseReview
    output = ReviewOut
    ordering = ("-recorded_at", "-id")
    audit_action = "return_to_use_review"

    def rows(self) -> QuerySet[Any]:
        """Return the reviews of a return to use the actor may see; raise NotVisible for another."""
        found = ReturnToUse.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(return_to_use_id=found.line_id).select_related("superseded_by")

    @extend_schema(operation_id="returns_to_use_reviews", parameters=[PageIn], responses=page_of(ReviewOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of a return to use."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="returns_to_use_review", request=ReviewIn, responses={201: ReviewOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Review a return to use; clinicians only."""
        new = NewReview(**self.given(ReviewIn))
        return Response(self.shown(review_return(return_id=pk, new=new, actor=self.actor)), status=201)


class ReviewAmendmentsView(ApiView):
    """POST: decide otherwise by a new row."""

    audit_action = "return_to_use_review"

    @extend_schema(operation_id="returns_to_use_review_amend", request=ReviewAmendmentIn, responses={201: ReviewOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Decide otherwise than a review did; a step that was proposed stays proposed."""
        given = dict(self.given(ReviewAmendmentIn))
        reason = given.pop("reason")
        row = amend_review(review_id=pk, new=NewReview(**given), reason=reason, actor=self.actor)
        return Response(ReviewOut(row, context={"actor": self.actor}).data, status=201)
