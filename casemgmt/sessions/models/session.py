"""Sessions and their append-only ledger. No row here names a client."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity
from casemgmt.sessions.lifecycle import Happening, SessionStage
from casemgmt.sessions.querysets import SessionQuerySet
from casemgmt.sessions.words import LONGEST_MINUTES, CancelledBy, Discipline, Format, Mode, PlaceType
from programs.models import Program

from .series import Series


class Session(Happening, Entity):
    """One meeting of a member of staff with one client or a group: planned, held or called off.

    No two sessions of one person overlap unless one is a group: the constraint `sessions_no_overlap` in the migration
    says so to PostgreSQL (PEER-05).
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    series_date = models.DateField(null=True, blank=True)  # the local day that the series' rule named
    detached = models.BooleanField(default=False)  # changed by itself: its series no longer moves it
    staff = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")  # who holds it
    discipline = models.CharField(max_length=8, choices=Discipline.choices)
    format = models.CharField(max_length=10, choices=Format.choices, default=Format.INDIVIDUAL)
    mode = models.CharField(max_length=9, choices=Mode.choices)
    place_type = models.CharField(max_length=9, choices=PlaceType.choices, blank=True)  # empty: not told
    title = models.CharField(max_length=120, blank=True)  # of a group; never a person's name
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    timezone = models.CharField(max_length=64)  # IANA name of the site's calendar: whose day and week it counts for
    cancelled_by = models.CharField(max_length=8, choices=CancelledBy.choices, blank=True)
    late_reason = models.CharField(max_length=500, blank=True)  # why it was told so late (PEER-05)
    group_size = models.PositiveSmallIntegerField(default=0, editable=False)  # not called off; a trigger counts them

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            # CHK-02's twin: a series makes one session a day of its rule, however often it is materialized
            models.UniqueConstraint(fields=["series", "series_date"], name="session_one_per_series_date"),
            models.CheckConstraint(
                condition=Q(series__isnull=True, series_date__isnull=True)
                | Q(series__isnull=False, series_date__isnull=False),
                name="session_series_whole",
            ),
            # PEER-05: over after it began, and at most eight hours long
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"))
                & Q(ends_at__lte=F("starts_at") + models.Value(f"{LONGEST_MINUTES} minutes", models.DurationField())),
                name="session_length_sane",
            ),
            # PEER-05: nothing is held before it is over
            models.CheckConstraint(
                condition=~Q(stage=SessionStage.HELD) | Q(closed_at__isnull=False, ends_at__lte=F("closed_at")),
                name="session_held_is_over",
            ),
            models.CheckConstraint(condition=Q(stage__in=SessionStage.values), name="session_stage_known"),  # F9
            models.CheckConstraint(condition=Q(discipline__in=Discipline.values), name="session_discipline_known"),
            models.CheckConstraint(condition=Q(format__in=Format.values), name="session_format_known"),  # F9
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="session_way_known"),  # PEER-05
            models.CheckConstraint(
                condition=Q(place_type="") | Q(place_type__in=PlaceType.values), name="session_place_type_known"
            ),
            # F9: an individual session is with one client at a time
            models.CheckConstraint(
                condition=Q(format=Format.GROUP) | Q(group_size__lte=1), name="session_individual_is_one"
            ),
            # F9: who called it off is told exactly when it was called off
            models.CheckConstraint(
                condition=Q(stage=SessionStage.CANCELLED, cancelled_by__in=CancelledBy.values)
                | (~Q(stage=SessionStage.CANCELLED) & Q(cancelled_by="")),
                name="session_cancelled_by_fits",
            ),
        ]
        indexes = [
            # reader: an organization's calendar
            models.Index(fields=["organization", "-starts_at", "-id"], name="sessions_by_organization"),
            # reader: one person's calendar
            models.Index(fields=["staff", "-starts_at", "-id"], name="sessions_by_staff"),
            # reader: one program's calendar; its dose
            models.Index(fields=["program", "-starts_at", "-id"], name="sessions_by_program"),
            # reader: the tick that looks for sessions over which nobody told
            models.Index(fields=["ends_at"], name="sessions_untold", condition=Q(stage="scheduled")),
        ]


class SessionMove(models.Model):
    """One row of the ledger of sessions. Never changed (F2)."""

    seq = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8)
    from_stage = models.CharField(max_length=16, blank=True)  # empty: it was scheduled
    to_stage = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=DatabaseNow())
    effective_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    given = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            # F9: only what lifecycle.py allows, whoever writes it; follows it by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(from_stage="", to_stage=SessionStage.SCHEDULED)]
                    + [Q(from_stage=source, to_stage=target) for source, target in pairs(Session)],
                ),
                name="session_move_allowed",
            ),
        ]
        indexes = [
            # reader: the ledger of one session; the trigger that compares it with the stage
            models.Index(fields=["session", "-seq"], name="session_move_by_subject"),
        ]

    def __str__(self) -> str:
        return f"session move {self.seq}"
