"""Places that are kept for somebody who was accepted and has no enrollment yet (rules.md §9, accepted)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.clients.models import Client
from casemgmt.kernel.models import Entity
from programs.querysets import PlaceHoldQuerySet

from .directory import Program
from .enrollment import Enrollment


class PlaceHold(Entity):
    """A place of a program for one client, from the acceptance until an enrollment takes it over or it is given back.

    `source_id` is the referral that was accepted.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    source_id = models.UUIDField()
    over_capacity_reason = models.CharField(max_length=500, blank=True)  # empty: a place like any other (G6)
    ended_at = models.DateTimeField(null=True, blank=True)
    enrollment = models.ForeignKey(  # null: it lasts, or was given back
        Enrollment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = PlaceHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: nobody holds two places of a program
            models.UniqueConstraint(
                fields=["client", "program"], condition=Q(ended_at__isnull=True), name="place_hold_one_open"
            ),
            # §9: an acceptance takes one place
            models.UniqueConstraint(
                fields=["source_id"], condition=Q(ended_at__isnull=True), name="place_hold_once_per_source"
            ),
            # what an enrollment took over has ended
            models.CheckConstraint(
                condition=Q(enrollment__isnull=True) | Q(ended_at__isnull=False), name="place_hold_taken_over_ended"
            ),
        ]
        indexes = [
            # reader: how many places of a program are promised
            models.Index(fields=["program"], name="place_hold_of_program", condition=Q(ended_at__isnull=True)),
        ]

    @property
    def over_capacity(self) -> bool:
        """True when it is a place beyond the program's capacity (G6)."""
        return self.over_capacity_reason != ""
