"""The ledger over HTTP: its rows, where an episode stood when, as known when, and correcting it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn, etag
from casemgmt.episodes.amending import Correction
from casemgmt.episodes.corrections import correct_move
from casemgmt.episodes.ledger import standing_at
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock

from .serializers import TERMINATION_CAUSES
from .shown import StageMoveOut


class StageAtIn(StrictSerializer):
    """Two moments; each is now where it is left out."""

    as_of = serializers.DateTimeField(required=False, help_text="When the stage held.")
    known_at = serializers.DateTimeField(required=False, help_text="What had been recorded by then.")


class StageAtOut(serializers.Serializer[Any]):
    """Where the episode stood at `as_of`, as it was known at `known_at`; `stage` is null before it began."""

    episode_id = serializers.UUIDField()
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField()
    stage = serializers.ChoiceField(choices=Stage.choices, allow_null=True)
    held_stage = serializers.ChoiceField(choices=Stage.choices, allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    move = serializers.IntegerField(allow_null=True, help_text="The row of the ledger that says so.")


class CorrectionDataIn(StrictSerializer):
    """What the right stage needs to be told."""

    discharge_reason = serializers.ChoiceField(
        choices=["dropped_out", "terminated_by_facility", "incarcerated", "other"], required=False
    )
    causes = serializers.ListField(
        child=serializers.ChoiceField(choices=TERMINATION_CAUSES), min_length=1, max_length=6, required=False
    )
    supervisor_justification = serializers.CharField(max_length=4000, required=False)
    last_contact = serializers.DateField(required=False)
    died_on = serializers.DateField(required=False)


class CorrectionIn(StrictSerializer):
    """What was wrong and what holds instead: another stage, another moment, or no step at all."""

    move = serializers.IntegerField(min_value=1, max_value=9_223_372_036_854_775_807)
    reason = serializers.CharField(max_length=2000)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    entered_in_error = serializers.BooleanField(
        required=False, default=False, help_text="There was no such step: the stage before it goes on."
    )
    effective_at = serializers.DateTimeField(required=False)
    data = CorrectionDataIn(required=False, default=dict)  # type: ignore[assignment]
    still_deceased = serializers.BooleanField(
        required=False, default=False, help_text="The client did die; only the stage was wrong."
    )
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class StageMovesView(ListView):
    """GET: the ledger of one episode, newest first."""

    model = StageMove
    output = StageMoveOut
    ordering = ("-seq",)
    audit_action = "stage_move"

    def rows(self) -> QuerySet[Any]:
        """Return the moves of an episode the actor may see; raise NotVisible for another."""
        episode = Episode.objects.visible_to(self.actor).told_to(self.actor).fetch(self.kwargs["pk"])
        return StageMove.objects.filter(episode=episode).select_related("episode", "superseded_by")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the move's episode."""
        return row.episode.client_id  # type: ignore[no-any-return]

    @extend_schema(operation_id="episodes_moves", parameters=[PageIn], responses=page_of(StageMoveOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the moves of an episode, those that were corrected too."""
        return super().get(request, **kwargs)


class StageAtView(ApiView):
    """GET: where an episode stood at a moment, as it was known at a moment (F2)."""

    audit_action = "episode"

    @extend_schema(operation_id="episodes_stage_at", parameters=[StageAtIn], responses=StageAtOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell the stage as of a moment, as known at a moment."""
        asked, now = self.asked(StageAtIn), clock.now()
        episode: Episode = Episode.objects.visible_to(self.actor).told_to(self.actor).fetch(pk)
        as_of, known_at = asked.get("as_of", now), asked.get("known_at", now)
        found = standing_at(episode, as_of=as_of, known_at=known_at)
        self.saw("episode.stage_read", object_id=pk, client_ids=[episode.client_id])
        answer = {
            "episode_id": pk,
            "as_of": as_of,
            "known_at": known_at,
            "stage": found.stage,
            "held_stage": found.held_stage,
            "since": found.since,
            "move": found.seq,
        }
        return Response(StageAtOut(answer).data)


class CorrectionsView(ApiView):
    """POST: correct a row of the ledger by one that supersedes it (T20)."""

    audit_action = "episode"

    @extend_schema(operation_id="episodes_correct", request=CorrectionIn, responses={201: StageMoveOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Say what was wrong, and why."""
        given = self.given(CorrectionIn)
        correction = Correction(
            move=given["move"],
            reason=given["reason"],
            stage=given.get("stage", ""),
            in_error=given["entered_in_error"],
            effective_at=given.get("effective_at"),
            given=given["data"],
            still_deceased=given["still_deceased"],
            version=given.get("version", self.if_match(required=False)),
        )
        move = correct_move(episode_id=pk, correction=correction, actor=self.actor)
        return Response(
            StageMoveOut(move, context={"actor": self.actor}).data, status=201, headers=etag(move.episode.version)
        )
