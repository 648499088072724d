"""Closing proposals that the client's own way made pointless. Inner; below the doors that move and that propose."""

from __future__ import annotations

from datetime import datetime

from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import close_items

from .models import ProposalStatus
from .querysets import StageProposalQuerySet

PROPOSAL_ITEMS = (ItemKind.STAGE_PROPOSED, ItemKind.STAGE_TO_APPROVE)


def set_aside(proposals: StageProposalQuerySet, *, at: datetime, actor: Actor) -> None:
    """Mark waiting proposals as moot at `at` (aware UTC) and take their work items off the list.

    Waits for whoever decides one at this moment, and leaves it as they decided.
    """
    for proposal in proposals.lock_all():
        proposal.status = ProposalStatus.MOOT
        proposal.decided_at = at
        proposal.save_changes("status", "decided_at", at=at)
        close_items(source_id=proposal.id, kinds=PROPOSAL_ITEMS, outcome="moot", at=at, actor=actor)
