"""Links for providers without an account: what one opens, how often it was tried, how it ended. No secret is here."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from casemgmt.kernel.models import Entity
from referrals.querysets import ReferralLinkQuerySet

from .referral import Referral

MOST_TRIES = 5


class LinkEnd(models.TextChoices):
    """Why a link opens nothing any more, besides its time."""

    REPLACED = "replaced"  # the sender made another one
    REVOKED = "revoked"  # the sender took it back
    FINISHED = "finished"  # who used it said so


class ReferralLink(Entity):
    """One way to one packet: opened once with its PIN, then a session of some hours; dies with the referral's grant."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="links")
    recipient_name = models.CharField(max_length=120)  # to whom the sender gave it
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256; the token itself is told once
    pin_hash = models.CharField(max_length=64)  # SHA-256 over token and PIN: without the token no PIN can be tried
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()  # until then it may be opened
    made_by = models.UUIDField(null=True)
    opened_at = models.DateTimeField(null=True)
    session_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - unique among those opened
    session_ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=8, choices=LinkEnd.choices, blank=True)

    objects = ReferralLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            # F3: a new link ends the one before
            models.UniqueConstraint(
                fields=["referral"], condition=Q(ended_at__isnull=True), name="referral_link_one_live"
            ),
            # F3: after so many tries nobody looks any more; one above says that somebody was turned away
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES + 1), name="referral_link_tries_limited"),
            # F3: opened once, with a session that ends
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, session_hash__isnull=True, session_ends_at__isnull=True)
                | Q(opened_at__isnull=False, session_hash__isnull=False, session_ends_at__isnull=False),
                name="referral_link_opened_whole",
            ),
            # F3: an end says why
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | Q(ended_at__isnull=False, ended_because__in=LinkEnd.values),
                name="referral_link_end_told",
            ),
        ]
        indexes = [
            # reader: the links of one referral, newest first
            models.Index(fields=["referral", "-id"], name="referral_link_by_referral"),
        ]

    def state_at(self, at: datetime) -> str:
        """Return how it stands at `at` (aware UTC): `waiting`, `open`, `over`, `locked`, or why it ended."""
        if self.ended_because:
            return str(self.ended_because)
        if self.session_ends_at is not None:
            return "open" if at < self.session_ends_at else "over"
        if self.tries > MOST_TRIES:
            return "locked"
        return "waiting" if at < self.expires_at else "over"
