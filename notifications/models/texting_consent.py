"""Consent to text: an append-only ledger, and the row derived from it that senders and opt-outs lock (SMS-01)."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from casemgmt.clients.models import Client, ContactPoint
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.models import Entity
from notifications.querysets import TextingConsentEventQuerySet, TextingConsentQuerySet


class TextingState(models.TextChoices):
    """Whether a client may be texted at a number now."""

    NONE = "none"  # nobody agreed for this number
    PENDING = "pending"  # agreed towards staff, not yet confirmed from the phone (SMS-04)
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


class ConsentEvent(models.TextChoices):
    """What happened to the consent (SMS-01)."""

    OPT_IN = "opt_in"  # the client agreed, having been shown the disclosure
    CONFIRM = "confirm"  # YES from the number itself (SMS-04)
    OPT_OUT = "opt_out"
    RE_OPT_IN = "re_opt_in"  # START from the number itself (SMS-23)
    NUMBER_CHANGE = "number_change"  # the client has another number now (SMS-03)
    PROVIDER_BLOCK = "provider_block"  # the carrier says that the recipient opted out (21610)
    ADMIN_SUPPRESS = "admin_suppress"  # staff stopped texts without the client's word
    SHARED_PHONE = "shared_phone"  # others use the phone too: the client confirms anew (SMS-04)
    REVIEW_UPHELD = "review_upheld"  # a person read an inferred opt-out: it is one (SMS-21)
    REVIEW_LIFTED = "review_lifted"  # it was none, as the client confirmed (SMS-21)


# What each event leaves behind; the CHECK on the ledger and the trigger hold the two tables to it.
STATE_AFTER = {
    ConsentEvent.OPT_IN: TextingState.PENDING,
    ConsentEvent.SHARED_PHONE: TextingState.PENDING,
    ConsentEvent.CONFIRM: TextingState.OPTED_IN,
    ConsentEvent.RE_OPT_IN: TextingState.OPTED_IN,
    ConsentEvent.OPT_OUT: TextingState.OPTED_OUT,
    ConsentEvent.PROVIDER_BLOCK: TextingState.OPTED_OUT,
    ConsentEvent.ADMIN_SUPPRESS: TextingState.OPTED_OUT,
    ConsentEvent.NUMBER_CHANGE: TextingState.NONE,
    ConsentEvent.REVIEW_UPHELD: TextingState.OPTED_OUT,
    ConsentEvent.REVIEW_LIFTED: TextingState.OPTED_IN,
}


class CaptureChannel(models.TextChoices):
    """How we learned of it (SMS-01, SMS-21: no way of saying no is excluded)."""

    PAPER = "paper"
    WEB = "web"
    VERBAL = "verbal"
    PHONE_CALL = "phone_call"
    EMAIL = "email"
    INBOUND_SMS = "inbound_sms"
    CARRIER = "carrier"  # an error code, not a person
    SYSTEM = "system"  # followed from another fact, such as a changed number


# The ways in which a client can tell a reviewer that texts may go on (SMS-21).
CONFIRMED_BY_CLIENT = (
    CaptureChannel.PAPER,
    CaptureChannel.VERBAL,
    CaptureChannel.PHONE_CALL,
    CaptureChannel.EMAIL,
)


class TextingConsent(Entity):
    """The present consent of a client for one of their numbers. Its lock is what makes STOP final (F11)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="texting_consents")
    contact_point = models.OneToOneField(ContactPoint, on_delete=models.PROTECT, related_name="texting_consent")
    state = models.CharField(max_length=10, choices=TextingState.choices)
    changed_at = models.DateTimeField()

    objects = TextingConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TextingState.values), name="texting_state_known"),  # SMS-01
        ]
        indexes = [
            # reader: one client's consents
            models.Index(fields=["client", "-id"], name="texting_consent_by_client"),
        ]


class TextingConsentEvent(models.Model):
    """One row of the ledger: what was said, how, what the client was shown, who wrote it down. Never changed."""

    seq = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(TextingConsent, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=16, choices=ConsentEvent.choices)
    state_after = models.CharField(max_length=10, choices=TextingState.choices)
    at = models.DateTimeField(db_default=DatabaseNow())
    channel = models.CharField(max_length=12, choices=CaptureChannel.choices)
    disclosure_version = models.CharField(max_length=32, blank=True)
    disclosure_text = models.TextField(blank=True)  # exactly what was shown (SMS-01, SMS-02)
    alias = models.CharField(max_length=30, blank=True)  # the program's name as the client knows it
    message_types = models.CharField(max_length=60, blank=True)
    frequency_cap = models.CharField(max_length=60, blank=True)
    evidence = models.CharField(max_length=128, blank=True)  # hash of the scanned paper, or where it is filed
    inferred = models.BooleanField(default=False)  # read out of free wording; a person looks at it (SMS-21)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    receipt_id = models.BigIntegerField(null=True)  # the inbound text or callback that said so
    provider_message_sid = models.CharField(max_length=64, blank=True)  # the same text, as the carrier names it

    objects = TextingConsentEventQuerySet.as_manager()

    class Meta:
        constraints = [
            # SMS-01: an event leaves exactly one state behind
            models.CheckConstraint(
                condition=reduce(or_, [Q(event=event, state_after=state) for event, state in STATE_AFTER.items()]),
                name="texting_event_state_fits",
            ),
            # SMS-01, SMS-02: nobody opts in without having been shown what to
            models.CheckConstraint(
                condition=~Q(event=ConsentEvent.OPT_IN) | ~Q(disclosure_version=""), name="texting_opt_in_disclosed"
            ),
            # SMS-01: one inbound text is one event per number
            models.UniqueConstraint(
                fields=["consent", "receipt_id"], condition=Q(receipt_id__isnull=False), name="texting_event_once"
            ),
            # SMS-01: however often the carrier tells of one text
            models.UniqueConstraint(
                fields=["consent", "provider_message_sid"],
                condition=~Q(provider_message_sid=""),
                name="texting_event_once_per_sid",
            ),
            # SMS-21: lifted with the client's confirmation only
            models.CheckConstraint(
                condition=~Q(event=ConsentEvent.REVIEW_LIFTED) | Q(channel__in=CONFIRMED_BY_CLIENT),
                name="texting_lifted_by_client",
            ),
        ]
        indexes = [
            # reader: the ledger of one consent; the trigger that compares it with the state
            models.Index(fields=["consent", "-seq"], name="texting_event_by_consent"),
        ]

    def __str__(self) -> str:
        return f"texting consent event {self.seq}"
