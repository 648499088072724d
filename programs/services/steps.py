"""One step of an enrollment: what its guards see, the move, its ledger row, the fact. Inner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from casemgmt.episodes.facts import Facts
from casemgmt.episodes.services import gather
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.lifecycle import Change, advance
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from programs.guards import EnrollmentFacts
from programs.models import Enrollment, EnrollmentMove
from programs.rules.combinations import Beside

from .combinations import combinations_of


@dataclass(frozen=True, slots=True)
class EnrollmentOrder:
    """What somebody wants of an enrollment: a verb, what its rule needs, since when (aware UTC, None: now), and why."""

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    effective_at: datetime | None = None
    version: int | None = None


def facts_of(enrollment: Enrollment, *, at: datetime) -> EnrollmentFacts:
    """Return what the guards of an enrollment judge, as of `at`; the pathway's facts say what other rooms know."""
    episode = enrollment.episode
    known = gather(episode, at=at)
    return EnrollmentFacts(
        following=False,
        has_provider=enrollment.provider_id is not None,
        notice_missing=known.notice_required and not known.notice_delivered,
        own=enrollment.program.organization_id == episode.organization_id,
        referred=is_referred(enrollment, known),
        kind=enrollment.program.kind,
        lead=episode.held_stage or str(episode.stage),
        paused=bool(episode.held_stage),
        beside=tuple(Beside(each.kind, each.status) for each in known.enrollments if each.id != str(enrollment.id)),
        combinations=combinations_of(episode.organization_id),
    )


def is_referred(enrollment: Enrollment, known: Facts, *, stages: frozenset[str] = frozenset({"accepted"})) -> bool:
    """True when the program's organization accepted a referral for its kind that a consent covers (G6).

    `stages`: what else its answer may be.
    """
    program = enrollment.program
    return any(
        each.organization_id == str(program.organization_id)
        and each.kind == program.kind
        and each.stage in stages
        and each.covered
        for each in known.referrals
    )


def write_step(
    enrollment: Enrollment, order: EnrollmentOrder, *, facts: EnrollmentFacts, at: datetime, actor: Actor
) -> EnrollmentMove:
    """Judge one verb of a locked enrollment, save it, write its ledger row and tell. Inner; frees no place."""
    require_atomic()
    change = advance(enrollment, order.verb, actor=actor, at=at, facts=facts, given=order.given)
    enrollment.save_changes(*Enrollment.moved_fields, at=at)
    move = write_move(enrollment, change, order, actor=actor)
    emit(event_of(change.topic, enrollment), actor=actor)
    return move


def write_move(enrollment: Enrollment, change: Change, order: EnrollmentOrder, *, actor: Actor) -> EnrollmentMove:
    """Write the ledger row of a change. Raises Invalid `effective_at_invalid`."""
    effective_at = order.effective_at or change.at
    last = enrollment.moves.order_by("-seq").values_list("effective_at", flat=True).first() if change.source else None
    if effective_at > change.at or (last is not None and effective_at < last):
        sentence = "Not later than now and not before the last move."
        raise Invalid(code="effective_at_invalid", fields={"effective_at": [sentence]})
    return EnrollmentMove.objects.create(
        enrollment=enrollment,
        verb=change.verb,
        rule=change.rule,
        from_stage=change.source,
        to_stage=change.target,
        at=change.at,
        effective_at=effective_at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        reason=order.reason,
        given=dict(order.given),
        facts=asdict(change.facts) if change.facts is not None else {},
        request_id=request_id.get(),
    )


def event_of(topic: str, enrollment: Enrollment) -> Event:
    """Return a fact about an enrollment; its program must be loaded."""
    program = enrollment.program
    payload: dict[str, Scalar] = {
        "kind": program.kind,
        "program_id": str(program.id),
        "episode_id": str(enrollment.episode_id),
        "over_capacity": enrollment.over_capacity,
    }
    return Event(topic, enrollment.id, enrollment.client_id, program.organization_id, payload)
