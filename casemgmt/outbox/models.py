"""Facts waiting for the rooms that must hear of them."""

from __future__ import annotations

from django.db import models

from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

from .querysets import StoppedPartQuerySet


class OutboxEvent(models.Model):
    """One fact and what became of its telling. Ids, codes and times only; `seq` keeps the order of one subject."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, unique=True, editable=False)
    topic = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    client_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    emitted_at = models.DateTimeField(db_default=DatabaseNow())
    due_at = models.DateTimeField(db_default=DatabaseNow())
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)  # gave up: an operator replays it, see the runbook
    last_error = models.CharField(max_length=64, blank=True)  # the exception's class, never its text

    class Meta:
        indexes = [
            # reader: relay, the oldest due fact still to be told
            models.Index(
                fields=["due_at", "seq"],
                name="outbox_due",
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
            ),
            # reader: relay, "does this subject have an older fact still to be told"
            models.Index(
                fields=["subject_id", "seq"],
                name="outbox_open_by_subject",
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
            ),
        ]
        constraints = [
            # reliability F20: a fact is either told or given up, never both
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(dead_at__isnull=True), name="outbox_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"outbox event {self.seq}"


class JobHeartbeat(models.Model):
    """When a driver last finished a round of a tick, and when such a round last did any work (F3, F6)."""

    name = models.CharField(max_length=64, primary_key=True)  # driver:tick, such as celery:send and loop:send
    last_ok_at = models.DateTimeField()
    last_progress_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"heartbeat {self.name}"


class StoppedPart(models.Model):
    """A part of the system that stood still: since when, and what operators were told of it (reliability R10)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=64)  # driver:tick, or a queue that is not worked off
    since = models.DateTimeField(db_default=DatabaseNow())
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_told_at = models.DateTimeField(null=True)

    objects = StoppedPartQuerySet.as_manager()

    class Meta:
        constraints = [
            # R10: one standstill is told of once
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(ended_at__isnull=True), name="stopped_part_one_open"
            ),
        ]
        indexes = [
            # reader: the watch, what is still to be told
            models.Index(fields=["since"], name="stopped_part_untold", condition=models.Q(end_told_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"stopped part {self.name}"
