"""Plans of check-ins: at which local times, on which days, from when until when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.models import Entity
from notifications.querysets import CheckInPlanQuerySet

PAUSED_BY_HOLD = "episode_held"  # a plan's reason: it goes on when the hold of its episode ends (T11, T12)
PAUSED_BY_CLIENT = "client_pause"  # for some days, after which it goes on by itself (CHK-09)
OTHER_CHANNEL = "other_channel"  # the client wants calls or e-mail instead of texts (CHK-09)
MOST_TIMES = 3  # slots a day; the cap of SMS-05 lets at most one of them out


class PlanStatus(models.TextChoices):
    """Where a plan stands."""

    WAITING = "waiting"  # for the stage it begins with -> active, paused, ended
    ACTIVE = "active"  # -> paused, ended
    PAUSED = "paused"  # by hand, by the client's wish or by a hold -> active, ended
    ENDED = "ended"


RUNNING = (PlanStatus.WAITING, PlanStatus.ACTIVE)


class PlanSource(models.TextChoices):
    """Where a plan comes from."""

    HAND = "hand"  # somebody agreed it with the client
    STAGE = "stage"  # the default of the lead stage (STG-13)


class CheckInPlan(Entity):
    """When an organization checks in with a client by text while an episode is open (CHK-02).

    On `weekdays`, or by `phases`: rules (RFC 5545), each from so many days after `starts_on`. A plan with a `stage`
    ends when the episode leaves it; one with `starts_stage` begins so many days after the episode entered that.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="check_in_plans")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="check_in_plans")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=PlanSource.choices, default=PlanSource.HAND)
    stage = models.CharField(max_length=16, blank=True)  # empty: it outlasts stages
    starts_stage = models.CharField(max_length=16, blank=True)  # empty: it starts on a day
    starts_after_days = models.PositiveSmallIntegerField(default=0)
    times = ArrayField(models.TimeField(), size=MOST_TIMES)  # local wall time of each slot, ascending
    weekdays = ArrayField(models.PositiveSmallIntegerField(), size=7)  # ISO: 1 Monday … 7 Sunday; empty: phases say
    phases = models.JSONField(default=list)  # [days after starts_on, rule] in order; empty: weekdays say
    starts_on = models.DateField(null=True)  # the client's local date; None: its stage has not begun
    ends_on = models.DateField(null=True, blank=True)  # None: until the plan or the episode ends
    status = models.CharField(max_length=8, choices=PlanStatus.choices, default=PlanStatus.ACTIVE)
    reason = models.CharField(max_length=32, blank=True)  # why it is paused or ended
    paused_until = models.DateTimeField(null=True)  # when a pause ends by itself; None: somebody ends it
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
                condition=Q(status__in=RUNNING, reason="") | (~Q(status__in=RUNNING) & ~Q(reason="")),
                name="check_in_plan_reason_fits",
            ),
            # a plan does not end before it starts
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="check_in_plan_dates_fit"
            ),
            # SMS-05: more plans would only compete for the one text a day; a stage's stands beside one made by hand
            models.UniqueConstraint(
                fields=["episode", "source"], condition=~Q(status=PlanStatus.ENDED), name="check_in_plan_one_open"
            ),
            models.CheckConstraint(  # STG-13: where it comes from is known, and a stage's plan knows its stage
                condition=Q(source=PlanSource.HAND) | (Q(source=PlanSource.STAGE) & ~Q(stage="")),
                name="check_in_plan_source_fits",
            ),
            models.CheckConstraint(  # STG-13: stages are those of the pathway
                condition=Q(stage__in=["", *Stage.values], starts_stage__in=["", *Stage.values]),
                name="check_in_plan_stages_known",
            ),
            # CHK-02: either days of the week or rules say when
            models.CheckConstraint(
                condition=(Q(weekdays__len__gt=0) & Q(phases=[])) | (Q(weekdays__len=0) & ~Q(phases=[])),
                name="check_in_plan_cadence_fits",
            ),
            # CHK-02: a plan that runs has a first day
            models.CheckConstraint(
                condition=Q(status__in=[PlanStatus.WAITING, PlanStatus.ENDED]) | Q(starts_on__isnull=False),
                name="check_in_plan_start_fits",
            ),
            models.CheckConstraint(  # a plan waits only for a stage
                condition=~Q(status=PlanStatus.WAITING) | ~Q(starts_stage=""), name="check_in_plan_waits_for_stage"
            ),
            models.CheckConstraint(  # CHK-09: only a pause ends by itself
                condition=Q(paused_until__isnull=True) | Q(status=PlanStatus.PAUSED), name="check_in_plan_pause_fits"
            ),
        ]
        indexes = [
            # reader: materialize, the plans whose horizon has moved on
            models.Index(
                F("materialized_until").asc(nulls_first=True),
                name="check_in_plan_behind",
                condition=Q(status=PlanStatus.ACTIVE),
            ),
            # reader: the tick that ends pauses
            models.Index(fields=["paused_until"], name="check_in_plan_pauses", condition=Q(paused_until__isnull=False)),
            # reader: one client's plans, newest first; replanning when the client's zone changes
            models.Index(fields=["client", "-id"], name="check_in_plan_by_client"),
        ]
