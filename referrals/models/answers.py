"""What the two sides say beside the moves: more information, how it ended, what a decline means. Never changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization, User
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.kernel.clock import DatabaseNow
from referrals.querysets import DeclineRuleQuerySet, ReferralPartQuerySet, ReferralSupplementQuerySet
from referrals.words import Consequence, DeclineReason, Outcome, Party

from .referral import Referral


class ReferralSupplement(models.Model):
    """A second packet that answers what the receiver asked, judged and accounted for like the first (P2-20, P2-30)."""

    seq = models.BigAutoField(primary_key=True)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="supplements")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+")
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=24))
    packet = models.JSONField()
    packet_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=DatabaseNow())
    sent_by = models.UUIDField(null=True)

    objects = ReferralSupplementQuerySet.as_manager()

    class Meta:
        indexes = [
            # reader: what one referral's receiver was told later
            models.Index(fields=["referral", "seq"], name="supplement_by_referral"),
        ]

    def __str__(self) -> str:
        return f"referral supplement {self.seq}"


class ReferralConfirmation(models.Model):
    """One side says whether it agrees how the loop closed (F3: two-sided truth). The last word of a side holds."""

    seq = models.BigAutoField(primary_key=True)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="confirmations")
    side = models.CharField(max_length=8, choices=Party.choices)
    agrees = models.BooleanField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)  # how it ended, says who disagrees
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = ReferralPartQuerySet.as_manager()

    class Meta:
        constraints = [
            # F3: only the two sides have a say
            models.CheckConstraint(
                condition=Q(side__in=[Party.SENDER, Party.RECEIVER]), name="confirmation_side_known"
            ),
            # who disagrees says why
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(reason=""), name="confirmation_says_why"),
        ]
        indexes = [
            # reader: the last word of each side of one referral
            models.Index(fields=["referral", "side", "-seq"], name="confirmation_last"),
        ]

    def __str__(self) -> str:
        return f"referral confirmation {self.seq}"


class DeclineRule(models.Model):
    """An organization set what follows for it when its referrals are declined for a reason. The last row holds."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    decline_reason = models.CharField(max_length=16, choices=DeclineReason.choices)
    declined_by = models.CharField(max_length=8, choices=Party.choices)
    consequence = models.CharField(max_length=8, choices=Consequence.choices)
    park_days = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = DeclineRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            # F3: the client or the receiver declines
            models.CheckConstraint(
                condition=Q(declined_by__in=[Party.CLIENT, Party.RECEIVER]), name="decline_rule_party_known"
            ),
            # F3: parking has its days, nothing else has
            models.CheckConstraint(
                condition=Q(consequence=Consequence.PARK, park_days__gte=1, park_days__lte=365)
                | (~Q(consequence=Consequence.PARK) & Q(park_days=0)),
                name="decline_rule_days_fit",
            ),
            # a rule is never changed without saying why
            models.CheckConstraint(condition=~Q(reason=""), name="decline_rule_says_why"),
        ]
        indexes = [
            # reader: an organization's rules in force, and their history
            models.Index(
                fields=["organization", "decline_reason", "declined_by", "-seq"], name="decline_rule_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"decline rule {self.seq}"
