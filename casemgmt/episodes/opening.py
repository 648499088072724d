"""Opening an episode for somebody who comes (T1) or comes back (T18, CLN-31)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.definition import definition_of
from casemgmt.kernel.errors import Conflict, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .follow_ups import follow_opening
from .models import AskedBy, Episode, StageMove
from .reentry import follow_reentry, last_ended, require_way_back
from .stages import Stage

OPENED = register_topic("episode.opened")


@transaction.atomic
def open_episode(
    *,
    client_id: UUID,
    source: str,
    reason: str,
    actor: Actor,
    previous_id: UUID | None = None,
    asked_by: str = "",
) -> Episode:
    """Open an episode at INTAKE for the actor's organization (T1), or again after an ended one (T18, CLN-31).

    Who was here before comes back to the last episode that ended here: `previous_id` names it. There is no cool-down.
    `asked_by` is `client` where staff record the client's wish.
    Raises NotVisible, NotPermitted, Refused `client_deceased`, Conflict `episode_already_open`, Invalid (`fields`,
    `previous_missing` with the episode to name).
    """
    client = Client.objects.visible_to(actor).lock(client_id)
    organization = _require_place(client, actor)
    previous = require_way_back(last_ended(client, organization), previous_id=previous_id)
    at = clock.now()
    episode: Episode = Episode.objects.create(
        client=client, organization=organization, opened_at=at, source=source, previous=previous
    )
    _write_beginning(episode, reason=reason, asked_by=asked_by, at=at, actor=actor)
    follow_opening(episode, at=at, actor=actor)
    if previous is not None:
        follow_reentry(episode, at=at, actor=actor)
    emit(Event(OPENED, episode.id, client.id, organization.id, {"to": Stage.INTAKE.value}), actor=actor)
    return episode


def _require_place(client: Client, actor: Actor) -> Organization:
    """Return the actor's organization, where the client, alive, has no open episode."""
    require_role(actor, CASE_MANAGER_AND_UP)
    if actor.organization_id is None:
        raise NotPermitted()
    if client.deceased:
        raise Refused("The client has died. No episode can be opened.", code="client_deceased")
    organization = Organization.objects.get(pk=actor.organization_id)
    if Episode.objects.open().filter(client=client, organization=organization).exists():
        raise Conflict("The client already has an open episode here.", code="episode_already_open")
    return organization


def _write_beginning(episode: Episode, *, reason: str, asked_by: str, at: datetime, actor: Actor) -> None:
    """Write the first row of an episode's ledger."""
    StageMove.objects.create(
        episode=episode,
        verb="reopen" if episode.previous_id else "open",
        rule="T18" if episode.previous_id else "T1",
        definition=definition_of(Episode),
        to_stage=Stage.INTAKE,
        enters=Stage.INTAKE,
        at=at,
        effective_at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_roles=sorted(actor.roles),
        on_behalf_of=AskedBy.CLIENT if asked_by == AskedBy.CLIENT else "",
        reason=reason,
        request_id=request_id.get(),
    )
