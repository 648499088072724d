"""The two ModelViewSets of the ordinary build, and its addresses."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter

from .models import AuditEvent, Client, ContactPoint, Episode, OutboxEvent, StageMove


class ContactPointSerializer(serializers.ModelSerializer[ContactPoint]):
    """A number or address."""

    class Meta:
        model = ContactPoint
        exclude = ("client",)


class ClientSerializer(serializers.ModelSerializer[Client]):
    """A client with contact points."""

    contact_points = ContactPointSerializer(many=True, read_only=True)

    class Meta:
        model = Client
        fields = "__all__"


class EpisodeSerializer(serializers.ModelSerializer[Episode]):
    """An episode; a change of its stage says why."""

    reason = serializers.CharField(write_only=True)

    class Meta:
        model = Episode
        fields = "__all__"
        read_only_fields = ("client", "organization_id", "held_stage", "source", "opened_at", "ended_at", "version")

    def update(self, episode: Episode, given: dict[str, Any]) -> Episode:
        """Save the episode, its ledger row, the audit row and the fact."""
        user, before = self.context["request"].user, episode.stage
        episode.held_stage, episode.stage, episode.version = before, given["stage"], episode.version + 1
        episode.save()
        to = {"from_stage": before, "to_stage": episode.stage, "enters": episode.stage, "at": episode.updated_at}
        StageMove.objects.create(
            episode=episode,
            verb="hold",
            reason=given["reason"],
            actor_id=user.id,
            effective_at=episode.updated_at,
            **to,
        )
        about = {"actor_id": user.id, "organization_id": episode.organization_id}
        AuditEvent.objects.create(
            action="episode.held", object_type="episode", object_id=episode.id, client_ids=[episode.client_id], **about
        )
        OutboxEvent.objects.create(topic="bench.held", subject_id=episode.id, client_id=episode.client_id, **about)
        return episode


class ClientViewSet(viewsets.ModelViewSet[Client]):
    """The clients of the caller's organization, by page numbers."""

    serializer_class = ClientSerializer

    def get_queryset(self) -> Any:
        """Return the organization's clients with their contact points."""
        mine = self.request.user.memberships.filter(ended_at=None).values("organization_id")
        return Client.objects.filter(organization_id__in=mine).prefetch_related("contact_points")


class EpisodeViewSet(viewsets.ModelViewSet[Episode]):
    """The episodes of the caller's organization."""

    serializer_class = EpisodeSerializer

    def get_queryset(self) -> Any:
        """Return the organization's episodes, locked for a change."""
        mine = self.request.user.memberships.filter(ended_at=None).values("organization_id")
        return Episode.objects.filter(organization_id__in=mine).select_for_update()

    @transaction.atomic
    def update(self, *args: Any, **kwargs: Any) -> Any:
        """Change one."""
        return super().update(*args, **kwargs)


router = DefaultRouter()
router.register("clients", ClientViewSet, basename="client")
router.register("episodes", EpisodeViewSet, basename="episode")
urlpatterns = router.urls
