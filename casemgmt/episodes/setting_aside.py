"""Closing proposals that the client's own way made pointless. Inner; below the doors that move and that propose."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import close_items

from .models import ProposalStatus, StageProposal

PROPOSAL_ITEMS = (ItemKind.STAGE_PROPOSED, ItemKind.STAGE_TO_APPROVE)


def set_aside(proposals: QuerySet[StageProposal], *, at: datetime, actor: Actor) -> None:
    """Mark waiting proposals as moot at `at` (aware UTC) and take their work items off the list.

    Waits for whoever decides one at this moment, and leaves it as they decided.
    """
    for proposal in proposals.select_for_update(of=("self",), no_key=True):
        proposal.status = ProposalStatus.MOOT
        proposal.decided_at = at
        proposal.save_changes("status", "decided_at", at=at)
        close_items(source_id=proposal.id, kinds=PROPOSAL_ITEMS, outcome="moot", at=at, actor=actor)
