"""Messages on their way out, each try to hand one over, and what came of it (reliability §4.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.sessions.models import Attendance
from notifications.querysets import MessageQuerySet

from .check_in import CheckIn

MOST_ATTEMPTS = 8
MOST_RESENDS = 1


class MessageKind(models.TextChoices):
    """What a message is for; the gate treats them differently."""

    CHECK_IN = "check_in"
    REMINDER = "reminder"  # asks once more, a day after a check-in that nobody answered
    APPOINTMENT = "appointment"  # reminds of a session that is to come
    OPT_IN_REQUEST = "opt_in_request"  # asks for the YES that confirms a number (SMS-04)
    STOP_CONFIRM = "stop_confirm"  # the one confirmation after STOP (SMS-24)
    STAFF = "staff"  # written by a person, in a conversation (SMS-42)
    REPLY = "reply"  # HELP, START, "somebody will read this": answers an inbound text


class MessageStatus(models.TextChoices):
    """Where a message stands: five honest states and the ends."""

    PENDING = "pending"  # waits for due_at -> sending, cancelled, expired, failed
    SENDING = "sending"  # claimed, perhaps handed over -> sent, unknown, pending, cancelled, failed, expired
    UNKNOWN = "unknown"  # perhaps handed over, nobody knows -> sent, pending (once), failed
    SENT = "sent"  # the carrier took it -> delivered, undelivered, failed
    DELIVERED = "delivered"  # carrier's evidence, not proof of reading (CHK-08)
    UNDELIVERED = "undelivered"  # the carrier gave up -> delivered, if it finds that it did not (SMS-71)
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Message(models.Model):
    """One text to one client at one number: by template and key, never by words, and the number only by reference."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="messages")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="messages")
    check_in = models.ForeignKey(CheckIn, on_delete=models.PROTECT, null=True, related_name="messages")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, null=True, related_name="+")  # a reminder's
    appointment_at = models.DateTimeField(null=True)  # when the session began as the reminder was written
    answers_receipt = models.BigIntegerField(null=True)  # the inbound text that it replies to
    kind = models.CharField(max_length=16, choices=MessageKind.choices)
    template = models.CharField(max_length=32)
    language = models.CharField(max_length=2)
    template_version = models.CharField(max_length=40, blank=True)  # the wording of the last try, such as checkin.en.1
    params = models.JSONField(default=dict)  # merge fields without personal data (SMS-41)
    status = models.CharField(max_length=12, choices=MessageStatus.choices, default=MessageStatus.PENDING)
    planned_at = models.DateTimeField()  # when it was meant to go
    due_at = models.DateTimeField()  # when it is tried next
    not_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    resend_count = models.PositiveSmallIntegerField(default=0)
    attempt_id = models.UUIDField(null=True)  # the try in progress or the last one
    lease_until = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=64, null=True)
    reason = models.CharField(max_length=48, blank=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    updated_at = models.DateTimeField(db_default=DatabaseNow())

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            # reliability 4.2: one of nine states
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="message_status_known"),
            # F20: a row that always fails stops failing
            models.CheckConstraint(condition=Q(attempts__lte=MOST_ATTEMPTS), name="message_attempts_capped"),
            # reliability 4.1: at most two hand-overs of one occurrence, whatever goes wrong
            models.CheckConstraint(condition=Q(resend_count__lte=MOST_RESENDS), name="message_resends_capped"),
            # F9, F10: what may be under way has a try and a lease
            models.CheckConstraint(
                condition=~Q(status__in=[MessageStatus.SENDING, MessageStatus.UNKNOWN])
                | Q(attempt_id__isnull=False, lease_until__isnull=False),
                name="message_lease_fits",
            ),
            # reliability 4.1: nothing ends without a reason
            models.CheckConstraint(
                condition=~Q(status__in=["undelivered", "failed", "cancelled", "expired"]) | ~Q(reason=""),
                name="message_end_has_reason",
            ),
            # SMS-71: one message of the carrier is one of ours
            models.UniqueConstraint(fields=["provider_id"], name="message_one_per_provider_id"),
            # CHK-02: one live message per check-in
            models.UniqueConstraint(
                fields=["check_in"],
                condition=~Q(status="cancelled") & ~Q(kind=MessageKind.REMINDER),
                name="message_one_per_check_in",
            ),
            # §10: one reminder per check-in, whatever came of it
            models.UniqueConstraint(
                fields=["check_in"], condition=Q(kind=MessageKind.REMINDER), name="message_one_reminder_per_check_in"
            ),
            # §10: a reminder is about a check-in
            models.CheckConstraint(
                condition=~Q(kind=MessageKind.REMINDER) | Q(check_in__isnull=False), name="message_reminder_fits"
            ),
            # §9: one live reminder per session and time
            models.UniqueConstraint(
                fields=["attendance", "appointment_at"],
                condition=~Q(status="cancelled"),
                name="message_one_per_appointment",
            ),
            # §9: a reminder, and only a reminder, says of which session and when
            models.CheckConstraint(
                condition=Q(kind=MessageKind.APPOINTMENT, attendance__isnull=False, appointment_at__isnull=False)
                | (~Q(kind=MessageKind.APPOINTMENT) & Q(attendance__isnull=True, appointment_at__isnull=True)),
                name="message_appointment_fits",
            ),
            # SMS-24: one reply per inbound text
            models.UniqueConstraint(fields=["answers_receipt"], name="message_one_per_receipt"),
        ]
        indexes = [
            # reader: claim, the next message due of the organization whose turn it is
            models.Index(
                fields=["organization", "due_at", "id"],
                name="message_due_by_turn",
                condition=Q(status=MessageStatus.PENDING),
            ),
            # reader: the sweep over what waited too long
            models.Index(fields=["not_after"], name="message_overdue", condition=Q(status=MessageStatus.PENDING)),
            # reader: reap and reconcile
            models.Index(fields=["lease_until"], name="message_leased", condition=Q(status__in=["sending", "unknown"])),
            # reader: opt-out, what waits for a number
            models.Index(fields=["contact_point"], name="message_waiting", condition=Q(status=MessageStatus.PENDING)),
            # reader: what became of the reminders of one part in a session
            models.Index(fields=["attendance"], name="message_by_attendance", condition=Q(attendance__isnull=False)),
            # reader: what was sent to one number, as its conversation shows it
            models.Index(fields=["contact_point", "-planned_at", "-id"], name="message_by_number"),
            # reader: one client's messages, newest first; the caps of SMS-05
            models.Index(fields=["client", "-id"], name="message_by_client"),
            # reader: the caps of SMS-05
            models.Index(
                fields=["client", "-sent_at"], name="message_sent_by_client", condition=Q(sent_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attempt(models.Model):
    """One try to hand a message over. Written and committed before the carrier is called; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)  # stands in the callback's address
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="tries")
    body_sha256 = models.CharField(max_length=64)  # how the carrier's list is searched without keeping the words
    started_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        indexes = [
            # reader: reconcile, the tries of one message
            models.Index(fields=["message", "started_at"], name="attempt_by_message"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class Outcome(models.TextChoices):
    """What came of a try."""

    ACCEPTED = "accepted"
    NOT_SENT = "not_sent"  # certainly nothing left us
    REJECTED = "rejected"  # certainly refused, and always will be
    CHANNEL_REFUSED = "channel_refused"  # our account is refused
    UNKNOWN = "unknown"
    REFUSED_BY_GATE = "refused_by_gate"
    FOUND = "found"  # the carrier knows it, as a later look showed
    NOT_FOUND = "not_found"  # the carrier does not know it


class AttemptOutcome(models.Model):
    """What became known of a try, and when. Never changed; a later look adds a row."""

    seq = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    code = models.CharField(max_length=48, blank=True)  # the carrier's or the gate's
    provider_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="outcome_known"),  # reliability 4.5
        ]
        indexes = [
            # reader: what became of one try
            models.Index(fields=["attempt", "seq"], name="outcome_by_attempt"),
        ]

    def __str__(self) -> str:
        return f"attempt outcome {self.seq}"
