"""Signatures of moves that began ahead, over HTTP: what waits for one, signing, refusing."""

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
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.episodes.cosigning import refuse_move, sign_move
from casemgmt.episodes.models import CoSignature, CoSignStatus

from .shown import DiscreetSerializer


class CoSignaturesIn(PageIn):
    """Filters of the list. Without `status` every signature is listed; `waiting` is what is to be done."""

    status = serializers.ChoiceField(choices=CoSignStatus.choices, required=False)
    episode = serializers.UUIDField(required=False)


class SignatureIn(StrictSerializer):
    """A signature."""

    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class SignatureRefusalIn(SignatureIn):
    """A refusal to sign, with its reason."""

    reason = serializers.CharField(max_length=500)


class CoSignatureOut(DiscreetSerializer[CoSignature]):
    """What was started ahead, who may sign it, until when, and what became of it. Peers and houses read no reasons."""

    hidden = {"rule": "", "move_reason": "", "reason": ""}
    author = "started_by"

    verb = serializers.CharField(source="move.verb")
    rule = serializers.CharField(source="move.rule")
    from_stage = serializers.CharField(source="move.from_stage")
    to_stage = serializers.CharField(source="move.to_stage")
    move_reason = serializers.CharField(source="move.reason")

    class Meta:
        model = CoSignature
        fields = (
            "id",
            "episode_id",
            "move_id",
            "verb",
            "rule",
            "from_stage",
            "to_stage",
            "move_reason",
            "roles",
            "status",
            "started_by",
            "asked_at",
            "due_at",
            "decided_by",
            "decided_at",
            "reason",
            "details_hidden",
            "version",
        )


class CoSignatureRows:
    """Which rows the views below show, and whose client they are about."""

    def rows(self) -> QuerySet[Any]:
        """Return the organization's signatures with their moves."""
        actor = self.actor  # type: ignore[attr-defined]
        return CoSignature.objects.visible_to(actor).told_to(actor).select_related("move", "episode")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the signature's episode."""
        return row.episode.client_id  # type: ignore[no-any-return]


class CoSignaturesView(CoSignatureRows, ListView):
    """GET: signatures, newest first."""

    model = CoSignature
    output = CoSignatureOut
    query = CoSignaturesIn
    filters = {"status": "status", "episode": "episode_id"}
    ordering = ("-id",)
    audit_action = "co_signature"

    @extend_schema(operation_id="co_signatures_list", parameters=[CoSignaturesIn], responses=page_of(CoSignatureOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List signatures."""
        return super().get(request, **kwargs)


class CoSignatureView(CoSignatureRows, DetailView):
    """GET: one signature."""

    model = CoSignature
    output = CoSignatureOut
    audit_action = "co_signature"

    @extend_schema(operation_id="co_signatures_read", responses=CoSignatureOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one signature."""
        return super().get(request, pk, **kwargs)


class SignaturesView(ApiView):
    """POST: sign."""

    audit_action = "co_signature"

    @extend_schema(operation_id="co_signatures_sign", request=SignatureIn, responses={200: CoSignatureOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Sign what a colleague started."""
        given = self.given(SignatureIn)
        signed = sign_move(signature_id=pk, version=given.get("version"), actor=self.actor)
        return Response(CoSignatureOut(signed, context={"actor": self.actor}).data, headers=etag(signed.version))


class SignatureRefusalsView(ApiView):
    """POST: refuse to sign."""

    audit_action = "co_signature"

    @extend_schema(operation_id="co_signatures_refuse", request=SignatureRefusalIn, responses={200: CoSignatureOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Refuse to sign, with a reason; the stage stays and people decide how the client goes on."""
        given = self.given(SignatureRefusalIn)
        refused = refuse_move(signature_id=pk, reason=given["reason"], version=given.get("version"), actor=self.actor)
        return Response(CoSignatureOut(refused, context={"actor": self.actor}).data, headers=etag(refused.version))
