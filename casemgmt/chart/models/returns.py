"""Returns to use and what clinicians and clients decide after one (CLN-30). Neither moves or ends an episode."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.chart.querysets import ReturnReviewQuerySet, ReturnToUseQuerySet
from casemgmt.chart.words import LearnedFrom, ReturnReviewOutcome, StillUsing, SubstanceClass
from casemgmt.episodes.stages import Stage

from .entry import ChartEntry


class ReturnToUse(ChartEntry):
    """The team learned that a client used again. What is not known is empty or null, never "no"."""

    content = (
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

    learned_on = models.DateField()  # the organization's local day
    source = models.CharField(max_length=8, choices=LearnedFrom.choices)
    substance_class = models.CharField(max_length=10, choices=SubstanceClass.choices, blank=True)
    overdose = models.BooleanField()
    injecting = models.BooleanField(null=True)
    still_using = models.CharField(max_length=8, choices=StillUsing.choices)
    client_wishes = models.CharField(max_length=2000, blank=True)  # in the client's words
    naloxone_offered = models.BooleanField()
    safety_plan_checked = models.BooleanField()

    objects = ReturnToUseQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChartEntry.Meta.constraints,
            models.CheckConstraint(  # CLN-30: words of ours
                condition=Q(source__in=LearnedFrom.values, still_using__in=StillUsing.values)
                & (Q(substance_class="") | Q(substance_class__in=SubstanceClass.values)),
                name="chart_return_words_known",
            ),
        ]
        indexes = [
            # reader: one client's returns to use, latest first
            models.Index(fields=["client", "-recorded_at", "-id"], name="chart_return_by_client"),
            # reader: those of an episode (T19)
            models.Index(fields=["episode", "-recorded_at", "-id"], name="chart_return_by_episode"),
        ]

    @property
    def urgent(self) -> bool:
        """True when a clinician looks at it the same day (CLN-30)."""
        return self.overdose or self.injecting is True


class ReturnToUseReview(ChartEntry):
    """What a clinician decided with the client after a return to use. `return_to_use` is the first row of its line."""

    content = ("outcome", "target", "note")

    return_to_use = models.ForeignKey(ReturnToUse, on_delete=models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=32, choices=ReturnReviewOutcome.choices)
    target = models.CharField(max_length=16, choices=Stage.choices, blank=True)  # of a step up
    note = models.TextField(blank=True)
    proposal_id = models.UUIDField(null=True)  # the step up it led to

    objects = ReturnReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChartEntry.Meta.constraints,
            # two clinicians at once: one review, which the other reads and may amend
            models.UniqueConstraint(
                fields=["return_to_use"], condition=Q(supersedes__isnull=True), name="chart_return_reviewed_once"
            ),
            # CLN-30: one of the four, and a step up says where to
            models.CheckConstraint(
                condition=(Q(outcome=ReturnReviewOutcome.STEP_UP) & ~Q(target=""))
                | (Q(outcome__in=ReturnReviewOutcome.values, target="") & ~Q(outcome=ReturnReviewOutcome.STEP_UP)),
                name="chart_return_review_whole",
            ),
        ]
        indexes = [
            # reader: one client's reviews, latest first
            models.Index(fields=["client", "-recorded_at", "-id"], name="chart_review_by_client"),
        ]
