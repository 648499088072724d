"""Who waits for a place of which program, and the append-only ledger of it (F5)."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import User
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.models import Entity
from casemgmt.places.lifecycle import Waiting
from casemgmt.places.querysets import WaitlistEntryQuerySet, WaitlistMoveQuerySet
from casemgmt.places.words import OPEN, EntryStage, Need, RemovalReason, WaitPriority
from programs.models import Enrollment, Program

CLOSED = (EntryStage.PLACED.value, EntryStage.REMOVED.value)


class WaitlistEntry(Waiting, Entity):
    """One client in line for one program, for one episode. It never moves the episode (T2)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="waitlist_entries")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="waitlist_entries")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="waitlist_entries")
    priority = models.CharField(max_length=8, choices=WaitPriority.choices, default=WaitPriority.ROUTINE)
    priority_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # None: a machine
    asked_for = models.DateField(null=True, blank=True)  # not before that day; None: as soon as there is a place
    needs = ArrayField(models.CharField(max_length=16, choices=Need.choices), default=list, blank=True)
    added_at = models.DateTimeField(db_default=DatabaseNow())
    in_line_since = models.DateTimeField(db_default=DatabaseNow())  # later than added: went to the end
    confirmed_at = models.DateTimeField(db_default=DatabaseNow())  # the client was last known to wait still (§9)
    passed_over = models.PositiveSmallIntegerField(default=0)  # times a place went past because it did not fit
    turned_down = models.PositiveSmallIntegerField(default=0)  # offers declined or expired since in_line_since
    removal_reason = models.CharField(max_length=20, blank=True, choices=RemovalReason.choices)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = WaitlistEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: one open entry per client and program; what closed never stands in the way of a later one
            models.UniqueConstraint(
                fields=["client", "program"], condition=Q(stage__in=OPEN), name="waitlist_entry_one_open"
            ),
            models.CheckConstraint(condition=Q(stage__in=EntryStage.values), name="waitlist_entry_stage_known"),  # F5
            # what is closed has its moment, what is open has none
            models.CheckConstraint(
                condition=Q(stage__in=OPEN, closed_at__isnull=True) | Q(stage__in=CLOSED, closed_at__isnull=False),
                name="waitlist_entry_closed_at_fits",
            ),
            # F5: nobody is taken off a list without a coded reason
            models.CheckConstraint(
                condition=Q(stage=EntryStage.REMOVED, removal_reason__in=RemovalReason.values)
                | (~Q(stage=EntryStage.REMOVED) & Q(removal_reason="")),
                name="waitlist_entry_removal_fits",
            ),
            models.CheckConstraint(  # the rank knows two priorities
                condition=Q(priority__in=WaitPriority.values), name="waitlist_entry_priority_known"
            ),
            # needs are codes, never a free text about a client
            models.CheckConstraint(condition=Q(needs__contained_by=Need.values), name="waitlist_entry_needs_known"),
            # nobody's time in line begins before they were listed
            models.CheckConstraint(condition=Q(in_line_since__gte=F("added_at")), name="waitlist_entry_line_fits"),
        ]
        indexes = [
            # reader: the line of one program
            models.Index(fields=["program", "id"], name="waitlist_entry_in_line", condition=Q(stage__in=OPEN)),
            # reader: a program's entries, newest first; the cool-off
            models.Index(fields=["program", "-id"], name="waitlist_entry_by_program"),
            # reader: one client's entries, newest first; closed when the client dies
            models.Index(fields=["client", "-id"], name="waitlist_entry_by_client"),
            # reader: one episode's entries, closed with it
            models.Index(fields=["episode", "-id"], name="waitlist_entry_by_episode"),
        ]


class WaitlistMove(models.Model):
    """One row of the ledger of a waitlist: added, ranked anew, offered, answered, removed. Never changed (F5)."""

    seq = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="moves")
    verb = models.CharField(max_length=40)
    rule = models.CharField(max_length=8)
    from_stage = models.CharField(max_length=8, blank=True)  # empty: it was added
    to_stage = models.CharField(max_length=8)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    given = models.JSONField(default=dict)  # codes, the rank and its rule as they were at that moment
    request_id = models.CharField(max_length=64, blank=True)

    objects = WaitlistMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: only what lifecycle.py allows, and what changes the rank alone; follows it by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    [Q(from_stage="", to_stage=EntryStage.WAITING, verb="add")]
                    + [Q(from_stage=stage, to_stage=stage, verb__in=["rerank", "change", "confirm"]) for stage in OPEN]
                    + [Q(from_stage=source, to_stage=target) for source, target in pairs(WaitlistEntry)],
                ),
                name="waitlist_move_allowed",
            ),
        ]
        indexes = [
            # reader: the ledger of one entry; the trigger that compares it with the stage
            models.Index(fields=["entry", "-seq"], name="waitlist_move_by_subject"),
        ]

    def __str__(self) -> str:
        return f"waitlist move {self.seq}"
