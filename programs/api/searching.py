"""Searching the directory by need over HTTP. A POST, so that what somebody needs stands in no address (HSD-01)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.paging import DEFAULT_LIMIT, MAX_LIMIT
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView
from casemgmt.clients.languages import to_tag
from casemgmt.kernel.errors import Invalid
from programs.models import Program
from programs.rules.hours import TimeOfWeek
from programs.rules.kinds import Kind, Modality
from programs.rules.levels import level_refusal
from programs.rules.listing import OLDEST, Payer
from programs.rules.needs import Needs, Verdict
from programs.rules.residences import NarrLevel
from programs.services.searching import ORDER, search_programs

from .directory import with_names
from .program_shapes import MOST_PLACES, ProgramLevelIn, ProgramOut


class ProgramSearchIn(StrictSerializer):
    """What is needed, not who needs it. What is left out is not asked for."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    level_of_care = ProgramLevelIn(required=False)
    modality = serializers.ChoiceField(choices=Modality.choices, required=False)
    moud = serializers.BooleanField(required=False, help_text="Medication for opioid use disorder must be accepted.")
    language = serializers.CharField(max_length=35, required=False, help_text="BCP 47")
    age = serializers.IntegerField(min_value=0, max_value=OLDEST, required=False)
    city = serializers.CharField(max_length=100, required=False)
    state = serializers.CharField(max_length=100, required=False)
    narr_levels = serializers.ListField(
        child=serializers.ChoiceField(choices=NarrLevel.choices), required=False, max_length=len(NarrLevel)
    )
    payer = serializers.ChoiceField(choices=Payer.choices, required=False)
    times = serializers.ListField(
        child=serializers.ChoiceField(choices=TimeOfWeek.choices),
        required=False,
        max_length=len(TimeOfWeek),
        help_text="One of them is enough.",
    )
    places = serializers.IntegerField(min_value=1, max_value=MOST_PLACES, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)
    cursor = serializers.UUIDField(required=False, allow_null=True)


class ReasonOut(serializers.Serializer[Any]):
    """Why: the need, a stable code, a sentence."""

    need = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class LeftOutReasonOut(ReasonOut):
    """A reason, and how many programs it stands against. A program may count for several."""

    count = serializers.IntegerField()


class LeftOutOut(serializers.Serializer[Any]):
    """How many programs of the kind were left out, and why."""

    total = serializers.IntegerField()
    reasons = LeftOutReasonOut(many=True)


class FoundProgramOut(serializers.Serializer[Any]):
    """A program that nothing asked for stands against."""

    program = ProgramOut()
    matched = ReasonOut(many=True)
    unknown = ReasonOut(many=True, help_text="Nobody knows; ask.")
    stale = ReasonOut(many=True, help_text="Old or never checked, asked for or not.")


class ProgramSearchOut(serializers.Serializer[Any]):
    """One page of a search."""

    results = FoundProgramOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Cursor of the next page; null on the last.")
    order = serializers.CharField(help_text="In which order the results stand.")
    left_out = LeftOutOut()


class ProgramSearchView(ApiView):
    """POST: which published programs meet a need, why, and what of them is unknown or old."""

    audit_action = "program"

    @extend_schema(operation_id="programs_search", request=ProgramSearchIn, responses={200: ProgramSearchOut})
    def post(self, request: Request) -> Response:
        """Search the directory by need. No program is better than another; levels are not a rating (CLN-10)."""
        given = dict(self.given(ProgramSearchIn))
        limit, cursor = given.pop("limit"), given.pop("cursor", None)
        found = search_programs(
            needs=_needs(given), cursor=str(cursor) if cursor else None, limit=limit, actor=self.actor
        )
        ids = [program_id for program_id, _ in found.results]
        shown = with_names(Program.objects.visible_to(self.actor).filter(pk__in=ids))
        programs = {row["id"]: row for row in ProgramOut(shown, many=True, context={"actor": self.actor}).data}
        self.saw("program.searched", object_id=None, client_ids=[])
        results = [
            {
                "program": programs[str(program_id)],
                "matched": ReasonOut(judgement.of(Verdict.MATCHED), many=True).data,
                "unknown": ReasonOut(judgement.of(Verdict.UNKNOWN), many=True).data,
                "stale": ReasonOut(judgement.stale, many=True).data,
            }
            for program_id, judgement in found.results
        ]
        reasons = [{**ReasonOut(answer).data, "count": count} for answer, count in found.reasons]
        left_out = {"total": found.left_out, "reasons": reasons}
        return Response({"results": results, "next": found.next, "order": ORDER, "left_out": left_out})


def _needs(given: dict[str, Any]) -> Needs:
    """Return what is asked for. Raises Invalid for what no program of the kind can have."""
    level = given.pop("level_of_care", None)
    kind, fields = given["kind"], {}
    if level:
        refusal = level_refusal(kind, edition=level["edition"], code=level["code"])
        if refusal:
            fields["level_of_care"] = [refusal]
    if "language" in given:
        given["language"] = to_tag(given["language"]) or ""
        if not given["language"]:
            fields["language"] = ["Give a language tag such as en or es-MX."]
    if given.get("modality") and kind != Kind.THERAPY:
        fields["modality"] = ["Only therapy has modalities."]
    if given.get("narr_levels") and kind != Kind.SOBER_LIVING:
        fields["narr_levels"] = ["Only a residence has this."]
    if fields:
        raise Invalid(fields=fields)
    several: dict[str, Any] = {name: tuple(given.pop(name)) for name in ("narr_levels", "times") if name in given}
    return Needs(level=(level["edition"], level["code"]) if level else None, **several, **given)
