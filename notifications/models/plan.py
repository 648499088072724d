"""Plans of check-ins: at which local times, on which days, from when until when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.models import Entity
from notifications.querysets import CheckInPlanQuerySet

PAUSED_BY_HOLD = "episode_held"  # a plan's reason: it goes on when the hold of its episode ends (T11, T12)
MOST_TIMES = 3  # slots a day; the cap of SMS-05 lets at most one of them out


class PlanStatus(models.TextChoices):
    """Where a plan stands."""

    ACTIVE = "active"  # -> paused, ended
    PAUSED = "paused"  # by hand or by a hold -> active, ended
    ENDED = "ended"


class CheckInPlan(Entity):
    """When an organization checks in with a client by text while an episode is open (CHK-02)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="check_in_plans")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="check_in_plans")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    times = ArrayField(models.TimeField(), size=MOST_TIMES)  # local wall time of each slot, ascending
    weekdays = ArrayField(models.PositiveSmallIntegerField(), size=7)  # ISO: 1 Monday … 7 Sunday
    starts_on = models.DateField()  # the client's local date
    ends_on = models.DateField(null=True, blank=True)  # None: until the plan or the episode ends
    status = models.CharField(max_length=8, choices=PlanStatus.choices, default=PlanStatus.ACTIVE)
    reason = models.CharField(max_length=32, blank=True)  # why it is paused or ended
    materialized_until = models.DateTimeField(null=True)  # what is due before this is a row already
    created_by = models.UUIDField(null=True)

    objects = CheckInPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(  # a status is one of ours
                condition=Q(status__in=PlanStatus.values), name="check_in_plan_status_known"
            ),
            # CHK-01: who asks why nothing is sent gets an answer
            models.CheckConstraint(
                condition=Q(status=PlanStatus.ACTIVE, reason="") | (~Q(status=PlanStatus.ACTIVE) & ~Q(reason="")),
                name="check_in_plan_reason_fits",
            ),
            # a plan does not end before it starts
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="check_in_plan_dates_fit"
            ),
            # SMS-05: two plans would only compete for the one text a day
            models.UniqueConstraint(
                fields=["episode"], condition=~Q(status=PlanStatus.ENDED), name="check_in_plan_one_open"
            ),
        ]
        indexes = [
            # reader: materialize, the plans whose horizon has moved on
            models.Index(
                F("materialized_until").asc(nulls_first=True),
                name="check_in_plan_behind",
                condition=Q(status=PlanStatus.ACTIVE),
            ),
            # reader: one client's plans, newest first; replanning when the client's zone changes
            models.Index(fields=["client", "-id"], name="check_in_plan_by_client"),
        ]
