"""Who said when how many places a program has; rows are only added (F5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.kernel.clock import DatabaseNow
from programs.querysets import CapacityReportQuerySet

from .directory import Program


class CapacityReport(models.Model):
    """Somebody confirmed or changed the number of places of a program. Equal numbers: confirmed."""

    seq = models.BigAutoField(primary_key=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="capacity_reports")
    old_total = models.PositiveIntegerField(null=True)  # None: unknown
    new_total = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)  # no foreign key: the ledger outlives people
    request_id = models.CharField(max_length=64, blank=True)

    objects = CapacityReportQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: somebody said it
            models.CheckConstraint(condition=~Q(actor_kind=""), name="capacity_report_has_actor"),
        ]
        indexes = [
            # reader: the ledger of a program's capacity, newest first
            models.Index(fields=["program", "-seq"], name="capacity_report_newest"),
        ]

    def __str__(self) -> str:
        return f"capacity report {self.seq}"
