"""What every entry of the chart shares: it is written once, amended or withdrawn by another row. Nothing else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id

TEXT_LIMIT = 4000  # characters of a long text
NOTE_LIMIT = 2000


class ChartEntry(models.Model):
    """One row of an append-only table. Rows that amend each other form a line and share `line_id`; its last row holds.

    `content` names the columns that say something; an amendment says all of them anew, a withdrawal repeats them.
    """

    content: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line_id = models.UUIDField(editable=False)  # the id of the line's first row
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by", editable=False
    )
    reason = models.CharField(max_length=500, blank=True)  # why it was amended or withdrawn
    withdrawn = models.BooleanField(default=False)  # the line was entered in error

    class Meta:
        abstract = True
        constraints = [
            # an amendment says why and goes on with a line; the first row does neither, and withdraws nothing
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, reason="", line_id=F("id"), withdrawn=False)
                | (Q(supersedes__isnull=False) & ~Q(reason="") & ~Q(line_id=F("id")) & ~Q(supersedes=F("id"))),
                name="chart_%(class)s_amendment_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"
