"""Shapes of responses, trends and outcomes. Those of the catalog are in `catalog_shapes.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.instruments.shape import Instrument
from casemgmt.measures.models import Response
from casemgmt.measures.words import CutOffSex, InstrumentCode, MeasureMode, reads_answers

LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$"  # BCP 47
ANSWER_LIMIT = 1000  # far beyond any answer; the instrument says what is in range


def answers() -> serializers.DictField:
    """Return the field of raw answers by item number."""
    child = serializers.IntegerField(min_value=-ANSWER_LIMIT, max_value=ANSWER_LIMIT)
    return serializers.DictField(child=child, allow_empty=False, help_text="Answers by item number, as asked.")


class ResponseIn(StrictSerializer):
    """An answered instrument. Without `completed_at`: just now."""

    client = serializers.UUIDField()
    instrument = serializers.ChoiceField(choices=InstrumentCode.choices)
    items = answers()
    mode = serializers.ChoiceField(choices=MeasureMode.choices)
    language = serializers.RegexField(LANGUAGE, required=False, default="en")
    sex = serializers.ChoiceField(
        choices=CutOffSex.choices, required=False, help_text="AUDIT-C only; without it the lower cut-off holds."
    )
    episode = serializers.UUIDField(required=False, allow_null=True)
    completed_at = serializers.DateTimeField(required=False)


class AmendmentIn(StrictSerializer):
    """All answers as they should have been recorded, and why."""

    items = answers()
    reason = serializers.CharField(max_length=500)


class ResponsesIn(PageIn):
    """Whose responses; those in force unless `amended` asks for all, `latest` for one per instrument."""

    client = serializers.UUIDField()
    instrument = serializers.ChoiceField(choices=InstrumentCode.choices, required=False)
    latest = serializers.BooleanField(required=False, default=False)
    amended = serializers.BooleanField(required=False, default=False, help_text="Also those that were amended.")


class TrendIn(StrictSerializer):
    """One instrument of one client."""

    client = serializers.UUIDField()
    instrument = serializers.ChoiceField(choices=InstrumentCode.choices)


def sentences(instrument: Instrument, response: Response) -> dict[str, str]:
    """Return the sentence of each band of a response (MSR-03)."""
    return {scale: instrument.sentence_of(scale=scale, band=band) for scale, band in response.bands.items()}


class ResponseOut(serializers.ModelSerializer[Response]):
    """One response. Whoever may not read answers is told that it was taken, and its safety flags (table 1.9, note 1).

    `answers_hidden` is true then; `items`, `scores`, `bands`, `sentences` and `sex` are null.
    """

    superseded_by_id = serializers.SerializerMethodField(help_text="The amendment in its place; null while in force.")
    sentences = serializers.SerializerMethodField(help_text="What each band says, in the language of screening.")
    answers_hidden = serializers.SerializerMethodField()
    items = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    scores = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    bands = serializers.DictField(child=serializers.CharField(), allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    sex = serializers.CharField(allow_null=True)

    class Meta:
        model = Response
        fields = (
            "id",
            "client_id",
            "episode_id",
            "organization_id",
            "instrument",
            "version",
            "language",
            "mode",
            "sex",
            "items",
            "scores",
            "bands",
            "sentences",
            "flags",
            "answers_hidden",
            "administered_by_id",
            "recorded_by_id",
            "completed_at",
            "recorded_at",
            "supersedes_id",
            "superseded_by_id",
            "amend_reason",
        )

    def get_superseded_by_id(self, row: Response) -> UUID | None:
        """Return the amendment's id."""
        amendment = getattr(row, "superseded_by", None)
        return amendment.pk if amendment is not None else None

    def get_sentences(self, row: Response) -> dict[str, str] | None:
        """Return a sentence for each band."""
        return sentences(CATALOG[row.instrument], row)

    def get_answers_hidden(self, row: Response) -> bool:
        """Return whether answers and scores are kept from the reader."""
        return not reads_answers(self.context["actor"], administered_by_id=row.administered_by_id)

    def to_representation(self, row: Response) -> dict[str, Any]:
        """Return the row as its reader may know it."""
        shown = super().to_representation(row)
        if shown["answers_hidden"]:
            hidden = ("items", "scores", "bands", "sentences", "sex")
            risk = CATALOG[row.instrument].risk_flags
            # a reason for a correction may tell the answer that was corrected
            shown |= dict.fromkeys(hidden) | {"amend_reason": ""}
            shown["flags"] = [flag for flag in row.flags if flag in risk]
        return shown


class LabelOut(serializers.Serializer[Any]):
    """What a change is called."""

    code = serializers.CharField()
    sentence = serializers.CharField()


def changes(**more: Any) -> serializers.DictField:
    """Return the field of a change by scale."""
    return serializers.DictField(child=serializers.IntegerField(), allow_null=True, **more)


class PointOut(serializers.Serializer[Any]):
    """One point of a line. Changes are by scale, null where there is nothing earlier to compare with."""

    response_id = serializers.UUIDField(source="response.pk")
    completed_at = serializers.DateTimeField(source="response.completed_at")
    scores = serializers.DictField(child=serializers.IntegerField(), source="response.scores")
    bands = serializers.DictField(child=serializers.CharField(), source="response.bands")
    flags = serializers.ListField(child=serializers.CharField(), source="response.flags")
    change_since_baseline = changes(source="since_baseline")
    change_since_stage = changes(source="since_stage")
    change_since_previous = changes(source="since_previous")
    labels = LabelOut(many=True, allow_null=True, help_text="What the change is called; null to non-clinicians.")


class TrendOut(serializers.Serializer[Any]):
    """A line, oldest first (MSR-08): of one client, never beside another's.

    The baseline is the first response of the client's last episode in your organization; `before_stage` is the last
    one before or at the start of its lead stage.
    """

    episode_id = serializers.UUIDField(source="spell.episode_id", allow_null=True)
    lead_stage = serializers.CharField(source="spell.standing.lead", allow_null=True, default=None)
    lead_since = serializers.DateTimeField(source="spell.standing.lead_since", allow_null=True, default=None)
    baseline_response_id = serializers.UUIDField(source="baseline.pk", allow_null=True, default=None)
    before_stage_response_id = serializers.UUIDField(source="before_stage.pk", allow_null=True, default=None)
    earlier_left_out = serializers.BooleanField()
    points = PointOut(many=True)


class OutcomesIn(StrictSerializer):
    """One client."""

    client = serializers.UUIDField()


class ReadingOut(serializers.Serializer[Any]):
    """One measure: a scale of an instrument, or one of its items.

    `missing`: nobody answered it; `hidden`: answered, but not for you to read. `value` is null in both cases.
    """

    instrument = serializers.ChoiceField(choices=InstrumentCode.choices, source="measure.instrument")
    part = serializers.ChoiceField(choices=["scale", "item"], source="measure.part")
    code = serializers.CharField(source="measure.code")
    name = serializers.CharField(source="measure.name")
    value = serializers.IntegerField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    change_since_baseline = serializers.IntegerField(source="since_baseline", allow_null=True)
    change_since_stage = serializers.IntegerField(source="since_stage", allow_null=True)
    missing = serializers.BooleanField()
    hidden = serializers.BooleanField()


class AimOut(serializers.Serializer[Any]):
    """One aim of a family."""

    code = serializers.CharField()
    measures = ReadingOut(many=True)


class OutcomesOut(serializers.Serializer[Any]):
    """The outcome families of one client, side by side. They have different aims and are not set against each other."""

    client_id = serializers.UUIDField()
    episode_id = serializers.UUIDField(allow_null=True)
    lead_stage = serializers.CharField(allow_blank=True)
    peer = AimOut(many=True)
    therapy = AimOut(many=True)
    shared = AimOut(many=True)
    recovery = AimOut(many=True)
    retention_days = serializers.IntegerField(allow_null=True)
