"""Doors to the review after a return to use (CLN-30, T19). A step up is proposed to those who decide it, never made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.chart.models import ReturnToUse, ReturnToUseReview
from casemgmt.chart.schedule import end_of_day, local_day
from casemgmt.chart.words import SIGNS, ReturnReviewOutcome
from casemgmt.episodes.models import Episode, StageProposal
from casemgmt.episodes.proposals import Suggestion, propose_move
from casemgmt.episodes.stages import direction
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid
from casemgmt.kernel.events import topic as register_topic
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from . import entries
from .returns import REVIEW
from .stays import zone_of

REVIEWED = register_topic("return_to_use.reviewed")
REVIEW_AMENDED = register_topic("return_to_use.review_amended")
WHY = "Proposed by the review after a return to use."


@dataclass(frozen=True, slots=True)
class NewReview:
    """What was decided: an outcome, for a step up its stage (`target`), and a note for clinicians."""

    outcome: str
    target: str = ""
    note: str = ""


@transaction.atomic
def review_return(*, return_id: UUID, new: NewReview, actor: Actor) -> ReturnToUseReview:
    """Review a return to use; clinicians only.

    1. A step up is proposed (T19). 2. Withdrawal or medical evaluation is put on the worklist for the same day.
    3. The review leaves the list.
    Raises NotVisible, NotPermitted (also `outside_peer_scope`), Refused (`episode_ended`, `client_deceased`), Conflict
    (`already_reviewed`, `return_withdrawn`), Invalid.
    """
    found: ReturnToUse = ReturnToUse.objects.visible_to(actor).fetch(return_id)
    entries.require_writer(actor, SIGNS)
    episode = entries.lock_own_episode(found.episode_id, actor=actor)
    entries.require_open(episode)
    if not ReturnToUse.objects.in_force().filter(line_id=found.line_id).exists():
        raise Conflict("This was entered in error. There is nothing to review.", code="return_withdrawn")
    if ReturnToUseReview.objects.filter(return_to_use_id=found.line_id).exists():
        raise Conflict("This was reviewed. Amend the latest review.", code="already_reviewed")
    at = clock.now()
    row = _row(new, line_id=found.line_id, episode=episode, actor=actor)
    entries.begin(row, episode=episode, at=at, actor=actor)
    _settle(row, episode=episode, at=at, actor=actor)
    entries.tell(REVIEWED, row, actor=actor, outcome=row.outcome)
    return row


@transaction.atomic
def amend_review(*, review_id: UUID, new: NewReview, reason: str, actor: Actor) -> ReturnToUseReview:
    """Decide otherwise than a review did, by a new row. A step that was proposed stays proposed: dismiss it by hand.

    Raises as `review_return` does, and Conflict `already_amended`.
    """
    old: ReturnToUseReview = ReturnToUseReview.objects.visible_to(actor).fetch(review_id)
    entries.require_writer(actor, SIGNS)
    episode = entries.lock_own_episode(old.episode_id, actor=actor)
    entries.require_open(episode)
    at = clock.now()
    row = _row(new, line_id=old.return_to_use_id, episode=episode, actor=actor)
    entries.amend(old, row, reason=reason, at=at, actor=actor)
    _settle(row, episode=episode, at=at, actor=actor)
    entries.tell(REVIEW_AMENDED, row, actor=actor, outcome=row.outcome)
    return row


def _row(new: NewReview, *, line_id: UUID, episode: Episode, actor: Actor) -> ReturnToUseReview:
    steps_up = new.outcome == ReturnReviewOutcome.STEP_UP
    if steps_up and direction(episode.lead, new.target) != "step_up":
        sentence = "Name a stage that gives more support than the present one."
        raise Invalid(code="not_a_step_up", fields={"target": [sentence]})
    if new.target and not steps_up:
        raise Invalid(fields={"target": ["Only a step up has a stage."]})
    return ReturnToUseReview(
        return_to_use_id=line_id,
        outcome=new.outcome,
        target=new.target,
        note=new.note.strip(),
        proposal_id=_propose(new.target, line_id=line_id, episode=episode, actor=actor) if steps_up else None,
    )


def _propose(target: str, *, line_id: UUID, episode: Episode, actor: Actor) -> UUID:
    """Return the proposal of a step up after the return to use: a new one, or the one that waits for this step."""
    verb = f"enter_{target}"
    suggestion = Suggestion(
        verb=verb,
        given={"trigger": "return_to_use", "return_to_use": str(line_id)},
        reason=WHY,
        source_type="return_to_use",
        source_id=line_id,
    )
    try:
        proposal = propose_move(episode_id=episode.pk, suggestion=suggestion, actor=actor)
    except Conflict as refusal:
        waiting: StageProposal | None = StageProposal.objects.waiting().filter(episode=episode, verb=verb).first()
        if refusal.code != "already_proposed" or waiting is None:
            raise
        proposal = waiting
    return proposal.id


def _settle(row: ReturnToUseReview, *, episode: Episode, at: datetime, actor: Actor) -> None:
    close_items(source_id=row.return_to_use_id, kinds=REVIEW, outcome=row.outcome, at=at, actor=actor)
    if row.outcome != ReturnReviewOutcome.MEDICAL:
        return
    zone = zone_of(episode)
    new = NewItem(
        organization_id=row.organization_id,
        client_id=row.client_id,
        kind=ItemKind.RELINK_DUE,
        due_at=end_of_day(local_day(at, zone=zone), zone=zone),
        source_type="return_to_use",
        source_id=row.return_to_use_id,
        priority=Priority.NOW,
    )
    open_item(new, actor=actor)
