"""Attempts to reach a client (G12)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.chart.querysets import ContactAttemptQuerySet
from casemgmt.chart.words import ContactChannel

from .entry import ChartEntry


class ContactAttempt(ChartEntry):
    """Somebody tried to reach a client: when, how, and whether it worked."""

    content = ("at", "channel", "reached", "note")

    at = models.DateTimeField()
    channel = models.CharField(max_length=16, choices=ContactChannel.choices)
    reached = models.BooleanField()
    note = models.CharField(max_length=2000, blank=True)

    objects = ContactAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChartEntry.Meta.constraints,
            # G12: channels are counted, so they are ours
            models.CheckConstraint(condition=Q(channel__in=ContactChannel.values), name="chart_contact_channel_known"),
            # G12: an attempt was made before it was recorded
            models.CheckConstraint(condition=Q(at__lte=F("recorded_at")), name="chart_contact_in_the_past"),
        ]
        indexes = [
            # reader: the attempts to reach one client, latest first
            models.Index(fields=["client", "-at", "-id"], name="chart_contact_by_client"),
            # reader: the attempts since an episode's client was last reached (G12)
            models.Index(fields=["episode", "-at", "-id"], name="chart_contact_by_episode"),
        ]
