"""Grants: the one table that answers who may see which client."""

from __future__ import annotations

from django.db import models

from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.models import Entity


class Reason(models.TextChoices):
    """Why somebody may see a client."""

    CARE = "care"  # the organization that cares for the client
    CARE_TEAM = "care_team"  # a named person on the care team
    REFERRAL = "referral"  # a live referral to the organization
    EXPLICIT = "explicit"  # decided by a privacy officer
    ALERT = "alert"  # asked to answer an alert about a restricted client
    BREAK_GLASS = "break_glass"  # an emergency: reads only, one person, one hour (HIP-10)


class Scope(models.TextChoices):
    """How much a grant opens."""

    RECORD = "record"  # the client's record, as far as the role goes
    PACKET = "packet"  # one referral's packet and nothing else (REF-04)
    WITHHELD = "withheld"  # nothing: the organization's own grant while the client is restricted there (F10)


class Grant(Entity):
    """May an organization, or one person in it, see a client: why, how much, until when."""

    client_id = models.UUIDField()
    organization_id = models.UUIDField()
    user_id = models.UUIDField(null=True)  # None: everybody in the organization whose role sees records
    reason = models.CharField(max_length=16, choices=Reason.choices)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.RECORD)
    source_id = models.UUIDField(null=True)  # the referral, episode or decision that gave it
    granted_at = models.DateTimeField(db_default=DatabaseNow())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    elsewhere = models.BooleanField(db_default=True)  # the client is registered by another; PostgreSQL fills it in

    class Meta:
        indexes = [
            # reader: visible_to, on every request
            models.Index(
                fields=["organization_id", "client_id", "scope"],
                name="grant_live_by_organization",
                condition=models.Q(revoked_at__isnull=True),
            ),
            # reader: the list of clients, of whom others registered; the organization's own are read by name
            models.Index(
                fields=["organization_id", "client_id"],
                name="grant_live_elsewhere",
                condition=models.Q(revoked_at__isnull=True, elsewhere=True),
            ),
            # reader: revoke_grants when a referral or an episode ends
            models.Index(fields=["source_id"], name="grant_by_source"),
            # reader: the trigger that notes under which emergency an audit row was written
            models.Index(
                fields=["user_id", "client_id"], name="grant_break_glass", condition=models.Q(reason="break_glass")
            ),
        ]
        constraints = [
            # giving twice is giving once
            models.UniqueConstraint(
                fields=["client_id", "organization_id", "user_id", "reason", "scope", "source_id"],
                condition=models.Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="grant_given_once",
            ),
            # F10: nothing opens a client for a reason we do not know
            models.CheckConstraint(condition=models.Q(reason__in=Reason.values), name="grant_reason_known"),
            models.CheckConstraint(condition=models.Q(scope__in=Scope.values), name="grant_scope_known"),  # REF-04
        ]
