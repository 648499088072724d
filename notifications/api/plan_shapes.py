"""Shapes of plans, check-ins, what clients wish of them, and what followed when they did not answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.episodes.stages import CARE, Stage
from notifications.models import (
    CheckIn,
    CheckInPlan,
    CheckInPreference,
    CheckInStatus,
    PlanStatus,
    PreferenceKind,
    SaidBy,
    SilenceStep,
    WishedChannel,
)
from notifications.models.plan import MOST_TIMES
from notifications.models.preference import PAUSES
from notifications.reasons import explain

STARTS = [(each.value, each.label) for each in (Stage.WAITLIST, *CARE)]


class CadenceIn(StrictSerializer):
    """When to check in: on weekdays, or by a rule."""

    times = serializers.ListField(
        child=serializers.TimeField(), min_length=1, max_length=MOST_TIMES, help_text="Local times of the client."
    )
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        min_length=1,
        max_length=7,
        required=False,
        help_text="1 is Monday.",
    )
    rule = serializers.CharField(
        max_length=120,
        required=False,
        help_text="RFC 5545 without times and last day: FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.",
    )
    count = serializers.IntegerField(
        min_value=1, max_value=365, required=False, help_text="With weekdays: after so many days it ends."
    )
    ends_on = serializers.DateField(required=False, allow_null=True)

    def validate_times(self, times: list[Any]) -> tuple[Any, ...]:
        """Refuse seconds and repetitions."""
        if any(each.second or each.microsecond for each in times) or len(set(times)) < len(times):
            raise serializers.ValidationError("Whole minutes, each time once.")
        return tuple(times)

    def validate_weekdays(self, weekdays: list[int]) -> tuple[int, ...]:
        """Refuse repetitions."""
        if len(set(weekdays)) < len(weekdays):
            raise serializers.ValidationError("Each weekday once.")
        return tuple(weekdays)


class CheckInPlanIn(CadenceIn):
    """A new plan for an open episode: from a day on, or so many days after the episode enters a stage."""

    episode = serializers.UUIDField()
    starts_on = serializers.DateField(required=False)
    starts_stage = serializers.ChoiceField(choices=STARTS, required=False)
    starts_after_days = serializers.IntegerField(min_value=0, max_value=365, default=0)
    with_stage = serializers.BooleanField(default=False, help_text="It ends when the episode leaves that stage.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two beginnings."""
        if "starts_on" in attrs and "starts_stage" in attrs:
            raise serializers.ValidationError({"starts_on": ["A day or a stage, not both."]})
        return attrs


class CheckInPlanChangesIn(CadenceIn):
    """What shall change of a plan."""

    times = serializers.ListField(child=serializers.TimeField(), min_length=1, max_length=MOST_TIMES, required=False)
    status = serializers.ChoiceField(choices=PlanStatus.choices, required=False)
    reason = serializers.ChoiceField(choices=["client_request", "staff_decision"], required=False)


class CheckInPlansIn(PageIn):
    """Filters of the list of plans."""

    client = serializers.UUIDField(required=False)
    episode = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=PlanStatus.choices, required=False)


class PhaseOut(serializers.Serializer[Any]):
    """From so many days after the plan began, by this rule."""

    after_days = serializers.IntegerField()
    rule = serializers.CharField()

    def to_representation(self, phase: Any) -> dict[str, Any]:
        """Name what the row keeps as a pair."""
        return {"after_days": phase[0], "rule": phase[1]}


class CheckInPlanOut(serializers.ModelSerializer[CheckInPlan]):
    """One plan."""

    phases = PhaseOut(many=True, read_only=True)

    class Meta:
        model = CheckInPlan
        fields = (
            "id",
            "client_id",
            "episode_id",
            "organization_id",
            "source",
            "stage",
            "starts_stage",
            "starts_after_days",
            "times",
            "weekdays",
            "phases",
            "starts_on",
            "ends_on",
            "status",
            "reason",
            "paused_until",
            "version",
        )


class OccurrenceOut(serializers.Serializer[Any]):
    """One check-in that a plan would have."""

    local_date = serializers.DateField()
    slot = serializers.IntegerField()
    due_at = serializers.DateTimeField()


class PreviewOut(serializers.Serializer[Any]):
    """What a plan would have in its first 14 days."""

    check_ins = OccurrenceOut(many=True)


class CheckInsIn(PageIn):
    """Filters of the list of check-ins."""

    client = serializers.UUIDField(required=False)
    plan = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=CheckInStatus.choices, required=False)


class CheckInOut(serializers.ModelSerializer[CheckIn]):
    """One occurrence of a plan, and in a sentence why it was not sent or came to nothing."""

    explanation = serializers.SerializerMethodField()

    class Meta:
        model = CheckIn
        fields = (
            "id",
            "plan_id",
            "client_id",
            "local_date",
            "slot",
            "due_at",
            "status",
            "reason",
            "explanation",
            "asked_at",
            "answer",
            "ended_at",
        )

    def get_explanation(self, check_in: CheckIn) -> str:
        """Return the sentence of the reason."""
        return explain(check_in.reason)


class PreferencesIn(PageIn):
    """Filters of the list of wishes."""

    client = serializers.UUIDField(required=False)


class PreferenceIn(StrictSerializer):
    """What a client wishes of check-ins."""

    client = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=PreferenceKind.choices)
    days = serializers.ChoiceField(choices=PAUSES, required=False, help_text="Of a pause.")
    opens = serializers.TimeField(required=False, help_text="Hours: local times; without both, any legal hour.")
    closes = serializers.TimeField(required=False)
    channel = serializers.ChoiceField(choices=WishedChannel.choices, required=False)
    said_by = serializers.ChoiceField(choices=SaidBy.choices, default=SaidBy.CLIENT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let each kind say what belongs to it, and nothing else."""
        kind = attrs["kind"]
        for name, of in (("days", PreferenceKind.PAUSE), ("channel", PreferenceKind.CHANNEL)):
            if (name in attrs) != (kind == of):
                raise serializers.ValidationError({name: [f"Told exactly of {of.value}."]})
        told = {"opens", "closes"} & attrs.keys()
        if told and (kind != PreferenceKind.HOURS or len(told) == 1):
            raise serializers.ValidationError({"opens": ["Told of hours, with when they close."]})
        return attrs


class PreferenceOut(serializers.ModelSerializer[CheckInPreference]):
    """One wish. The last of its kind holds."""

    class Meta:
        model = CheckInPreference
        fields = (
            "seq",
            "client_id",
            "organization_id",
            "kind",
            "days",
            "until",
            "opens",
            "closes",
            "channel",
            "said_by",
            "actor_kind",
            "actor_id",
            "at",
        )


class SilencesIn(PageIn):
    """Filters of the list of steps."""

    client = serializers.UUIDField(required=False)


class SilenceStepOut(serializers.ModelSerializer[SilenceStep]):
    """One step that was taken because a client did not answer."""

    class Meta:
        model = SilenceStep
        fields = ("seq", "client_id", "episode_id", "since_id", "step", "unanswered", "at")
