"""The way out to the carrier: open or closed, how fast, and until when we know what came in."""

from __future__ import annotations

from django.db import models

from casemgmt.accounts.models import Organization
from notifications.querysets import PaceQuerySet


class Channel(models.Model):
    """A way out. Closed while the carrier refuses our account or does not answer; every driver sees it (F12)."""

    name = models.CharField(max_length=16, primary_key=True)
    paused_until = models.DateTimeField(null=True)  # past: one text may try whether it is open again
    reason = models.CharField(max_length=48, blank=True)
    failures = models.PositiveIntegerField(default=0)  # calls in a row that the carrier did not answer
    polled_at = models.DateTimeField(null=True)  # when somebody last began to read the carrier's list
    heard_until = models.DateTimeField(null=True)  # what came in before this is a receipt (F18)

    def __str__(self) -> str:
        return f"channel {self.name}"


class Pace(models.Model):
    """From when on an organization, or everybody together, may send the next text: a bucket of tokens as one moment."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    free_at = models.DateTimeField()

    objects = PaceQuerySet.as_manager()

    class Meta:
        constraints = [
            # F12: one bucket for each organization, and one for everybody together
            models.UniqueConstraint(fields=["organization"], nulls_distinct=False, name="pace_one_per_scope"),
        ]

    def __str__(self) -> str:
        return f"pace {self.pk}"
