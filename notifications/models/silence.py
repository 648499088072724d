"""Clients who do not answer: each step of the ladder, once (CHK-06). Silence is silence; it says nothing about why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.clock import DatabaseNow
from notifications.querysets import SilenceStepQuerySet
from notifications.silence import Step

from .check_in import CheckIn


class SilenceStep(models.Model):
    """A step that was taken because a client did not answer. Never changed.

    `since` is the check-in that began the silence: an answer ends it, and another silence begins with another one.
    """

    seq = models.BigAutoField(primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    since = models.ForeignKey(CheckIn, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Step])
    unanswered = models.PositiveSmallIntegerField()  # check-ins in a row, when the step was taken
    at = models.DateTimeField(db_default=DatabaseNow())

    objects = SilenceStepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["since", "step"], name="silence_step_once"),  # CHK-06: each step once
            models.CheckConstraint(condition=Q(step__in=[each.value for each in Step]), name="silence_step_known"),
        ]
        indexes = [
            # reader: one client's steps, newest first
            models.Index(fields=["client", "-seq"], name="silence_step_by_client"),
            # reader: the steps over all clients, newest first
            models.Index(fields=["-seq"], name="silence_step_newest"),
        ]

    def __str__(self) -> str:
        return f"silence step {self.seq}"
