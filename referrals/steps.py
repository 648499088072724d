"""One step of a referral: judged, made, saved, written to the ledger, told. Inner; doors and handlers call it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from casemgmt.consent.permits import Lack
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import GuardsFailed, NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.lifecycle import Change, advance, declared_verb, rule_for
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit

from .consequences import ReferralOrder, follow
from .models import Referral, ReferralMove
from .standing import ReferralFacts, Side


class ConsentNotCovering(GuardsFailed):
    """Nothing may leave: no consent covers it now. The code is the first lack's; `missing` lists them all (P2-20)."""

    http_status = 422
    sentence = "No consent in force covers this referral. Nothing was sent."

    def __init__(self, refused: GuardsFailed, lacks: tuple[Lack, ...]) -> None:
        super().__init__(refused.refusals, verb=refused.extra["verb"], rule=refused.extra["rule"])
        self.code = lacks[0].code
        self.extra["missing"] = [asdict(lack) for lack in lacks]


def write_step(
    referral: Referral, order: ReferralOrder, *, facts: ReferralFacts, at: datetime, actor: Actor
) -> ReferralMove:
    """Take one verb of a locked referral, with everything that follows from it, at `at` (aware UTC).

    Raises WrongStage, NotPermitted (also `not_your_side`), ConsentNotCovering, GuardsFailed, Refused, Invalid.
    """
    require_atomic()
    _require_side(referral, order.verb, facts)
    try:
        change = advance(referral, order.verb, actor=actor, at=at, facts=facts, given=order.given)
    except GuardsFailed as refused:
        if facts.verdict is not None and not facts.verdict.permitted:
            raise ConsentNotCovering(refused, facts.verdict.lacks) from refused
        raise
    written = follow(referral, order, facts, change, actor=actor)
    referral.save_changes(*Referral.moved_fields, *written, at=at)
    move = write_move(referral, change, order, actor=actor)
    emit(event_of(change.topic, referral), actor=actor)
    return move


def _require_side(referral: Referral, verb: str, facts: ReferralFacts) -> None:
    """Raise NotPermitted when the verb starts here, but for the other side (REF-08)."""
    declared = declared_verb(Referral, verb)
    if rule_for(referral, declared, facts) is not None:
        return
    others = [replace(facts, side=side) for side in Side if side is not facts.side]
    if any(rule_for(referral, declared, other) is not None for other in others):
        raise NotPermitted("This step belongs to the other side.", code="not_your_side", verb=verb)


def write_move(referral: Referral, change: Change, order: ReferralOrder, *, actor: Actor) -> ReferralMove:
    """Append the ledger row of a change."""
    return ReferralMove.objects.create(
        referral=referral,
        verb=change.verb,
        rule=change.rule,
        from_stage=change.source,
        to_stage=change.target,
        at=change.at,
        effective_at=change.at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_organization_id=actor.organization_id,
        reason=order.reason,
        given=_kept(order),
        facts=change.facts.told() if change.facts is not None else {},
        request_id=request_id.get(),
    )


def _kept(order: ReferralOrder) -> dict[str, Any]:
    """Return what was told as JSON; the sender's words for a supplement stand in the supplement."""
    kept = {name: value for name, value in order.given.items() if name != "told"}
    return {name: value.isoformat() if isinstance(value, datetime | date) else value for name, value in kept.items()}


def event_of(topic: str, referral: Referral) -> Event:
    """Return the fact; it belongs to the sender, `organization_id` in the payload names the receiver."""
    payload = {
        "kind": referral.kind,
        "program_id": str(referral.program_id),
        "episode_id": str(referral.episode_id),
        "organization_id": str(referral.receiver_id),
    }
    return Event(topic, referral.id, referral.client_id, referral.organization_id, payload)
