"""What this room knows of an episode, for the pathway's guards. Reads through the rooms below, judges nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent
from casemgmt.episodes.facts import ReferralFact
from casemgmt.episodes.models import Episode

from .standing import wish_of
from .words import UNANSWERED, ReferralStage


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return the client's live referrals from the episode's organization as of `at` (aware UTC) (G6).

    Two queries beside the client's; one when there are none.
    """
    rows = list(
        episode.client.referrals.filter(
            organization_id=episode.organization_id, stage__in=[*UNANSWERED, ReferralStage.ACCEPTED]
        ).order_by("id")
    )
    if not rows:
        return {"referrals": ()}
    consents = Consent.objects.to_disclose(client_id=episode.client_id, organization_id=episode.organization_id)
    held = list(consents)
    return {"referrals": tuple(_fact(row, held, at=at) for row in rows)}


def _fact(row: Any, consents: list[Consent], *, at: datetime) -> ReferralFact:
    return ReferralFact(
        id=str(row.id),
        kind=row.kind,
        stage=str(row.stage),
        organization_id=str(row.receiver_id),
        program_id=str(row.program_id),
        covered=judge(wish_of(row), consents, at=at).permitted,
    )
