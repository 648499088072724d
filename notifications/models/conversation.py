"""What was said with one client at one number: the thread, who read what came, and what people wrote themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.clients.models import Client, ContactPoint
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from notifications.conversation_querysets import ConversationQuerySet

from .inbound import InboundText
from .message import Message


class Conversation(models.Model):
    """One client's number and when something was last said. Another client with the same number has another one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="conversations")
    contact_point = models.OneToOneField(ContactPoint, on_delete=models.PROTECT, related_name="+")
    last_at = models.DateTimeField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            # reader: the list of conversations, the latest first
            models.Index(fields=["-last_at", "-id"], name="conversation_by_time"),
            # reader: one client's conversations
            models.Index(fields=["client", "-last_at", "-id"], name="conversation_by_client"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class OverrideReason(models.TextChoices):
    """Why a supervisor let words pass that the linter refuses (SMS-42)."""

    FALSE_ALARM = "false_alarm", "The word means something else here"
    CLIENT_ASKED = "client_asked", "The client asked to be told by text"
    SAFETY = "safety", "The client's safety"


class StaffText(models.Model):
    """The words of a text that a person wrote, as they go out. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="staff_text")
    body = models.TextField()
    written_by = models.UUIDField()
    override_reason = models.CharField(max_length=12, choices=OverrideReason.choices, blank=True)
    written_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            # SMS-42: an override says why
            models.CheckConstraint(
                condition=Q(override_reason__in=["", *OverrideReason.values]), name="staff_text_override_known"
            ),
        ]

    def __str__(self) -> str:
        return f"staff text {self.pk}"


class TextReading(models.Model):
    """Somebody read a text that came. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.ForeignKey(InboundText, on_delete=models.PROTECT, related_name="readings")
    user_id = models.UUIDField()
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            # the first time counts
            models.UniqueConstraint(fields=["text", "user_id"], name="text_reading_once"),
        ]

    def __str__(self) -> str:
        return f"text reading {self.pk}"
