"""Reviews and certifications of intensive outpatient care (CLN-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.chart.querysets import IopReviewQuerySet
from casemgmt.chart.words import IopReviewKind, IopReviewOutcome

from .entry import ChartEntry


class IopReview(ChartEntry):
    """A clinician looked whether IOP still fits, or recorded that a physician certified it again."""

    content = ("kind", "outcome", "note", "certified_by", "reviewed_at")

    kind = models.CharField(max_length=16, choices=IopReviewKind.choices)
    outcome = models.CharField(max_length=16, choices=IopReviewOutcome.choices)
    note = models.TextField(blank=True)
    certified_by = models.CharField(max_length=200, blank=True)  # the physician: name and credential
    reviewed_at = models.DateTimeField()

    objects = IopReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChartEntry.Meta.constraints,
            # CLN-02: a certification names its physician, a review has none
            models.CheckConstraint(
                condition=(Q(kind=IopReviewKind.RECERTIFICATION) & ~Q(certified_by=""))
                | Q(kind=IopReviewKind.REVIEW, certified_by=""),
                name="chart_iop_certified_by_fits",
            ),
            models.CheckConstraint(  # CLN-02
                condition=Q(outcome__in=IopReviewOutcome.values), name="chart_iop_outcome_known"
            ),
            # CLN-02: the next is due from when this took place
            models.CheckConstraint(condition=Q(reviewed_at__lte=F("recorded_at")), name="chart_iop_in_the_past"),
        ]
        indexes = [
            # reader: one client's reviews of IOP, latest first
            models.Index(fields=["client", "-reviewed_at", "-id"], name="chart_iop_by_client"),
        ]
