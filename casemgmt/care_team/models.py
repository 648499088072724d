"""Who cares for a client: one row per person, role and stretch of time. Ended rows stay as the team's history."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.kernel.models import Entity

from .querysets import CareTeamQuerySet
from .words import EndReason, TeamRole


class CareTeamMember(Entity):
    """Somebody of an organization cares for a client in a role, from a day until a day."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=TeamRole.choices)
    lead = models.BooleanField(default=False)  # the one case manager who answers for the whole
    started_on = models.DateField()  # a day of the organization's calendar
    ended_on = models.DateField(null=True, blank=True)  # the last day; None: cares for the client today
    end_reason = models.CharField(max_length=20, blank=True, choices=EndReason.choices)
    added_by = models.UUIDField(null=True)  # None: a machine of ours
    ended_by = models.UUIDField(null=True)  # None: lasts, or a machine of ours ended it

    objects = CareTeamQuerySet.as_manager()

    class Meta:
        constraints = [
            # a role on a team is held once at a time
            models.UniqueConstraint(
                fields=["client", "organization", "user", "role"],
                condition=Q(ended_on__isnull=True),
                name="care_team_member_once",
            ),
            # one person leads
            models.UniqueConstraint(
                fields=["client", "organization"],
                condition=Q(lead=True, ended_on__isnull=True),
                name="care_team_one_lead",
            ),
            # a lead is a case manager
            models.CheckConstraint(condition=Q(lead=False) | Q(role=TeamRole.CASE_MANAGER), name="care_team_lead_role"),
            # table 1.9: a role is one of ours
            models.CheckConstraint(condition=Q(role__in=TeamRole.values), name="care_team_role_known"),
            # nobody leaves before coming
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")), name="care_team_dates_fit"
            ),
            # who left, left for a reason
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="")
                | Q(ended_on__isnull=False, end_reason__in=EndReason.values),
                name="care_team_end_has_reason",
            ),
        ]
        indexes = [
            # reader: the team of a client, and its history
            models.Index(fields=["client", "organization", "id"], name="care_team_of_client"),
            # reader: somebody's caseload; the worklist's "mine" and "my team's"
            models.Index(
                fields=["user", "organization", "id"], name="care_team_caseload", condition=Q(ended_on__isnull=True)
            ),
        ]
