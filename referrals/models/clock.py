"""Clocks of referrals: each runs in the receiver's business time, and each of its milestones is told once (§9, F3)."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from referrals.querysets import ReferralClockQuerySet
from referrals.timing import Clock

from .referral import Referral


class ReferralClock(models.Model):
    """How long one side may take over one thing: how much open time it has, had, and since when it runs."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=12, choices=Clock.choices)
    started_at = models.DateTimeField()
    allowed = models.DurationField()  # open time of the receiver's calendar
    lasting = models.DurationField(null=True, blank=True)  # after so much the referral expires; None: it does not
    used = models.DurationField(default=timedelta(0))  # before `running_since`
    running_since = models.DateTimeField(null=True, blank=True)  # None: it stands still, or is stopped
    stopped_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # when `allowed` is used up, as the calendar stands; shown
    next_at = models.DateTimeField(null=True, blank=True)  # the next milestone; None: none, or it stands still
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralClockQuerySet.as_manager()

    class Meta:
        constraints = [
            # §9: one clock of a kind runs at a time
            models.UniqueConstraint(
                fields=["referral", "kind"], condition=Q(stopped_at__isnull=True), name="referral_clock_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=Clock.values), name="referral_clock_kind_known"),  # §9
            models.CheckConstraint(  # a deadline of no time is a mistake
                condition=Q(allowed__gt=timedelta(0)), name="referral_clock_allows"
            ),
            # what stands still or is stopped has nothing to tell
            models.CheckConstraint(
                condition=Q(running_since__isnull=False, stopped_at__isnull=True)
                | Q(running_since__isnull=True, next_at__isnull=True),
                name="referral_clock_standing_still",
            ),
            # F3: milestones come in their order
            models.CheckConstraint(
                condition=(
                    Q(escalated_at__isnull=True) | Q(breached_at__isnull=False, breached_at__lte=F("escalated_at"))
                )
                & (Q(breached_at__isnull=True) | Q(warned_at__isnull=False, warned_at__lte=F("breached_at"))),
                name="referral_clock_in_order",
            ),
        ]
        indexes = [
            # reader: the tick that tells what is due
            models.Index(fields=["next_at", "id"], name="referral_clock_due", condition=Q(next_at__isnull=False)),
            # reader: the boxes, which show what is overdue; the clocks of one referral
            models.Index(fields=["referral", "due_at"], name="referral_clock_by_referral"),
        ]

    def __str__(self) -> str:
        return f"referral clock {self.pk}"
