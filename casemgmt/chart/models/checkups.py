"""Recovery check-ups of aftercare (CLN-20): planned when aftercare begins, held by a person."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.chart.querysets import CheckupQuerySet
from casemgmt.chart.words import CheckupOutcome, CheckupStatus
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.models import Entity


class Checkup(Entity):
    """One check-up: when it is due, and what it showed. `started_on` is the day on which this aftercare began.

    Days are local to the organization. `appointment_by`: by when treatment is to be booked (CLN-22).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    started_on = models.DateField()
    number = models.PositiveSmallIntegerField()  # in the order of planning; 1 is the first
    due_on = models.DateField()
    window_opens_on = models.DateField()  # held between these two days it counts as held in time
    window_closes_on = models.DateField()
    status = models.CharField(max_length=9, choices=CheckupStatus.choices, default=CheckupStatus.PLANNED)
    outcome = models.CharField(max_length=16, choices=CheckupOutcome.choices, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    appointment_by = models.DateField(null=True)

    objects = CheckupQuerySet.as_manager()

    class Meta:
        constraints = [
            # a repeated fact plans nothing twice; what was cancelled may be planned again
            models.UniqueConstraint(
                fields=["episode", "started_on", "number"],
                condition=~Q(status=CheckupStatus.CANCELLED),
                name="checkup_planned_once",
            ),
            # CLN-20: a check-up that was held has its outcome, another has none
            models.CheckConstraint(
                condition=Q(
                    status=CheckupStatus.DONE,
                    outcome__in=CheckupOutcome.values,
                    held_at__isnull=False,
                    held_by__isnull=False,
                )
                | Q(
                    status__in=[CheckupStatus.PLANNED, CheckupStatus.CANCELLED],
                    outcome="",
                    held_at__isnull=True,
                    held_by__isnull=True,
                ),
                name="checkup_outcome_fits",
            ),
            # CLN-20: the window lies around the day
            models.CheckConstraint(
                condition=Q(window_opens_on__lte=F("due_on"), window_closes_on__gte=F("due_on")),
                name="checkup_window_fits",
            ),
            # CLN-22: who needs treatment has a day by which it is booked
            models.CheckConstraint(
                condition=Q(outcome=CheckupOutcome.NEEDS_TREATMENT, appointment_by__isnull=False)
                | (~Q(outcome=CheckupOutcome.NEEDS_TREATMENT) & Q(appointment_by__isnull=True)),
                name="checkup_appointment_fits",
            ),
        ]
        indexes = [
            # reader: one client's check-ups, next first
            models.Index(fields=["client", "due_on", "id"], name="checkup_by_client"),
            # reader: what is still planned for an episode, when its client leaves aftercare
            models.Index(fields=["episode"], name="checkup_planned", condition=Q(status=CheckupStatus.PLANNED)),
        ]
