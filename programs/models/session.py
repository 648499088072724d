"""Logs of sessions: written once, never changed (PEER-05)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from programs.querysets import SessionLogQuerySet
from programs.rules.sessions import LONGEST_MINUTES, HandoffMethod, SessionKind, SessionMode


class SessionLog(models.Model):
    """One meeting or contact with a client as the person who held it logged it. The table refuses changes.

    No two sessions of one person overlap unless one is a group: the constraint `session_no_overlap` in the migration
    says so to PostgreSQL.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="session_logs")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="session_logs")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=SessionKind.choices)
    mode = models.CharField(max_length=9, choices=SessionMode.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    summary = models.CharField(max_length=2000, blank=True)
    distress = models.BooleanField(default=False)
    handoff_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    handoff_method = models.CharField(max_length=9, blank=True, choices=HandoffMethod.choices)
    handoff_at = models.DateTimeField(null=True)
    late_reason = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField(db_default=DatabaseNow())

    objects = SessionLogQuerySet.as_manager()

    class Meta:
        constraints = [
            # PEER-05: at most eight hours
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES), name="session_minutes_sane"
            ),
            # PEER-05: nothing is logged before it happened
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("started_at"), ended_at__lte=F("recorded_at")), name="session_in_the_past"
            ),
            models.CheckConstraint(condition=Q(kind__in=SessionKind.values), name="session_kind_known"),  # table 1.9
            models.CheckConstraint(condition=Q(mode__in=SessionMode.values), name="session_mode_known"),  # PEER-05
            # PEER-03: a peer hands distress over, and a hand-over is told whole
            models.CheckConstraint(
                condition=~Q(kind=SessionKind.PEER, distress=True) | Q(handoff_to__isnull=False),
                name="session_distress_handed_over",
            ),
            models.CheckConstraint(  # PEER-03
                condition=Q(handoff_to__isnull=True, handoff_at__isnull=True, handoff_method="")
                | Q(handoff_to__isnull=False, handoff_at__isnull=False, handoff_method__in=HandoffMethod.values),
                name="session_handoff_whole",
            ),
        ]
        indexes = [
            # reader: the list of sessions, latest first
            models.Index(fields=["-started_at", "-id"], name="session_latest"),
            # reader: one client's sessions
            models.Index(fields=["client", "-started_at", "-id"], name="session_by_client"),
            # reader: one episode's sessions
            models.Index(fields=["episode", "-started_at", "-id"], name="session_by_episode"),
            # reader: one person's sessions
            models.Index(fields=["staff", "-started_at", "-id"], name="session_by_staff"),
        ]

    def __str__(self) -> str:
        return f"session log {self.pk}"
