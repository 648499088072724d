"""What a client acknowledged before living in a residence (G8, CLN-10). Only grows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import User
from casemgmt.kernel.clock import DatabaseNow
from programs.querysets import HouseAgreementQuerySet

from .enrollment import Enrollment


class HouseAgreement(models.Model):
    """A client acknowledged the house rules, or (`withdrawn`) an acknowledgement turned out not to have been one.

    Each row takes the place of the one before it; the last row of an enrollment holds.
    """

    seq = models.BigAutoField(primary_key=True)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="house_agreements")
    agreed_at = models.DateTimeField()
    rules_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of what was read; empty: the house told none
    withdrawn = models.BooleanField(default=False)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    witnessed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = HouseAgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            # G8: one row of an enrollment holds, so the rows form one line
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(supersedes__isnull=True), name="house_agreement_one_first"
            ),
            # F2: what is taken back was there, and it is said why
            models.CheckConstraint(
                condition=Q(withdrawn=False) | (Q(supersedes__isnull=False) & ~Q(reason="")),
                name="house_agreement_withdrawal_fits",
            ),
            # F2: nobody agreed later than it was recorded
            models.CheckConstraint(condition=Q(agreed_at__lte=F("recorded_at")), name="house_agreement_not_ahead"),
        ]
        indexes = [
            # reader: the acknowledgements of one enrollment, newest first; the pathway's facts (G8)
            models.Index(fields=["enrollment", "-seq"], name="house_agreement_by_enrollment"),
        ]

    def __str__(self) -> str:
        return f"house agreement {self.seq}"
