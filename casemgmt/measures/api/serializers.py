"""Shapes of instruments, responses and trends."""

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
    language = serializers.RegexField(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$", required=False, default="en")
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


class PointOut(serializers.Serializer[Any]):
    """One point of a line. Changes are by scale, null on the baseline."""

    response_id = serializers.UUIDField(source="response.pk")
    completed_at = serializers.DateTimeField(source="response.completed_at")
    scores = serializers.DictField(child=serializers.IntegerField(), source="response.scores")
    bands = serializers.DictField(child=serializers.CharField(), source="response.bands")
    flags = serializers.ListField(child=serializers.CharField(), source="response.flags")
    change_since_baseline = serializers.DictField(
        child=serializers.IntegerField(), source="since_baseline", allow_null=True
    )
    change_since_previous = serializers.DictField(
        child=serializers.IntegerField(), source="since_previous", allow_null=True
    )


class TrendOut(serializers.Serializer[Any]):
    """A line, oldest first. Scores and their change; what they mean is a clinician's to say (MSR-08)."""

    baseline_response_id = serializers.UUIDField(source="baseline.pk", allow_null=True, default=None)
    earlier_left_out = serializers.BooleanField()
    points = PointOut(many=True)


class ItemOut(serializers.Serializer[Any]):
    """One item. `text` is null where the wording does not ship; `options` begin at `low`."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    text = serializers.CharField(allow_null=True)
    options = serializers.ListField(child=serializers.CharField())
    scored = serializers.BooleanField()
    optional = serializers.BooleanField()


class LicenseOut(serializers.Serializer[Any]):
    """What the owner of the wording allows."""

    holder = serializers.CharField()
    notice = serializers.CharField()
    text_may_ship = serializers.BooleanField()


class BandOut(serializers.Serializer[Any]):
    """One range of a scale, both ends included."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()


class FlagOut(serializers.Serializer[Any]):
    """Something a reader must not miss."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    risk = serializers.BooleanField()


class InstrumentOut(serializers.Serializer[Any]):
    """One instrument: its items, the ranges of its scales, its flags and its license."""

    code = serializers.ChoiceField(choices=InstrumentCode.choices)
    version = serializers.CharField()
    name = serializers.CharField()
    stem = serializers.CharField(allow_null=True)
    items = ItemOut(many=True)
    bands = serializers.DictField(child=BandOut(many=True))
    flags = FlagOut(many=True)
    asks_sex = serializers.BooleanField()
    license = LicenseOut()


class InstrumentsOut(serializers.Serializer[Any]):
    """The whole catalog; it is short and comes on one page."""

    results = InstrumentOut(many=True)
