"""What the carrier tells us: receipts as they came, and the texts of clients as they were understood."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from notifications.querysets import InboundTextQuerySet, ReceiptQuerySet

from .check_in import CheckIn


class ReceiptKind(models.TextChoices):
    """What a receipt is about."""

    STATUS = "status"  # what became of a message
    INBOUND = "inbound"  # somebody texted us


class Receipt(models.Model):
    """One callback of the carrier, stored before it is answered (F18).

    The payload of an inbound text holds the sender's number and words of necessity. It is emptied in the transaction
    that processes it: the words go to InboundText, the number becomes a reference to its contact point.
    """

    id = models.BigAutoField(primary_key=True)
    dedupe_key = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=ReceiptKind.choices)
    attempt_id = models.UUIDField(null=True)  # from the callback's address
    payload = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=DatabaseNow())
    due_at = models.DateTimeField(db_default=DatabaseNow())
    attempts = models.PositiveSmallIntegerField(default=0)
    processed_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)  # gave up: an operator looks, see the runbook
    note = models.CharField(max_length=64, blank=True)  # what was odd: an exception's class, an anomaly's code

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            # SMS-71: (MessageSid, MessageStatus) once, an inbound MessageSid once
            models.UniqueConstraint(fields=["dedupe_key"], name="receipt_once"),
            models.CheckConstraint(condition=Q(kind__in=ReceiptKind.values), name="receipt_kind_known"),  # SMS-70
            # diary of a number: nothing personal stays once it was processed
            models.CheckConstraint(condition=Q(processed_at__isnull=True) | Q(payload={}), name="receipt_emptied"),
        ]
        indexes = [
            # reader: process_inbox; texts of people before statuses, so that STOP comes first
            models.Index(
                fields=["kind", "id"],
                name="receipt_waiting",
                condition=Q(processed_at__isnull=True, dead_at__isnull=True),
            ),
            # reader: reconcile, "did a callback come for this try"
            models.Index(fields=["attempt_id"], name="receipt_by_attempt", condition=Q(processed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"receipt {self.pk}"


class Understood(models.TextChoices):
    """How an inbound text was understood (SMS-60). Crisis and opt-out may both hold; crisis names the row."""

    CRISIS = "crisis"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    WISH = "wish"  # a pause, or its end (CHK-09)
    ANSWER = "answer"
    UNPARSED = "unparsed"


class InboundText(models.Model):
    """A text somebody sent us. Its words are a record of the client (SMS-43): read by roles, never logged."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    receipt_id = models.BigIntegerField()
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="inbound_texts")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="+")
    # who handles it when it belongs to no one client: an unknown or a shared number (CHK-04)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    unknown_sender = models.CharField(max_length=20, blank=True)  # only when no contact point holds the number
    body = models.TextField(blank=True)
    understood_as = models.CharField(max_length=8, choices=Understood.choices)
    opted_out = models.BooleanField(default=False)
    lexicon_version = models.CharField(max_length=16, blank=True)
    check_in = models.ForeignKey(CheckIn, on_delete=models.PROTECT, null=True, related_name="replies")
    received_at = models.DateTimeField()

    objects = InboundTextQuerySet.as_manager()

    class Meta:
        constraints = [
            # SMS-71: a text is taken in once
            models.UniqueConstraint(fields=["receipt_id"], name="inbound_text_once"),
            models.CheckConstraint(  # SMS-60
                condition=Q(understood_as__in=Understood.values), name="inbound_text_understood"
            ),
            # diary of a number: it stands in its contact point and nowhere else
            models.CheckConstraint(
                condition=Q(contact_point__isnull=True) | Q(unknown_sender=""), name="inbound_text_number_once"
            ),
        ]
        indexes = [
            # reader: one client's texts, newest first; "unparsed reply once a day"
            models.Index(fields=["client", "-received_at"], name="inbound_text_by_client"),
            # reader: what came from one number, as its conversation shows it
            models.Index(fields=["contact_point", "-received_at", "-id"], name="inbound_text_by_number"),
            # reader: an organization's texts that belong to no client
            models.Index(
                fields=["organization", "-received_at"], name="inbound_text_unmatched", condition=Q(client__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"inbound text {self.pk}"
