"""Correcting the ledger (T20): a new row that supersedes a wrong one, and what follows from it. Nothing is deleted.

The rooms hear a correction that moves the episode as they hear any move. What had stopped starts again only by people:
the work item says that there was a correction.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.clients.services import correct_day_of_death, note_death, require_own, take_back_death
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.definition import definition_of
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import pairs
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .amending import Amended, Bounds, Correction, amend
from .correction_work import follow_correction, forget_death
from .cosigning import withdraw_signature
from .facts import Facts
from .follow_ups import carers_of, tell_carers
from .ledger import recorded_at, rows_of
from .models import Episode, StageMove, StageProposal
from .services import gather, plain
from .setting_aside import set_aside
from .stages import TERMINAL, Stage
from .telling import as_date, check_told, require_justified

CORRECTED = register_topic("episode.corrected")


@transaction.atomic
def correct_move(*, episode_id: UUID, correction: Correction, actor: Actor) -> StageMove:
    """Correct one row of an episode's ledger and return the row that supersedes it (T20).

    Raises NotVisible, NotPermitted (supervisors of the organization), StaleVersion, Conflict (`already_corrected`,
    `episode_already_open`), Refused (`opening_stays`, `correction_not_possible`, `episode_followed`,
    `client_deceased`, `rtu_discharge_needs_supervisor`), Invalid (`nothing_to_correct`, `effective_at_invalid`,
    `data_missing`, `fields`).
    """
    client, episode = _lock(episode_id, actor=actor)
    episode.require_version(correction.version)
    if not correction.reason.strip():
        raise Invalid(fields={"reason": ["Whoever corrects says why (T20)."]})
    rows = rows_of(episode)
    at = recorded_at(rows, now=clock.now())
    wanted = replace(correction, given=plain(correction.given))
    amended = amend(rows, wanted, at=at, bounds=_bounds(episode, at), legal=set(pairs(Episode)))
    facts = gather(episode, at=at, told=amended.row.told)
    check_told(replace(facts, told=wanted.given), actor=actor)
    require_justified(facts)
    _require_possible(client, episode, amended, wanted)
    episode.set_right(amended.after, opened_at=amended.opened_at)
    episode.save_changes(*Episode.moved_fields, "opened_at", at=at)
    move = _write(episode, amended, wanted, facts=facts, actor=actor)
    _follow(client, episode, amended, wanted, actor=actor)
    payload: dict[str, Scalar] = {"verb": move.verb, "move": move.seq, "supersedes": wanted.move}
    if amended.moves:  # a fact without stages moved nothing
        payload |= {"from": amended.before.stage, "to": amended.after.stage, "lead": _lead(amended)}
    emit(Event(CORRECTED, episode.id, episode.client_id, episode.organization_id, payload), actor=actor)
    return move


def _lock(episode_id: UUID, *, actor: Actor) -> tuple[Client, Episode]:
    """Return the client and the episode locked in the written order: a correction may write either."""
    visible = Episode.objects.visible_to(actor)
    client: Client = Client.objects.lock(visible.fetch(episode_id).client_id)
    episode: Episode = visible.lock(episode_id)
    require_own(actor, episode.organization_id)
    if not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])
    return client, episode


def _others(episode: Episode) -> Any:
    """Return the client's other episodes at the organization."""
    here = Episode.objects.filter(client_id=episode.client_id, organization_id=episode.organization_id)
    return here.exclude(pk=episode.pk)


def _bounds(episode: Episode, at: datetime) -> Bounds:
    before = _others(episode).filter(opened_at__lte=episode.opened_at).order_by("-ended_at").first()
    after = _others(episode).filter(opened_at__gt=episode.opened_at).order_by("opened_at").first()
    return Bounds(latest=after.opened_at if after else at, earliest=before.ended_at if before else None)


def _require_possible(client: Client, episode: Episode, amended: Amended, wanted: Correction) -> None:
    """An episode that was ended opens again only for a living client, as the only one, with none after it (CLN-50)."""
    lives = amended.before.stage == Stage.DECEASED and not wanted.still_deceased
    if amended.after.stage in TERMINAL or not amended.moves:
        return
    if client.deceased and not lives:
        raise Refused("The client has died. No episode can be open.", code="client_deceased")
    if _others(episode).open().exists():
        raise Conflict("The client already has an open episode here.", code="episode_already_open")
    if _others(episode).filter(opened_at__gt=episode.opened_at).exists():
        sentence = "A later episode followed this one. Open a new one if the client comes back."
        raise Refused(sentence, code="episode_followed")


def _write(episode: Episode, amended: Amended, wanted: Correction, *, facts: Facts, actor: Actor) -> StageMove:
    row = amended.row
    return StageMove.objects.create(
        episode=episode,
        verb="correct",
        rule="T20",
        definition=definition_of(Episode),
        from_stage=str(amended.before.stage),
        to_stage=str(amended.after.stage),
        enters=row.enters,
        supersedes_id=row.supersedes,
        at=row.at,
        effective_at=row.effective_at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_roles=sorted(actor.roles),
        reason=wanted.reason,
        given=plain(row.told),
        facts=plain(asdict(facts)),
        request_id=request_id.get(),
    )


def _follow(client: Client, episode: Episode, amended: Amended, wanted: Correction, *, actor: Actor) -> None:
    """Do what follows beside the fact: signatures, proposals, the client's death, work for people."""
    at = amended.row.at
    if amended.was_no_such_step:
        withdraw_signature(amended.place, reason=wanted.reason, at=at, actor=actor)
    if amended.moves:
        set_aside(StageProposal.objects.waiting().filter(episode=episode), at=at, actor=actor)
        if Stage.DECEASED in (amended.before.stage, amended.after.stage):
            _follow_death(client, episode, amended, wanted, actor=actor)
    elif amended.after.stage == amended.row.enters == Stage.DECEASED and "died_on" in wanted.given:
        correct_day_of_death(client, died_on=as_date(wanted.given["died_on"]), actor=actor)
    follow_correction(episode, amended, at=at, actor=actor)


def _follow_death(client: Client, episode: Episode, amended: Amended, wanted: Correction, *, actor: Actor) -> None:
    """Note a death that a correction tells; take back one that was entered in error, unless it stands elsewhere too."""
    if amended.after.stage == Stage.DECEASED:
        carers = carers_of(episode)  # read before the fact that disbands them
        note_death(client, died_on=as_date(amended.row.told.get("died_on")), actor=actor)
        tell_carers(episode, carers, at=amended.row.at, actor=actor)
        return
    elsewhere = Episode.objects.filter(client=client, stage=Stage.DECEASED).exclude(pk=episode.pk)
    if not wanted.still_deceased and not elsewhere.exists():
        take_back_death(client, actor=actor)
        forget_death(episode, at=amended.row.at, actor=actor)


def _lead(amended: Amended) -> str:
    return amended.before.held_stage or str(amended.before.stage)
