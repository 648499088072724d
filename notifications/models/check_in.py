"""Check-ins: one occurrence of a plan, from planned to a terminal state with a reason."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from notifications.querysets import CheckInQuerySet

from .plan import CheckInPlan


class CheckInStatus(models.TextChoices):
    """Where a check-in stands (rules.md §10)."""

    PLANNED = "planned"  # -> scheduled, cancelled, expired
    SCHEDULED = "scheduled"  # its message waits or is under way -> asked, cancelled, expired, failed
    ASKED = "asked"  # the carrier took it -> answered, missed, failed
    ANSWERED = "answered"
    MISSED = "missed"  # no answer in time; says nothing about why (CHK-06) -> answered, by a late reply
    CANCELLED = "cancelled"  # opted out, held, ended, refused by the gate; may be planned again while in the future
    EXPIRED = "expired"  # could not be sent in its time
    FAILED = "failed"  # the carrier could not deliver it, or nobody can say


TERMINAL = (
    CheckInStatus.ANSWERED,
    CheckInStatus.MISSED,
    CheckInStatus.CANCELLED,
    CheckInStatus.EXPIRED,
    CheckInStatus.FAILED,
)
# Answers are matched to these (CHK-04): the text may have arrived although nobody could confirm it.
# One that was given up as missed is answered after all, if the answer still comes within the time of CHK-04.
ANSWERABLE = (CheckInStatus.SCHEDULED, CheckInStatus.ASKED, CheckInStatus.FAILED, CheckInStatus.MISSED)


class CheckIn(models.Model):
    """One occurrence, keyed by the plan, the client's local date and the slot, never by an instant (F16)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(CheckInPlan, on_delete=models.PROTECT, related_name="check_ins")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="check_ins")
    local_date = models.DateField()
    slot = models.PositiveSmallIntegerField()  # index into the plan's times
    due_at = models.DateTimeField()
    not_after = models.DateTimeField()
    status = models.CharField(max_length=10, choices=CheckInStatus.choices, default=CheckInStatus.PLANNED)
    reason = models.CharField(max_length=48, blank=True)
    asked_at = models.DateTimeField(null=True)
    reminder_decided_at = models.DateTimeField(null=True)  # whether it is asked once more was decided then (§10)
    answer = models.PositiveSmallIntegerField(null=True)  # 1 good, 2 so-so, 3 please call me
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    objects = CheckInQuerySet.as_manager()

    class Meta:
        constraints = [
            # CHK-02: materializing twice adds nothing
            models.UniqueConstraint(fields=["plan", "local_date", "slot"], name="check_in_once"),
            models.CheckConstraint(condition=Q(status__in=CheckInStatus.values), name="check_in_status_known"),  # §10
            # CHK-05: an answer is 1, 2 or 3, and only an answered check-in has one
            models.CheckConstraint(
                condition=Q(status=CheckInStatus.ANSWERED, answer__in=[1, 2, 3])
                | (~Q(status=CheckInStatus.ANSWERED) & Q(answer__isnull=True)),
                name="check_in_answer_fits",
            ),
            # reliability 4.1: every occurrence ends, at a moment, for a reason
            models.CheckConstraint(
                condition=(Q(status__in=TERMINAL, ended_at__isnull=False) & ~Q(reason=""))
                | (~Q(status__in=TERMINAL) & Q(ended_at__isnull=True, reason="")),
                name="check_in_end_fits",
            ),
        ]
        indexes = [
            # reader: materialize, what needs a message now, and what was overtaken by time
            models.Index(fields=["due_at", "id"], name="check_in_planned", condition=Q(status=CheckInStatus.PLANNED)),
            # reader: the sweep that closes what nobody answered
            models.Index(fields=["asked_at"], name="check_in_asked", condition=Q(status=CheckInStatus.ASKED)),
            # reader: the tick that asks once more after a day without an answer
            models.Index(
                fields=["asked_at"],
                name="check_in_unreminded",
                condition=Q(status=CheckInStatus.ASKED, reminder_decided_at__isnull=True),
            ),
            # reader: the sweep over what should have been sent
            models.Index(
                fields=["not_after"],
                name="check_in_under_way",
                condition=Q(status__in=[CheckInStatus.PLANNED, CheckInStatus.SCHEDULED]),
            ),
            # reader: the tick that looks for clients who went silent
            models.Index(fields=["asked_at"], name="check_in_missed", condition=Q(status=CheckInStatus.MISSED)),
            # reader: one client's check-ins, newest first; the match of a reply (CHK-04)
            models.Index(fields=["client", "-due_at", "-id"], name="check_in_by_client"),
            # reader: one plan's check-ins, newest first
            models.Index(fields=["plan", "-due_at", "-id"], name="check_in_by_plan"),
            # reader: the list over all clients, newest first
            models.Index(fields=["-due_at", "-id"], name="check_in_newest"),
        ]

    def __str__(self) -> str:
        return f"check-in {self.pk}"
