"""Opening episodes and moving them. Each door: lock, judge, move, save, write the ledger, tell."""

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

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.models import Client
from casemgmt.clients.services import note_death, require_own, require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.definition import definition_of
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change, Option, advance, options, require_start
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of

from .cosigning import ask_signature
from .facts import Facts
from .follow_ups import carers_of, follow_move, follow_opening, tell_carers
from .models import Episode, StageMove, StageProposal
from .setting_aside import set_aside
from .stages import Stage, direction
from .telling import as_date, check_told

OPENED = register_topic("episode.opened")


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
    found: dict[str, Any] = {
        "organization_id": str(episode.organization_id),
        "at": at,
        "policy": policy_of(episode.organization_id),
        "told": told or {},
    }
    for name in import_string(settings.FACT_SOURCES):
        found.update(import_string(name)(episode, at=at))
    return Facts(**found)


def look_ahead(*, episode_id: UUID, actor: Actor) -> tuple[Episode, list[Option]]:
    """Return an episode and what each verb that starts at its stage means for this actor now. Raises NotVisible."""
    episode: Episode = Episode.objects.visible_to(actor).fetch(episode_id)
    facts = gather(episode, at=clock.now())
    return episode, options(episode, actor=actor, facts=facts)


@transaction.atomic
def open_episode(
    *, client_id: UUID, source: str, reason: str, actor: Actor, previous_id: UUID | None = None
) -> Episode:
    """Open an episode at INTAKE for the actor's organization (T1), or again after an ended one (T18, CLN-31).

    Raises NotVisible, NotPermitted, Refused `client_deceased`, Conflict `episode_already_open`, Invalid.
    """
    client = Client.objects.visible_to(actor).lock(client_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if actor.organization_id is None:
        raise NotPermitted()
    if client.deceased:
        raise Refused("The client has died. No episode can be opened.", code="client_deceased")
    organization = Organization.objects.get(pk=actor.organization_id)
    if Episode.objects.open().filter(client=client, organization=organization).exists():
        raise Conflict("The client already has an open episode here.", code="episode_already_open")
    previous = _previous(client, previous_id) if previous_id else None
    at = clock.now()
    episode: Episode = Episode.objects.create(
        client=client, organization=organization, opened_at=at, source=source, previous=previous
    )
    StageMove.objects.create(
        episode=episode,
        verb="reopen" if previous else "open",
        rule="T18" if previous else "T1",
        definition=definition_of(Episode),
        to_stage=Stage.INTAKE,
        enters=Stage.INTAKE,
        at=at,
        effective_at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_roles=sorted(actor.roles),
        reason=reason,
        request_id=request_id.get(),
    )
    follow_opening(episode, at=at, actor=actor)
    emit(Event(OPENED, episode.id, client.id, organization.id, {"to": Stage.INTAKE.value}), actor=actor)
    return episode


def _previous(client: Client, previous_id: UUID) -> Episode:
    previous: Episode | None = Episode.objects.filter(client=client, pk=previous_id).first()
    if previous is None or previous.is_open:
        raise Invalid(fields={"previous": ["Name an ended episode of this client."]})
    return previous


def lock_episode(episode_id: UUID, *, verb: str, actor: Actor) -> Episode:
    """Return an episode locked for a verb, in the written order: a death writes the client, who comes first.

    Raises NotVisible, NotPermitted (another organization's episode).
    """
    visible = Episode.objects.visible_to(actor)
    if verb == "record_death":
        Client.objects.lock(visible.fetch(episode_id).client_id)
    episode: Episode = visible.lock(episode_id)
    require_own(actor, episode.organization_id)
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
    at = clock.now()
    facts = gather(episode, at=at, told=order.given)
    lead = episode.lead
    change = advance(episode, order.verb, actor=actor, at=at, facts=facts, given=order.given)
    check_told(facts, actor=actor)
    if change.cosign and not order.reason.strip():
        raise Invalid(fields={"reason": ["Who starts ahead of those who decide says why (T8)."]})
    episode.conclude(order.given, since=order.effective_at or at)
    episode.save_changes(*Episode.moved_fields, at=at)
    move = _write_move(episode, change, order, origin=lead, actor=actor)
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


def _write_move(episode: Episode, change: Change, order: MoveOrder, *, origin: str, actor: Actor) -> StageMove:
    effective_at = order.effective_at or change.at
    last = episode.moves.order_by("-seq").values_list("effective_at", flat=True).first()
    if effective_at > change.at or (last is not None and effective_at < last):
        sentence = "Not later than now and not before the last move."
        raise Invalid(code="effective_at_invalid", fields={"effective_at": [sentence]})
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
        effective_at=effective_at,
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
