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
    break_glass_id = models.UUIDField(null=True)  # filled in by PostgreSQL: the emergency under which this was seen

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


class AuditSeal(models.Model):
    """A closed range of the trail and the hash of its rows, chained to the seal before it. Never changed."""

    seq = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap: a missing one shows
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)  # the hash of the seal before; zeros for the first
    hash = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            # the chain has one beginning and no fork
            models.UniqueConstraint(fields=["previous"], name="audit_seal_follows_one"),
            models.CheckConstraint(  # a seal covers something
                condition=models.Q(first_id__lte=models.F("last_id"), count__gte=1, seq__gte=1),
                name="audit_seal_covers_rows",
            ),
        ]

    def __str__(self) -> str:
        return f"audit seal {self.seq}"
