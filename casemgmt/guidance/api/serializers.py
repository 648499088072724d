"""Shapes of facts, statements, guidance and decisions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.guidance.models import GuidanceDecision, Statement
from casemgmt.guidance.rules import EVERY_RULE
from casemgmt.guidance.words import (
    PREFERABLE,
    TOLD,
    TOLD_SOURCES,
    Block,
    FactName,
    Service,
    Strength,
    Verdict,
)

TOLD_CHOICES = [(each.value, each.label) for each in TOLD]
SOURCE_CHOICES = [(each.value, each.label) for each in TOLD_SOURCES]
WISH_CHOICES = [(each.value, each.label) for each in PREFERABLE]
TARGET_CHOICES = [*Service.choices, *Block.choices]
RULE_CHOICES = [rule.id for rule in EVERY_RULE]


class SaidIn(StrictSerializer):
    """What is said: `yes`, or for `client_preference` the `services` wished for."""

    yes = serializers.BooleanField(required=False)
    services = serializers.ListField(
        child=serializers.ChoiceField(choices=WISH_CHOICES), required=False, max_length=len(PREFERABLE)
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Put what was said under `value`; refuse both at once, neither, and a wish told twice."""
        if ("yes" in attrs) == ("services" in attrs):
            raise serializers.ValidationError({"yes": ["Send `yes`, or `services` for client_preference."]})
        wishes = attrs.get("services")
        if wishes is not None and len(set(wishes)) != len(wishes):
            raise serializers.ValidationError({"services": ["Name each service once."]})
        attrs["value"] = tuple(wishes) if wishes is not None else attrs["yes"]
        return attrs


class StatementIn(SaidIn):
    """One line of the facts form. Without `observed_at`: just now."""

    name = serializers.ChoiceField(choices=TOLD_CHOICES)
    source = serializers.ChoiceField(choices=SOURCE_CHOICES)  # type: ignore[assignment]
    observed_at = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse wishes where a yes or no belongs, and the reverse."""
        attrs = super().validate(attrs)
        if ("services" in attrs) != (attrs["name"] == FactName.CLIENT_PREFERENCE):
            sentence = "Yes or no; for client_preference a list of services."
            raise serializers.ValidationError({"yes" if "yes" in attrs else "services": [sentence]})
        return attrs


class FactsFormIn(StrictSerializer):
    """The facts form: many statements at once, all kept or none (T1)."""

    facts: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=StatementIn(), allow_empty=False, max_length=len(TOLD)
    )


class StatementCorrectionIn(SaidIn):
    """What a statement should have said, and why it did not."""

    reason = serializers.CharField(max_length=500)
    observed_at = serializers.DateTimeField(required=False)


class StatementWithdrawalIn(StrictSerializer):
    """Why a statement should not have been made."""

    reason = serializers.CharField(max_length=500)


class StatementOut(serializers.ModelSerializer[Statement]):
    """One statement as it was made. `superseded_by_id`: the one in its place, null while it stands."""

    superseded_by_id = serializers.UUIDField(source="superseded_by.pk", allow_null=True, default=None)
    services = serializers.ListField(child=serializers.CharField(), source="wishes", allow_null=True)
    name = serializers.ChoiceField(choices=TOLD_CHOICES)
    source = serializers.ChoiceField(choices=SOURCE_CHOICES)  # type: ignore[assignment]

    class Meta:
        model = Statement
        fields = (
            "id",
            "client_id",
            "organization_id",
            "episode_id",
            "name",
            "yes",
            "services",
            "source",
            "observed_at",
            "recorded_at",
            "recorded_by_id",
            "supersedes_id",
            "superseded_by_id",
            "withdrawn",
            "reason",
        )


class GuidanceFactOut(serializers.Serializer[Any]):
    """What counts of a fact. `stale`: it needs an update; `later_value`: a newer answer, too old to lift anything."""

    name = serializers.CharField()
    label = serializers.CharField(source="name.label")  # type: ignore[assignment]
    value = serializers.JSONField(help_text="Yes or no, points, a level, or a list of services.")
    source = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField()
    stale = serializers.BooleanField()
    later_value = serializers.JSONField(source="later.value", default=None, help_text="Like `value`; null: none newer.")
    later_at = serializers.DateTimeField(source="later.at", allow_null=True, default=None)


class GuidanceAskOut(serializers.Serializer[Any]):
    """Something that nobody has told yet."""

    name = serializers.CharField(source="value")
    label = serializers.CharField()  # type: ignore[assignment]


class GuidanceFactsOut(serializers.Serializer[Any]):
    """The facts form as it stands: what counts of each fact, and what nobody has told."""

    facts = GuidanceFactOut(many=True)
    unknown = GuidanceAskOut(many=True)


class GuidanceLastDecisionOut(serializers.ModelSerializer[GuidanceDecision]):
    """The last decision about a line as it stands."""

    class Meta:
        model = GuidanceDecision
        fields = ("id", "verdict", "reason", "decided_by_id", "at")


class GuidanceLineOut(serializers.Serializer[Any]):
    """One line of guidance. `withheld`: its reason is not for the reader's role; `basis` goes back with a decision."""

    rule_id = serializers.CharField()
    reason_text = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    facts_used = GuidanceFactOut(many=True)
    withheld = serializers.BooleanField()
    basis = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    decision = serializers.SerializerMethodField()

    @extend_schema_field(GuidanceLastDecisionOut(allow_null=True))
    def get_decision(self, line: Any) -> dict[str, Any] | None:
        """Return the last decision that rests on the same facts."""
        row = self.context["decisions"].get(line.basis) if line.basis else None
        return dict(GuidanceLastDecisionOut(row).data) if row is not None else None


class GuidanceSuggestionOut(GuidanceLineOut):
    """One service. `tandem`: it goes together with the other of therapy and peer support (DG-12)."""

    service = serializers.ChoiceField(choices=Service.choices, source="target")
    strength = serializers.ChoiceField(choices=Strength.choices)
    tandem = serializers.BooleanField()
    raised_by_preference = serializers.BooleanField(source="raised")


class GuidanceBlockOut(GuidanceLineOut):
    """Something advised against until a clinician decides otherwise, with a reason."""

    block = serializers.ChoiceField(choices=Block.choices, source="target")


class GuidanceOut(serializers.Serializer[Any]):
    """Guidance now. `risk_flag`: clinical care comes first. `thresholds`: the numbers compared with, null if hidden."""

    episode_id = serializers.UUIDField()
    as_of = serializers.DateTimeField()
    rules_version = serializers.CharField()
    risk_flag = serializers.BooleanField()
    suggestions = GuidanceSuggestionOut(many=True)
    blocked = GuidanceBlockOut(many=True)
    stale = GuidanceFactOut(many=True)
    unknown = GuidanceAskOut(many=True)
    thresholds = serializers.DictField(child=serializers.IntegerField(), allow_null=True)


class GuidancePlainOut(serializers.Serializer[Any]):
    """Guidance in words for the client."""

    language = serializers.CharField()
    rules_version = serializers.CharField()
    paragraphs = serializers.ListField(child=serializers.CharField())


class GuidanceRuleOut(serializers.Serializer[Any]):
    """One rule in words."""

    id = serializers.CharField()
    when = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField())
    blocks = serializers.ListField(child=serializers.CharField())
    reason_text = serializers.CharField()
    for_client = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class GuidanceRulesOut(serializers.Serializer[Any]):
    """The whole table; it is short and comes on one page."""

    rules_version = serializers.CharField()
    results = GuidanceRuleOut(many=True)


class GuidanceDecisionIn(StrictSerializer):
    """A decision about one line as it was shown."""

    rule_id = serializers.ChoiceField(choices=RULE_CHOICES)
    target = serializers.ChoiceField(choices=TARGET_CHOICES, help_text="The service, or the block.")
    basis = serializers.RegexField(r"^[0-9a-f]{64}$")
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class GuidanceDecisionOut(serializers.ModelSerializer[GuidanceDecision]):
    """One decision, with all that was known when it was made."""

    class Meta:
        model = GuidanceDecision
        fields = (
            "id",
            "client_id",
            "organization_id",
            "episode_id",
            "rule_id",
            "target",
            "strength",
            "verdict",
            "reason",
            "facts",
            "basis",
            "rules_version",
            "decided_by_id",
            "at",
        )
