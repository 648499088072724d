"""What this room knows of an episode, for the pathway's guards (G6, G13). Reads through the rooms below."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min

from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.episodes.facts import ReferralFact
from casemgmt.episodes.models import Episode

from .standing import wish_of
from .words import ANSWERED, TAKEN, UNANSWERED, ReferralStage


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return the client's live referrals from the episode's organization as of `at` (aware UTC) (G6).

    Three queries beside the client's; one when there are none.
    """
    rows = list(
        episode.client.referrals.filter(
            organization_id=episode.organization_id, stage__in=[*UNANSWERED, *ANSWERED]
        ).order_by("id")
    )
    if not rows:
        return {"referrals": ()}
    consents = Consent.objects.to_disclose(client_id=episode.client_id, organization_id=episode.organization_id)
    held, left = list(consents), _left(episode, rows)
    return {"referrals": tuple(_fact(row, held, left.get(row.id), at=at) for row in rows)}


def _left(episode: Episode, rows: list[Any]) -> dict[UUID, datetime]:
    """Return when each referral's packet first left with the notice of §2.32, by the accounting (G13, P2-30)."""
    told = Disclosure.objects.filter(client_id=episode.client_id, organization_id=episode.organization_id)
    with_notice = told.filter(referral_id__in=[row.id for row in rows], notice_statement__isnull=False)
    return dict(with_notice.values_list("referral_id").annotate(first=Min("at")).order_by())


def _fact(row: Any, consents: list[Consent], disclosed_at: datetime | None, *, at: datetime) -> ReferralFact:
    return ReferralFact(
        id=str(row.id),
        kind=row.kind,
        stage=ReferralStage.ACCEPTED.value if row.stage in TAKEN else str(row.stage),  # whatever came after, it was
        organization_id=str(row.receiver_id),
        program_id=str(row.program_id),
        covered=judge(wish_of(row), consents, at=at).permitted,
        disclosed_at=disclosed_at,
    )
