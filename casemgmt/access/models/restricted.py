"""Restricted clients, and opening one in an emergency. Ids, codes, times; the words of who opens are for reviewers."""

from __future__ import annotations

from django.db import models

from casemgmt.access.restricted_querysets import BreakGlassQuerySet, RestrictionQuerySet
from casemgmt.kernel.models import Entity


class RestrictedBecause(models.TextChoices):
    """Why only a client's team may see them."""

    STAFF = "staff"  # works in the network, or did
    CLOSE_TO_STAFF = "close_to_staff"  # family or friends of somebody who does
    CLIENT_ASKED = "client_asked"
    PUBLIC_PERSON = "public_person"
    SAFETY = "safety"  # somebody who might look is a danger to them


class Restriction(Entity):
    """An organization shows a client to the client's team only; to everybody else there the client is absent (F10)."""

    client_id = models.UUIDField()
    organization_id = models.UUIDField()
    reason = models.CharField(max_length=16, choices=RestrictedBecause.choices)
    started_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        constraints = [
            # F10: a client is restricted once at a time
            models.UniqueConstraint(
                fields=["organization_id", "client_id"],
                condition=models.Q(ended_at__isnull=True),
                name="restriction_one_open",
            ),
            # F10: for a reason we know
            models.CheckConstraint(
                condition=models.Q(reason__in=RestrictedBecause.values), name="restriction_reason_known"
            ),
        ]
        indexes = [
            # reader: an organization's list, newest first
            models.Index(fields=["organization_id", "-id"], name="restriction_by_organization"),
        ]


class Emergency(models.TextChoices):
    """Why somebody breaks the glass."""

    MEDICAL = "medical"  # a medical emergency
    RISK_TO_LIFE = "risk_to_life"  # of the client or of somebody else
    URGENT_CARE = "urgent_care"  # care cannot wait until somebody of the team is back


class ReviewOutcome(models.TextChoices):
    """How a privacy officer judged it (HIP-10)."""

    APPROPRIATE = "appropriate"
    INAPPROPRIATE = "inappropriate"
    NEEDS_FOLLOWUP = "needs_followup"


class BreakGlass(Entity):
    """Somebody opened a restricted client in an emergency: why, until when, and how it was judged (HIP-10)."""

    client_id = models.UUIDField()
    organization_id = models.UUIDField()
    user_id = models.UUIDField()
    reason = models.CharField(max_length=16, choices=Emergency.choices)
    explanation = models.TextField()  # their own words; for the reviewer only
    expires_at = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=16, choices=ReviewOutcome.choices, blank=True)
    remark = models.TextField(blank=True)
    escalated_at = models.DateTimeField(null=True)  # since when others know that nobody judged it in time

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        constraints = [
            # HIP-10: reason and words, always
            models.CheckConstraint(condition=models.Q(reason__in=Emergency.values), name="break_glass_reason_known"),
            models.CheckConstraint(condition=models.Q(explanation__regex=r"\S.{13,}\S"), name="break_glass_explained"),
            # HIP-10: a review has an outcome and a reviewer who is somebody else
            models.CheckConstraint(
                condition=models.Q(reviewed_at__isnull=True, reviewed_by__isnull=True, outcome="")
                | models.Q(reviewed_at__isnull=False, reviewed_by__isnull=False, outcome__in=ReviewOutcome.values)
                & ~models.Q(reviewed_by=models.F("user_id")),
                name="break_glass_reviewed_by_another",
            ),
        ]
        indexes = [
            # reader: the reviewers' list of an organization, newest first
            models.Index(fields=["organization_id", "-id"], name="break_glass_by_organization"),
            # reader: the tick that looks for what nobody judged in time
            models.Index(
                fields=["review_due_at"],
                name="break_glass_unjudged",
                condition=models.Q(reviewed_at__isnull=True, escalated_at__isnull=True),
            ),
        ]
