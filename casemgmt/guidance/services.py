"""Guidance for one episode, and what people decide about it (DG-20). A decision enrolls nobody and moves nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .admission import episode_of, lock_open_episode, require_clinician, require_open
from .judging import judge
from .known import Fact, GuidanceFacts
from .models import GuidanceDecision
from .reading import known_of
from .rules import DG_13, RULES_VERSION
from .showing import HIDDEN, Line, Page, page_for
from .trials import begin_trial, end_trial
from .words import DECIDES, OUTSIDE_PEER_SCOPE, TOLD, Block, FactName, Strength, Verdict, reads_answers

DECIDED = register_topic("guidance.decided")


@dataclass(frozen=True, slots=True)
class Look:
    """Guidance as one reader sees it at a moment, with the last decision about each line that still stands."""

    episode: Episode
    at: datetime
    known: GuidanceFacts
    page: Page
    decisions: Mapping[str, GuidanceDecision]  # by basis


def look_at(*, episode_id: UUID, actor: Actor) -> Look:
    """Return the guidance for an open episode of the actor's organization. A fixed number of queries.

    Raises NotVisible, NotPermitted, Refused `episode_ended`.
    """
    episode = episode_of(episode_id, actor=actor)
    require_open(episode)
    at = clock.now()
    known = known_of(episode, at=at)
    page = page_for(judge(known), answers=reads_answers(actor))
    bases = [line.basis for line in (*page.suggestions, *page.blocked)]
    rows = GuidanceDecision.objects.visible_to(actor).filter(episode=episode, basis__in=bases)
    return Look(episode, at, known, page, {row.basis: row for row in rows.order_by("id")})


@dataclass(frozen=True, slots=True)
class Form:
    """The facts form as one reader sees it: what counts of each fact, and what nobody has told."""

    episode: Episode
    facts: tuple[Fact, ...]
    unknown: tuple[FactName, ...]


def form_of(*, episode_id: UUID, actor: Actor) -> Form:
    """Return what is known of an episode's client, as far as the actor's role reads it; of an ended episode too.

    Raises NotVisible, NotPermitted.
    """
    episode = episode_of(episode_id, actor=actor)
    known = known_of(episode, at=clock.now())
    hidden = frozenset() if reads_answers(actor) else HIDDEN
    return Form(
        episode,
        tuple(fact for fact in (*known.facts, known.stage) if fact.name not in hidden),
        tuple(name for name in TOLD if known.find(name) is None and name not in hidden),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides: about which line (its rule, its service or block, its basis as shown), and why."""

    rule_id: str
    target: str
    basis: str
    verdict: Verdict
    reason: str = ""


@transaction.atomic
def decide(*, episode_id: UUID, choice: Choice, actor: Actor) -> tuple[GuidanceDecision, bool]:
    """Keep a decision about one line of today's guidance; True when it is new. The last one about a line holds.

    Deciding again what holds already returns it and writes nothing. Raises NotVisible, NotPermitted
    (`outside_peer_scope`), Invalid, Refused `episode_ended`, Conflict `guidance_changed` when the line no longer
    stands as the caller saw it.
    """
    episode = lock_open_episode(episode_id, actor=actor)
    decider_id = _decider(actor)
    at = clock.now()
    known = known_of(episode, at=at)
    line = _line(known, choice)
    reason = choice.reason.strip()
    if choice.verdict is Verdict.OVERRIDDEN:
        _require_may_override(line, reason=reason, actor=actor)
    last = GuidanceDecision.objects.filter(episode=episode, basis=line.basis).order_by("-id").first()
    if last is not None and (last.verdict, last.reason) == (choice.verdict, reason):
        return last, False
    row = GuidanceDecision.objects.create(
        episode=episode,
        client_id=episode.client_id,
        organization_id=episode.organization_id,
        rule_id=line.rule_id,
        target=line.target,
        strength=line.strength,
        verdict=choice.verdict,
        reason=reason,
        facts=snapshot(known, line),
        basis=line.basis,
        rules_version=RULES_VERSION,
        decided_by_id=decider_id,
        at=at,
        request_id=request_id.get(),
    )
    payload: dict[str, Scalar] = {"decision": str(row.id), "rule": row.rule_id, "verdict": row.verdict}
    emit(Event(DECIDED, episode.id, episode.client_id, episode.organization_id, payload), actor=actor)
    if row.rule_id == DG_13.id:
        _follow_trial(row, days=known.policy.guidance_try_both_days, at=at, actor=actor)
    return row, True


def snapshot(known: GuidanceFacts, line: Line) -> list[dict[str, Any]]:
    """Return all that was known, as it is stored with a decision; `used` marks what the line rested on."""
    used = {fact.name for fact in line.facts_used}
    return [{**plain_fact(fact), "used": fact.name in used} for fact in (*known.facts, known.stage)]


def plain_fact(fact: Fact) -> dict[str, Any]:
    """Return a fact in JSON's own kinds; times as ISO text in UTC."""
    return {
        "name": fact.name.value,
        "value": list(fact.value) if isinstance(fact.value, tuple) else fact.value,
        "source": fact.source.value,
        "at": fact.at.isoformat(),
        "stale": fact.stale,
    }


def _decider(actor: Actor) -> UUID:
    """Return the person who decides; raise for roles that may not: a peer proposes by other means (table 1.9)."""
    if actor.id is not None and actor.has_role(*DECIDES):
        return actor.id
    code = OUTSIDE_PEER_SCOPE if actor.has_role(Role.PEER_SPECIALIST) else None
    raise NotPermitted("Your role does not decide about guidance.", code=code, who=sorted(DECIDES))


def _line(known: GuidanceFacts, choice: Choice) -> Line:
    """Return the line that a choice is about, as it stands now; raise Conflict when it is another one by now."""
    page = page_for(judge(known), answers=True)
    for line in (*page.suggestions, *page.blocked):
        if (line.rule_id, line.target, line.basis) == (choice.rule_id, choice.target, choice.basis):
            return line
    raise Conflict("What is known has changed. Look at the guidance again.", code="guidance_changed")


def _require_may_override(line: Line, *, reason: str, actor: Actor) -> None:
    """Raise unless a reason is given, and by a clinician where a block or something required is set aside (DG-20)."""
    if line.target in Block.values or line.strength == Strength.REQUIRED:
        require_clinician(actor, "Only a clinician sets this aside.")
    if not reason:
        raise Invalid(code="reason_required", fields={"reason": ["Say why you decide otherwise."]})


def _follow_trial(row: GuidanceDecision, *, days: int, at: datetime, actor: Actor) -> None:
    """DG-13: who tries both looks back after a while. Who decides otherwise needs none."""
    if row.verdict == Verdict.OVERRIDDEN:
        end_trial(row.episode_id, outcome="overridden", at=at, actor=actor)
    else:
        begin_trial(row, due_at=at + timedelta(days=days), actor=actor)
