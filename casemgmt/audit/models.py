"""The trail itself. No foreign keys and no bodies: ids, codes, times."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from casemgmt.kernel.clock import DatabaseNow


class Outcome(models.TextChoices):
    """How it ended."""

    OK = "ok"
    REFUSED = "refused"
    ERROR = "error"


class AuditEvent(models.Model):
    """One thing done, seen or refused (HIP-02, HIP-04). A list read is one row naming every client it showed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=64, blank=True)  # machines only
    roles = ArrayField(models.CharField(max_length=32), default=list)
    organization_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)  # dotted fact: episode.entered_iop, client.listed
    object_type = models.CharField(max_length=32)
    object_id = models.UUIDField(null=True)
    client_ids = ArrayField(models.UUIDField(), default=list)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OK)
    reason_code = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            # reader: "who saw this client", one client's access log
            GinIndex(fields=["client_ids"], name="audit_by_client"),
            # reader: "what did this person do", newest first
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
        ]
        constraints = [
            # HIP-02: an outcome is one of three
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="audit_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"audit event {self.pk}"
