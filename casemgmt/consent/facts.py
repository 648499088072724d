"""What this room knows of an episode, for the pathway's guards. Reads through the client, judges nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Exists, Q, Subquery

from casemgmt.accounts.models import Organization, Part2Status
from casemgmt.clients.models import Client

from .words import ConsentStatus, ConsentType


class Spell(Protocol):
    """The part of an episode that matters here; the room of episodes lies above."""

    client: Client
    organization_id: UUID


def for_episode(episode: Spell, *, at: datetime) -> dict[str, Any]:
    """Return the facts of G2 (P2-26) and G3 as of `at` (aware UTC). One query beside the client's."""
    here = Q(organization_id=episode.organization_id)
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    notices = episode.client.notice_deliveries.filter(here)
    treatment = episode.client.consents.filter(here, unexpired, type=ConsentType.TREATMENT, status=ConsentStatus.ACTIVE)
    signed = treatment.order_by("-signed_at").values("signed_at")[:1]
    part2_status, delivered, signed_at = (
        Organization.objects.filter(pk=episode.organization_id)
        .annotate(delivered=Exists(notices), signed_at=Subquery(signed))
        .values_list("part2_status", "delivered", "signed_at")
        .get()
    )
    return {
        "notice_required": part2_status == Part2Status.PART2_PROGRAM,
        "notice_delivered": delivered,
        "treatment_consent": signed_at is not None,
        "treatment_consent_at": signed_at,
    }
