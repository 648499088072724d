"""The tables of both requests, as an ordinary build would declare them."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Client(models.Model):
    """A client."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    organization_id = models.UUIDField()
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True)
    language = models.CharField(max_length=35)
    residence_state = models.CharField(max_length=2)
    city = models.CharField(max_length=100)
    timezone = models.CharField(max_length=64)
    deceased = models.BooleanField()
    deceased_on = models.DateField(null=True)
    source_system = models.CharField(max_length=200)
    source_id = models.CharField(max_length=100)
    version = models.IntegerField()

    class Meta:
        managed = False
        db_table = "clients_client"
        ordering = ("family_name", "given_name", "id")


class ContactPoint(models.Model):
    """A number or address."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=254)
    status = models.CharField(max_length=12)
    preferred = models.BooleanField()
    ended_at = models.DateTimeField(null=True)
    version = models.IntegerField()

    class Meta:
        managed = False
        db_table = "clients_contactpoint"


class Episode(models.Model):
    """An episode."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    organization_id = models.UUIDField()
    stage = models.CharField(max_length=16)
    held_stage = models.CharField(max_length=16)
    source = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.IntegerField()

    class Meta:
        managed = False
        db_table = "episodes_episode"


class StageMove(models.Model):
    """A row of the ledger."""

    seq = models.BigAutoField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE)
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8, default="stock")
    from_stage = models.CharField(max_length=16)
    to_stage = models.CharField(max_length=16)
    enters = models.CharField(max_length=16)
    direction = models.CharField(max_length=12, default="")
    at = models.DateTimeField()
    effective_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16, default="staff")
    actor_id = models.UUIDField()
    actor_roles = ArrayField(models.CharField(max_length=20), default=list)
    reason = models.TextField()
    given = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, default="")
    definition = models.CharField(max_length=16, default="")
    on_behalf_of = models.CharField(max_length=12, default="")

    class Meta:
        managed = False
        db_table = "episodes_stagemove"


class AuditEvent(models.Model):
    """A row of the trail."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    actor_kind = models.CharField(max_length=16, default="staff")
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=64, default="")
    roles = ArrayField(models.CharField(max_length=32), default=list)
    organization_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=32)
    object_id = models.UUIDField()
    client_ids = ArrayField(models.UUIDField(), default=list)
    outcome = models.CharField(max_length=8, default="ok")
    reason_code = models.CharField(max_length=64, default="")
    request_id = models.CharField(max_length=64, default="")

    class Meta:
        managed = False
        db_table = "audit_auditevent"


class OutboxEvent(models.Model):
    """A fact to be told; here it is told already, so that no relay wakes up."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid4)
    topic = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    client_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=16, default="staff")
    actor_id = models.UUIDField(null=True)
    attempts = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=64, default="")

    class Meta:
        managed = False
        db_table = "outbox_outboxevent"
