"""The re-entry card of an ended episode over HTTP: how somebody comes back (T14, T15, CLN-31)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.views import ApiView
from casemgmt.episodes.models import Episode
from casemgmt.episodes.reentry import card_of
from casemgmt.policies.services import policy_of


class ReentryCardOut(serializers.Serializer[Any]):
    """How to come back. There is no cool-down, and nothing here says how often somebody did."""

    episode_id = serializers.UUIDField()
    organization = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)
    open_to_return = serializers.BooleanField(help_text="At any time; false for the dead alone.")
    reuse_until = serializers.DateTimeField(help_text="Until then what was signed and given holds on.")
    always_anew = serializers.ListField(child=serializers.CharField(), help_text="What is asked anew however soon.")


class ReentryCardView(ApiView):
    """GET: the re-entry card of an ended episode."""

    audit_action = "episode"

    @extend_schema(operation_id="episodes_reentry_card", responses=ReentryCardOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell how the client comes back."""
        rows = Episode.objects.visible_to(self.actor).told_to(self.actor).select_related("client", "organization")
        episode: Episode = rows.fetch(pk)
        card = card_of(episode, policy_of(episode.organization_id))
        self.saw("episode.reentry_card_read", object_id=pk, client_ids=[episode.client_id])
        answer = {
            "episode_id": pk,
            "organization": episode.organization.name,
            "phone": episode.organization.phone,
            "open_to_return": card.open_to_return,
            "reuse_until": card.reuse_until,
            "always_anew": card.always_anew,
        }
        return Response(ReentryCardOut(answer).data)
