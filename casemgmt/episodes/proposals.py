"""Moves that somebody asks for and somebody else may have to decide (T8, STG-11, REF-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, PROPOSERS, Role
from casemgmt.clients.services import require_own, require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, WrongStage
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import declared_verb, rule_for, signers
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import AskedBy, Episode, ProposalStatus, StageMove, StageProposal
from .services import MoveOrder, gather, lock_episode, move_episode, plain
from .setting_aside import PROPOSAL_ITEMS

PROPOSED = register_topic("episode.proposed")
CONFIRMED = register_topic("episode.proposal_confirmed")
DISMISSED = register_topic("episode.proposal_dismissed")

# Whose wish it is when somebody proposes and says no more; the first role that fits.
SPEAKS_FOR = (
    (CLINICIANS, AskedBy.CLINICIAN),
    (frozenset({Role.CASE_MANAGER.value}), AskedBy.CASE_MANAGER),
    (frozenset({Role.PEER_SPECIALIST.value}), AskedBy.PEER),
    (frozenset({Role.HOUSE_MANAGER.value}), AskedBy.HOUSE),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A verb somebody asks for, what is already known for it, why, and where the idea came from.

    `asked_by` says whose wish it is where staff record it for somebody else, such as the client; empty: their own.
    """

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    source_type: str = "staff"
    source_id: UUID | None = None
    asked_by: str = ""


@transaction.atomic
def propose_move(*, episode_id: UUID, suggestion: Suggestion, actor: Actor) -> StageProposal:
    """Ask for a move without deciding it. Guards may still fail: they are judged when it is carried out.

    Raises NotVisible, NotPermitted, WrongStage, Conflict `already_proposed`, Invalid (`unknown_verb`, `asked_by`).
    """
    episode = lock_episode(episode_id, verb=suggestion.verb, actor=actor)  # or a move meanwhile would leave it behind
    require_role(actor, PROPOSERS)
    at = clock.now()
    declared = declared_verb(Episode, suggestion.verb)
    rule = rule_for(episode, declared, gather(episode, at=at), given=suggestion.given)
    if rule is None:
        raise WrongStage(stage=str(episode.stage), verb=suggestion.verb)
    if not actor.is_system and not actor.has_role(*rule.propose, *rule.who):
        raise NotPermitted(who=sorted(rule.propose | rule.who))
    try:
        with transaction.atomic():
            proposal = StageProposal.objects.create(
                episode=episode,
                verb=declared.name,
                target=declared.target,
                given=plain(suggestion.given),
                reason=suggestion.reason,
                asked_by=_asked_by(suggestion, actor),
                source_type=suggestion.source_type,
                source_id=suggestion.source_id,
                proposed_by_kind=actor.kind.value,
                proposed_by=actor.id,
            )
    except IntegrityError as error:
        raise Conflict("This step is proposed already.", code="already_proposed") from error
    emit(_event(PROPOSED, proposal), actor=actor)
    _ask(proposal, ItemKind.STAGE_PROPOSED, Role.CASE_MANAGER, actor=actor)
    return proposal


@transaction.atomic
def confirm_proposal(
    *, proposal_id: UUID, given: Mapping[str, Any], version: int | None, actor: Actor, reason: str = ""
) -> tuple[StageProposal, StageMove | None]:
    """Say yes. Whoever may decide the step carries it out; anybody else who may propose it passes it on for approval.

    `given` and `reason` add to what the proposal already tells. Returns the proposal and the ledger row,
    None if approval is still needed. Raises NotVisible, StaleVersion, Conflict `already_decided`, NotPermitted,
    WrongStage, GuardsFailed, Invalid.
    """
    seen: StageProposal = StageProposal.objects.visible_to(actor).fetch(proposal_id)
    episode = lock_episode(seen.episode_id, verb=seen.verb, actor=actor)
    proposal = _waiting(proposal_id, version=version, actor=actor)
    at, told, why = clock.now(), {**proposal.given, **given}, _joined(proposal.reason, reason)
    rule = rule_for(episode, declared_verb(Episode, proposal.verb), gather(episode, at=at), given=told)
    if rule is None:
        raise WrongStage(stage=str(episode.stage), verb=proposal.verb)
    if signers(rule, actor=actor, given=told) is not None:
        order = MoveOrder(
            verb=proposal.verb,
            given=told,
            reason=why,
            proposal_id=proposal.id,
            asked_by=proposal.asked_by,
        )
        move = move_episode(episode_id=episode.id, order=order, actor=actor)
        proposal.status, proposal.decided_by, proposal.decided_at = ProposalStatus.CARRIED_OUT, actor.id, at
        proposal.save_changes("status", "decided_by", "decided_at", at=at)
        close_items(source_id=proposal.id, kinds=PROPOSAL_ITEMS, outcome="settled", at=at, actor=actor)
        return proposal, move
    if not actor.has_role(*rule.propose):
        raise NotPermitted(who=sorted(rule.who))
    if proposal.status == ProposalStatus.CONFIRMED:
        raise Conflict("This waits for approval already.", code="awaiting_approval", who=sorted(rule.who))
    proposal.status, proposal.confirmed_by = ProposalStatus.CONFIRMED, actor.id
    proposal.given, proposal.reason = plain(told), why
    proposal.save_changes("status", "confirmed_by", "given", "reason", at=at)
    close_items(source_id=proposal.id, kinds=(ItemKind.STAGE_PROPOSED,), outcome="settled", at=at, actor=actor)
    emit(_event(CONFIRMED, proposal), actor=actor)
    _ask(proposal, ItemKind.STAGE_TO_APPROVE, Role.THERAPIST, actor=actor)
    return proposal, None


@transaction.atomic
def dismiss_proposal(*, proposal_id: UUID, reason: str, version: int | None, actor: Actor) -> StageProposal:
    """Say no, with a reason: case managers and up; who proposed it takes it back.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `already_decided`.
    """
    require_role(actor, PROPOSERS)
    proposal = _waiting(proposal_id, version=version, actor=actor)
    if proposal.proposed_by != actor.id:  # a no is a decision too (table 1.9: peers and houses propose)
        require_role(actor, CASE_MANAGER_AND_UP)
    at = clock.now()
    proposal.status, proposal.decided_by, proposal.decided_at = ProposalStatus.DISMISSED, actor.id, at
    proposal.reason = _joined(proposal.reason, reason)
    proposal.save_changes("status", "decided_by", "decided_at", "reason", at=at)
    close_items(source_id=proposal.id, kinds=PROPOSAL_ITEMS, outcome="dismissed", at=at, actor=actor)
    emit(_event(DISMISSED, proposal), actor=actor)
    return proposal


def _joined(*reasons: str) -> str:
    return "\n".join(reason for reason in reasons if reason)


def _asked_by(suggestion: Suggestion, actor: Actor) -> AskedBy:
    """Return whose wish it is; machines ask for themselves and nobody asks as a machine (STG-11)."""
    if actor.is_system:
        return AskedBy.SYSTEM
    if suggestion.asked_by == AskedBy.SYSTEM:
        raise Invalid(fields={"asked_by": ["Only the system asks as the system."]})
    if suggestion.asked_by:
        return AskedBy(suggestion.asked_by)
    return next(who for roles, who in SPEAKS_FOR if actor.has_role(*roles))


def _waiting(proposal_id: UUID, *, version: int | None, actor: Actor) -> StageProposal:
    proposal: StageProposal = StageProposal.objects.visible_to(actor).lock(proposal_id)
    require_own(actor, proposal.episode.organization_id)
    proposal.require_version(version)
    if proposal.status not in (ProposalStatus.PROPOSED, ProposalStatus.CONFIRMED):
        raise Conflict("This was decided already.", code="already_decided", proposal_status=str(proposal.status))
    return proposal


def _event(topic: str, proposal: StageProposal) -> Event:
    payload = {"proposal_id": str(proposal.id), "verb": proposal.verb}
    episode = proposal.episode
    return Event(topic, episode.id, episode.client_id, episode.organization_id, payload)


def _ask(proposal: StageProposal, kind: ItemKind, role: Role, *, actor: Actor) -> None:
    new = NewItem(
        organization_id=proposal.episode.organization_id,
        client_id=proposal.episode.client_id,
        kind=kind,
        due_at=clock.now() + timedelta(hours=policy_of(proposal.episode.organization_id).proposal_hours),
        source_type="stage_proposal",
        source_id=proposal.id,
        role=role,
    )
    open_item(new, actor=actor)
