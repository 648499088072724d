"""How any entry of the chart is begun, amended and withdrawn. Inner; the doors are in the modules by noun."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import UniqueViolation

from casemgmt.accounts.roles import Role
from casemgmt.chart.models import ChartEntry
from casemgmt.chart.words import OUTSIDE_PEER_SCOPE, READS_CHART
from casemgmt.clients.services import require_own
from casemgmt.episodes.models import Episode
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit

Entry = TypeVar("Entry", bound=ChartEntry)

REPEATED = ("line_id", "client_id", "episode_id", "organization_id")  # along a line


def require_writer(actor: Actor, roles: frozenset[str]) -> UUID:
    """Return who writes; raise NotPermitted for other roles and for machines, `outside_peer_scope` for a peer.

    The chart is written by people only: each entry is signed by somebody (PEER-02, table 1.9).
    """
    if actor.id is not None and actor.has_role(*roles):
        return actor.id
    if actor.has_role(Role.PEER_SPECIALIST):
        sentence = "This is outside what a peer specialist does. Tell a clinician what you saw."
        raise NotPermitted(sentence, code=OUTSIDE_PEER_SCOPE, who=sorted(roles))
    raise NotPermitted(who=sorted(roles))


def lock_own_episode(episode_id: UUID, *, actor: Actor) -> Episode:
    """Return an episode of the actor's organization, locked. Raises NotVisible, NotPermitted."""
    episode: Episode = Episode.objects.visible_to(actor).lock(episode_id)
    require_own(actor, episode.organization_id)
    return episode


def require_open(episode: Episode) -> None:
    """Raise Refused `episode_ended`: whoever comes back begins a new one (CLN-31); `client_deceased`, see below."""
    if not episode.is_open:
        sentence = "This episode has ended. Whoever comes back begins a new one, at any time (CLN-31)."
        raise Refused(sentence, code="episode_ended")
    require_living(episode)


def require_living(episode: Episode) -> None:
    """Raise Refused `client_deceased`: a death told elsewhere leaves this episode open until it is recorded here."""
    if episode.client.deceased:
        raise Refused("The client has died. Record the death; it ends the episode.", code="client_deceased")


def require_past(moment: datetime | None, *, at: datetime, field: str) -> None:
    """Raise Invalid when a moment (aware UTC) lies after `at`; None passes."""
    if moment is not None and moment > at:
        raise Invalid(fields={field: ["Not in the future."]})


def begin(row: Entry, *, episode: Episode, at: datetime, actor: Actor) -> Entry:
    """Write the first row of a line. `at` is aware UTC."""
    require_atomic()
    row.line_id, row.client_id, row.episode_id = row.pk, episode.client_id, episode.pk
    row.organization_id, row.recorded_by_id, row.recorded_at = episode.organization_id, signer(actor), at
    row.save(force_insert=True)
    return row


def signer(actor: Actor) -> UUID:
    """Return who signs an entry; raise NotPermitted for machines."""
    if actor.id is None:
        raise NotPermitted()
    return actor.id


def require_author(entry: ChartEntry, *, actor: Actor) -> None:
    """Raise NotPermitted unless the actor reads the chart by role or recorded the entry."""
    if entry.recorded_by_id != actor.id and not actor.has_role(*READS_CHART):
        raise NotPermitted("You amend only what you recorded yourself.")


def amend(old: Entry, row: Entry, *, reason: str, at: datetime, actor: Actor) -> Entry:
    """Write a row in the place of another of its line, which stays. `at` is aware UTC.

    Raises Invalid without a reason, Conflict `already_amended` when `old` is not the last of its line.
    """
    require_atomic()
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why it is amended."]})
    for name in REPEATED:
        setattr(row, name, getattr(old, name))
    row.recorded_by_id, row.recorded_at = signer(actor), at
    row.supersedes, row.reason = old, reason.strip()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            sentence = "This was amended before. Load the latest and amend that."
            raise Conflict(sentence, code="already_amended") from error
        raise
    return row


def copy_of(old: Entry, **changes: Any) -> Entry:
    """Return an unsaved row that says what `old` says, but for `changes`."""
    content = {name: getattr(old, name) for name in type(old).content}
    return type(old)(**{**content, **changes})


def withdraw(old: Entry, *, reason: str, at: datetime, actor: Actor) -> Entry:
    """Take a line out of force: it was entered in error. What it said stays readable.

    Raises as `amend` does, and Conflict `already_withdrawn`.
    """
    if old.withdrawn:
        raise Conflict("This is withdrawn already.", code="already_withdrawn")
    return amend(old, copy_of(old, withdrawn=True), reason=reason, at=at, actor=actor)


def tell(topic: str, row: ChartEntry, *, actor: Actor, **more: Scalar) -> None:
    """Tell that an entry was written: ids and codes, never what it says."""
    payload: dict[str, Scalar] = {"episode_id": str(row.episode_id), "line": str(row.line_id), **more}
    if row.supersedes is not None:
        payload |= {"supersedes": str(row.supersedes.pk), "withdrawn": row.withdrawn}
    emit(Event(topic, row.pk, row.client_id, row.organization_id, payload), actor=actor)
