"""Moving episodes. The door: lock, judge, move, save, write the ledger, tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.module_loading import import_string

from casemgmt.clients.models import Client
from casemgmt.clients.services import note_death, require_own
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.definition import definition_of
from casemgmt.kernel.errors import Invalid, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.lifecycle import Change, Option, advance, options, require_start
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of

from .cosigning import ask_signature
from .facts import Facts
from .follow_ups import carers_of, follow_move, tell_carers
from .history import Row, places
from .ledger import recorded_at, rows_of
from .models import Episode, StageMove, StageProposal
from .reentry import reused
from .setting_aside import set_aside
from .stages import Stage, direction
from .telling import as_date, check_told

DEATH = "record_death"  # the verb of T17


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """What somebody wants: a verb, what its rule needs (`given`), since when (aware UTC, None: now), and why.

    `version` is the caller's copy of the episode; None makes no claim. `proposal_id` names the proposal carried out,
    `asked_by` whose wish it is (a value of AskedBy; empty: the actor's own).
    """

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    effective_at: datetime | None = None
    version: int | None = None
    proposal_id: UUID | None = None
    asked_by: str = ""


def gather(episode: Episode, *, at: datetime, told: Mapping[str, Any] | None = None) -> Facts:
    """Return what every room knows of an episode as of `at`; one function per room, named in fact_sources.py.

    `told` is what the caller gives the verb.
    """
    policy = policy_of(episode.organization_id)
    found: dict[str, Any] = {
        "organization_id": str(episode.organization_id),
        "at": at,
        "zone": episode.organization.timezone,
        "policy": policy,
        "told": told or {},
        "opened_at": episode.opened_at,
        **reused(episode, policy),
    }
    for name in import_string(settings.FACT_SOURCES):
        found.update(import_string(name)(episode, at=at))
    return Facts(**found)


def look_ahead(*, episode_id: UUID, actor: Actor) -> tuple[Episode, list[Option], Facts]:
    """Return an episode, what each verb that starts at its stage means for this actor now, and what is known.

    Raises NotVisible.
    """
    episode: Episode = Episode.objects.visible_to(actor).told_to(actor).fetch(episode_id)
    facts = gather(episode, at=clock.now())
    found = options(episode, actor=actor, facts=facts)
    return episode, [each for each in found if each.verb == DEATH or not episode.client.deceased], facts


def lock_episode(episode_id: UUID, *, verb: str, actor: Actor) -> Episode:
    """Return an episode locked for a verb, in the written order: a death writes the client, who comes first.

    Raises NotVisible, NotPermitted (another organization's episode), Refused `client_deceased`: for who has died
    elsewhere, the death is all that is left to record (T17).
    """
    visible = Episode.objects.visible_to(actor)
    if verb == DEATH:
        Client.objects.lock(visible.fetch(episode_id).client_id)
    episode: Episode = visible.lock(episode_id)
    require_own(actor, episode.organization_id)
    if verb != DEATH and episode.is_open and episode.client.deceased:
        raise Refused("The client has died. Record the death; it ends the episode.", code="client_deceased")
    return episode


@transaction.atomic
def move_episode(*, episode_id: UUID, order: MoveOrder, actor: Actor) -> StageMove:
    """Move an episode through one verb and return its ledger row.

    Raises NotVisible, StaleVersion, WrongStage, NotPermitted, GuardsFailed, Invalid (`data_missing`,
    `effective_at_invalid`, `unknown_verb`, `fields` of what does not fit), Refused `rtu_discharge_needs_supervisor`.
    """
    episode = lock_episode(episode_id, verb=order.verb, actor=actor)
    episode.require_version(order.version)
    require_start(episode, order.verb)
    rows = rows_of(episode)
    at = recorded_at(rows, now=clock.now())
    facts = gather(episode, at=at, told=order.given)
    lead = episode.lead
    change = advance(episode, order.verb, actor=actor, at=at, facts=facts, given=order.given)
    check_told(facts, actor=actor)
    if change.cosign and not order.reason.strip():
        raise Invalid(fields={"reason": ["Who starts ahead of those who decide says why (T8)."]})
    since = _since(order, rows, at=at)
    episode.conclude(order.given, since=since)
    episode.save_changes(*Episode.moved_fields, at=at)
    move = _write_move(episode, change, order, origin=lead, since=since, actor=actor)
    set_aside(StageProposal.objects.waiting().filter(episode=episode).exclude(pk=order.proposal_id), at=at, actor=actor)
    if change.target == Stage.DECEASED:
        _note_death(episode, order, at=at, actor=actor)
    follow_move(episode, change, lead=lead, actor=actor)
    if change.cosign:
        ask_signature(episode, move, change, actor=actor)
    payload: dict[str, Scalar] = {
        "from": change.source,
        "to": change.target,
        "verb": change.verb,
        "move": move.seq,
        "lead": lead,  # what led before: of a held episode, the stage that the hold began in
    }
    if change.target == Stage.ON_HOLD:
        payload["keep_checkins"] = order.given.get("keep_checkins") is True  # T11
    emit(Event(change.topic, episode.id, episode.client_id, episode.organization_id, payload), actor=actor)
    return move


def _note_death(episode: Episode, order: MoveOrder, *, at: datetime, actor: Actor) -> None:
    """Let every room end what it does for a client who died, and tell those who cared (T17)."""
    carers = carers_of(episode)  # read before the fact that disbands them
    note_death(episode.client, died_on=as_date(order.given.get("died_on")), actor=actor)
    tell_carers(episode, carers, at=at, actor=actor)


def _since(order: MoveOrder, rows: list[Row], *, at: datetime) -> datetime:
    """Return since when the step holds; raise Invalid `effective_at_invalid`."""
    since = order.effective_at or at
    if since > at or since < places(rows)[-1].effective_at:
        sentence = "Not later than now and not before the last move."
        raise Invalid(code="effective_at_invalid", fields={"effective_at": [sentence]})
    return since


def _write_move(
    episode: Episode, change: Change, order: MoveOrder, *, origin: str, since: datetime, actor: Actor
) -> StageMove:
    return StageMove.objects.create(
        episode=episode,
        verb=change.verb,
        rule=change.rule,
        definition=definition_of(Episode),
        from_stage=change.source,
        to_stage=change.target,
        enters=change.target,
        direction=direction(origin, change.target),
        at=change.at,
        effective_at=since,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_roles=sorted(actor.roles),
        on_behalf_of=order.asked_by,
        proposal_id=order.proposal_id,
        reason=order.reason,
        given=plain(order.given),
        facts=plain(asdict(change.facts)),
        request_id=request_id.get(),
    )


def plain(value: Any) -> Any:
    """Return a value as it is stored in a JSON column: dates as ISO text, ids as text."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
