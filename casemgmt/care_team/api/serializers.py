"""Shapes of care teams."""

from __future__ import annotations

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.care_team.models import CareTeamMember
from casemgmt.care_team.words import TOLD_REASONS, TeamRole


class CareTeamIn(PageIn):
    """Whom of a client's team one asks for."""

    past = serializers.BooleanField(
        required=False, default=False, help_text="True: who was on the team before, and who left the organization."
    )
    role = serializers.ChoiceField(choices=TeamRole.choices, required=False)


class CaseloadIn(PageIn):
    """Whose caseload one asks for; without `user`, one's own."""

    user = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=TeamRole.choices, required=False)


class NewMemberIn(StrictSerializer):
    """Who joins a team."""

    user = serializers.UUIDField(help_text="Somebody of your organization who holds the role there.")
    role = serializers.ChoiceField(choices=TeamRole.choices)
    started_on = serializers.DateField(required=False, help_text="A day of your organization's calendar; else today.")
    lead = serializers.BooleanField(
        required=False, default=False, help_text="A lead takes the place of the one before; a case manager leads."
    )


class MemberChangesIn(StrictSerializer):
    """What may change of a membership that lasts."""

    lead = serializers.BooleanField()


class MemberEndIn(StrictSerializer):
    """Why somebody leaves a team, and their last day (else today)."""

    reason = serializers.ChoiceField(choices=[(each.value, each.label) for each in TOLD_REASONS])
    ended_on = serializers.DateField(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class CareTeamMemberOut(serializers.ModelSerializer[CareTeamMember]):
    """Somebody's place on a client's team."""

    name = serializers.CharField(source="user.name", help_text="Of the member of staff.")

    class Meta:
        model = CareTeamMember
        fields = (
            "id",
            "client_id",
            "user_id",
            "name",
            "role",
            "lead",
            "started_on",
            "ended_on",
            "end_reason",
            "version",
        )
