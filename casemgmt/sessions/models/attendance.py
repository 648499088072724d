"""Who is expected at a session and who came, one row per client; and the ledger of what was told."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.models import Entity
from casemgmt.sessions.querysets import AttendanceMoveQuerySet, AttendanceQuerySet
from casemgmt.sessions.words import CAME, LONGEST_MINUTES, AttendanceState, CancelledBy
from programs.models import Enrollment

from .session import Session


class Attendance(Entity):
    """One client's part in one session. Nothing here, and nothing made from it, tells of the others there (F9)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=AttendanceState.choices, default=AttendanceState.EXPECTED)
    minutes = models.PositiveSmallIntegerField(default=0)  # spent there; 0: did not come
    cancelled_by = models.CharField(max_length=8, choices=CancelledBy.choices, blank=True)
    starts_at = models.DateTimeField()  # the session's, kept equal by a foreign key: one client's sessions in order
    confirmed_for = models.DateTimeField(null=True, blank=True)  # the start that the client said yes to; another: none

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "client"], name="attendance_once"),  # F9: one row per client
            models.CheckConstraint(condition=Q(state__in=AttendanceState.values), name="attendance_state_known"),  # F9
            # dose: only who came spent time there, and no more than a session lasts
            models.CheckConstraint(
                condition=(Q(state__in=CAME) & Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES))
                | (~Q(state__in=CAME) & Q(minutes=0)),
                name="attendance_minutes_fit",
            ),
            # F9: a part called off says by whom
            models.CheckConstraint(
                condition=Q(state=AttendanceState.CANCELLED, cancelled_by__in=CancelledBy.values)
                | (~Q(state=AttendanceState.CANCELLED) & Q(cancelled_by="")),
                name="attendance_cancelled_by_fits",
            ),
        ]
        indexes = [
            # reader: one client's sessions, latest first; no-shows in a row
            models.Index(fields=["client", "-starts_at", "-id"], name="attendance_by_client"),
            # reader: the dose of an enrollment, by week
            models.Index(fields=["enrollment", "starts_at"], name="attendance_dose", condition=Q(minutes__gt=0)),
            # reader: the tick that reminds clients of what is to come
            models.Index(fields=["starts_at"], name="attendance_coming", condition=Q(state=AttendanceState.EXPECTED)),
            # reader: what a hold or a discharge calls off
            models.Index(fields=["episode", "state"], name="attendance_by_episode"),
        ]

    @property
    def confirmed(self) -> bool:
        """Whether the client said yes to the session at the time at which it now is."""
        return self.confirmed_for is not None and self.confirmed_for == self.starts_at


class AttendanceMove(models.Model):
    """What was told of who came: one row for each telling, never changed (F9: edits are logged)."""

    seq = models.BigAutoField(primary_key=True)
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="moves")
    from_state = models.CharField(max_length=10, blank=True)  # empty: was expected or added
    to_state = models.CharField(max_length=10, choices=AttendanceState.choices)
    minutes = models.PositiveSmallIntegerField()
    cancelled_by = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # why what was told before is changed
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = AttendanceMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            # F9: who changes what was told says why
            models.CheckConstraint(
                condition=Q(from_state__in=["", AttendanceState.EXPECTED])
                | ~Q(reason="")
                | Q(from_state=F("to_state")),
                name="attendance_change_says_why",
            ),
        ]
        indexes = [
            # reader: what was told of one client's part, newest first
            models.Index(fields=["attendance", "-seq"], name="attendance_move_by_subject"),
        ]

    def __str__(self) -> str:
        return f"attendance move {self.seq}"
