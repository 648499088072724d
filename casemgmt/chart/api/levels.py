"""Levels of care over HTTP (CLN-04, G5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView
from casemgmt.chart.models import LevelOfCareAssessment
from casemgmt.chart.models.entry import TEXT_LIMIT
from casemgmt.chart.services.levels import NewLevel, amend_level, sign_level, withdraw_level
from casemgmt.episodes.levels import CODES

from .entries import COMMON, EntriesIn, EntriesView, EntryOut, EntryView, EntryWithdrawalIn, amendment_reason


class LevelIn(StrictSerializer):
    """A level of care as a clinician found it. Without `assessed_at`: just now."""

    episode = serializers.UUIDField()
    edition = serializers.ChoiceField(choices=sorted(CODES), help_text="Of the criteria.")
    code = serializers.CharField(max_length=4, help_text="A code of that edition.")
    rationale = serializers.CharField(max_length=TEXT_LIMIT)
    assessed_at = serializers.DateTimeField(required=False)


class LevelAmendmentIn(StrictSerializer):
    """The level as it should have been signed. Without `assessed_at`: when it was."""

    edition = serializers.ChoiceField(choices=sorted(CODES))
    code = serializers.CharField(max_length=4)
    rationale = serializers.CharField(max_length=TEXT_LIMIT)
    assessed_at = serializers.DateTimeField(required=False)
    reason = amendment_reason()


class LevelOut(EntryOut):
    """One level of care; who recorded it signed it."""

    class Meta:
        model = LevelOfCareAssessment
        fields = (*COMMON, "edition", "code", "rationale", "assessed_at")


class LevelsView(EntriesView):
    """GET lists a client's levels of care, latest first; POST signs one."""

    model = LevelOfCareAssessment
    output = LevelOut
    ordering = ("-assessed_at", "-id")
    audit_action = "level_of_care"

    @extend_schema(operation_id="levels_of_care_list", parameters=[EntriesIn], responses=page_of(LevelOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's levels of care; the first is the one that holds."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="levels_of_care_sign", request=LevelIn, responses={201: LevelOut})
    def post(self, request: Request) -> Response:
        """Sign a level of care; clinicians only."""
        given = dict(self.given(LevelIn))
        return self.made(sign_level(episode_id=given.pop("episode"), new=NewLevel(**given), actor=self.actor))


class LevelView(EntryView):
    """GET: one level of care."""

    model = LevelOfCareAssessment
    output = LevelOut
    audit_action = "level_of_care"

    @extend_schema(operation_id="levels_of_care_read", responses=LevelOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one level of care."""
        return super().get(request, pk, **kwargs)


class LevelAmendmentsView(ApiView):
    """POST: correct a level of care by a new row."""

    audit_action = "level_of_care"

    @extend_schema(operation_id="levels_of_care_amend", request=LevelAmendmentIn, responses={201: LevelOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct what was signed; the old row stays."""
        given = dict(self.given(LevelAmendmentIn))
        reason = given.pop("reason")
        row = amend_level(level_id=pk, new=NewLevel(**given), reason=reason, actor=self.actor)
        return Response(LevelOut(row, context={"actor": self.actor}).data, status=201)


class LevelWithdrawalView(ApiView):
    """POST: an entry in error."""

    audit_action = "level_of_care"

    @extend_schema(operation_id="levels_of_care_withdraw", request=EntryWithdrawalIn, responses={201: LevelOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take a level of care out of force: it was entered in error."""
        reason = self.given(EntryWithdrawalIn)["reason"]
        row = withdraw_level(level_id=pk, reason=reason, actor=self.actor)
        return Response(LevelOut(row, context={"actor": self.actor}).data, status=201)
