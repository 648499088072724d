"""Enrollments, which run beside the lead stage of an episode (STG-01), and their append-only ledger."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import User
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity
from programs.lifecycle import EnrollmentStage, Participation
from programs.querysets import EnrollmentMoveQuerySet, EnrollmentQuerySet

from .directory import Program


class Enrollment(Participation, Entity):
    """One client's part in one program, for one episode. It holds a place from the day it was planned."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="enrollments")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="enrollments")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="enrollments")
    provider = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    over_capacity_reason = models.CharField(max_length=500, blank=True)  # empty: it holds a place like any other (G6)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # STG-01: one open enrollment per client and program
            models.UniqueConstraint(
                fields=["client", "program"], condition=~Q(stage=EnrollmentStage.ENDED), name="enrollment_one_open"
            ),
            # STG-01: a stage is one of the four
            models.CheckConstraint(condition=Q(stage__in=EnrollmentStage.values), name="enrollment_stage_known"),
            # an ended one has its moment, an open one has none
            models.CheckConstraint(
                condition=Q(stage=EnrollmentStage.ENDED, ended_at__isnull=False)
                | (~Q(stage=EnrollmentStage.ENDED) & Q(ended_at__isnull=True)),
                name="enrollment_ended_at_fits",
            ),
            # what runs or pauses has begun
            models.CheckConstraint(
                condition=~Q(stage__in=[EnrollmentStage.ACTIVE, EnrollmentStage.ON_HOLD]) | Q(started_at__isnull=False),
                name="enrollment_started_at_fits",
            ),
        ]
        indexes = [
            # reader: one client's enrollments, newest first
            models.Index(fields=["client", "-id"], name="enrollment_by_client"),
            # reader: one episode's enrollments, newest first; the pathway's facts and what follows it
            models.Index(fields=["episode", "-id"], name="enrollment_by_episode"),
            # reader: who takes part in a program, newest first
            models.Index(fields=["program", "-id"], name="enrollment_by_program"),
        ]

    @property
    def over_capacity(self) -> bool:
        """True when it holds a place beyond the program's capacity (G6)."""
        return self.over_capacity_reason != ""


class EnrollmentMove(models.Model):
    """One row of the ledger of enrollments. Never changed (F2)."""

    seq = models.BigAutoField(primary_key=True)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8)
    from_stage = models.CharField(max_length=8, blank=True)  # empty: it was planned
    to_stage = models.CharField(max_length=8)
    at = models.DateTimeField(db_default=DatabaseNow())  # when it was recorded
    effective_at = models.DateTimeField()  # when it holds from
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    given = models.JSONField(default=dict)  # what the rule needed to be told
    facts = models.JSONField(default=dict)  # what the guards saw
    request_id = models.CharField(max_length=64, blank=True)

    objects = EnrollmentMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            # STG-01: only what lifecycle.py allows, whoever writes it; follows it by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(from_stage="", to_stage=EnrollmentStage.PLANNED)]
                    + [Q(from_stage=source, to_stage=target) for source, target in pairs(Enrollment)],
                ),
                name="enrollment_move_allowed",
            ),
            # F2: nothing holds from a moment later than it was recorded
            models.CheckConstraint(condition=Q(effective_at__lte=models.F("at")), name="enrollment_move_not_ahead"),
        ]
        indexes = [
            # reader: the ledger of one enrollment; the trigger that compares it with the stage
            models.Index(fields=["enrollment", "-seq"], name="enrollment_move_by_subject"),
        ]

    def __str__(self) -> str:
        return f"enrollment move {self.seq}"
