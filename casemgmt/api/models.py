"""What a repeated POST must answer: the first answer, kept with what was asked."""

from __future__ import annotations

from django.db import models

from casemgmt.kernel.clock import DatabaseNow


class IdempotencyKey(models.Model):
    """One caller's key, the request it stood for, and the answer it got; committed together with the work."""

    id = models.BigAutoField(primary_key=True)
    actor_id = models.UUIDField()
    organization_id = models.UUIDField()
    key = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)  # SHA-256 of method, path and body
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)  # text, not jsonb: a repeat is equal byte for byte
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            # F25: one key, one piece of work; a concurrent repeat waits here for the first to commit
            models.UniqueConstraint(fields=["actor_id", "organization_id", "key"], name="idempotency_key_once"),
        ]
        indexes = [
            # reader: forget_old_answers, after a day
            models.Index(fields=["created_at"], name="idempotency_by_age"),
        ]

    def __str__(self) -> str:
        return f"idempotency key {self.pk}"
