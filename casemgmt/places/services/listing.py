"""Joining a program's line, changing what is known of it, confirming, and leaving. Lock order: services/offering.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.chart.services.entries import require_living
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Refused
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.places.models import WaitlistEntry
from casemgmt.places.words import RemovalReason, WaitPriority, WithdrawReason
from casemgmt.policies.services import policy_of
from programs.models import Enrollment, Program
from programs.rules.kinds import ProgramStatus

from .asking import ask_to_confirm, stop_asking_to_confirm
from .belonging import is_welcome, require_party
from .line import KEEPER
from .offering import end_offer, pass_on
from .steps import event_of, write_row, write_step

ADDED = register_topic("waitlist.added")
CHANGED = register_topic("waitlist.changed")
CONFIRMED = register_topic("waitlist.confirmed")

EDITABLE = ("priority", "asked_for", "needs")
WAITED_FOR = (ProgramStatus.ACTIVE, ProgramStatus.TEMPORARILY_CLOSED)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is told of somebody who is to wait. `asked_for`: not before that day; None: as soon as possible."""

    episode_id: UUID
    program_id: UUID
    priority: WaitPriority = WaitPriority.ROUTINE
    asked_for: date | None = None
    needs: list[str] = field(default_factory=list)


@transaction.atomic
def add_entry(*, new: NewEntry, actor: Actor) -> WaitlistEntry:
    """Put a client into a program's line. The episode stays where it is (T2).

    For another organization's program there must be a referral that it accepted and that a consent covers: to stand in
    its line tells that somebody wants care there.

    Raises NotVisible, NotPermitted, Refused (`client_deceased`, `referral_needed`, `cool_off`), Conflict
    (`episode_ended`, `program_not_listing`, `already_enrolled`, `already_waiting`).
    """
    episode: Episode = Episode.objects.visible_to(actor).lock(new.episode_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if not episode.is_open:
        raise Conflict("The episode has ended.", code="episode_ended")
    require_living(episode)
    program = Program.objects.visible_to(actor).select_related("organization").fetch(new.program_id)
    require_party(episode, program, actor=actor)
    if program.status not in WAITED_FOR or not program.organization.joined:
        raise Conflict("Nobody can wait for this program.", code="program_not_listing")
    _require_referred(episode, program)
    _require_free(episode, program)
    entry = _write_entry(new, episode, program, actor=actor)
    ask_to_confirm(entry, since=entry.confirmed_at, actor=actor)
    given = {"priority": entry.priority, "needs": entry.needs}
    write_row(entry, "add", rule="F5", source="", given=given, actor=actor)
    emit(event_of(ADDED, entry), actor=actor)
    return entry


def _write_entry(new: NewEntry, episode: Episode, program: Program, *, actor: Actor) -> WaitlistEntry:
    at = clock.now()
    try:
        with transaction.atomic():
            return WaitlistEntry.objects.create(
                client_id=episode.client_id,
                episode=episode,
                program=program,
                priority=new.priority,
                priority_by_id=actor.id,
                asked_for=new.asked_for,
                needs=sorted(set(new.needs)),
                added_at=at,
                in_line_since=at,
                confirmed_at=at,
            )
    except IntegrityError as error:
        raise Conflict("The client waits for this program already.", code="already_waiting") from error


def _require_referred(episode: Episode, program: Program) -> None:
    if not is_welcome(episode, program):
        sentence = "Another organization's program: send a referral, and list the client once it is taken (G6)."
        raise Refused(sentence, code="referral_needed")


def _require_free(episode: Episode, program: Program) -> None:
    """Raise while the client takes part there, or an organization's cool-off lasts (zero days unless it says so)."""
    with acting_as(KEEPER):
        if Enrollment.objects.open().filter(client_id=episode.client_id, program=program).exists():
            raise Conflict("The client has an open enrollment there.", code="already_enrolled")
        days = policy_of(program.organization_id).waitlist_cool_off_days
        since = clock.now() - timedelta(days=days)
        left = WaitlistEntry.objects.filter(client_id=episode.client_id, program=program, closed_at__gt=since)
        if days and left.exclude(removal_reason=RemovalReason.LISTED_IN_ERROR).exists():
            sentence = "The program's organization lets some days pass between leaving its line and joining it again."
            raise Refused(sentence, code="cool_off", days=days)


@transaction.atomic
def change_entry(*, entry_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> WaitlistEntry:
    """Change how urgent it is, from when, or what is needed (fields of EDITABLE); the ledger tells before and after.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `not_waiting`.
    """
    entry = _lock_open(entry_id, version=version, actor=actor)
    told = {name: changes[name] for name in EDITABLE if name in changes}
    if "needs" in told:
        told["needs"] = sorted(set(told["needs"]))
    told = {name: value for name, value in told.items() if getattr(entry, name) != value}
    if not told:
        return entry
    before = {name: _plain(getattr(entry, name)) for name in told}
    for name, value in told.items():
        setattr(entry, name, value)
    names = [*told]
    if "priority" in told:
        entry.priority_by_id = actor.id
        names.append("priority_by")
    entry.save_changes(*names, at=clock.now())
    verb = "rerank" if "priority" in told else "change"
    given = {"before": before, "after": {name: _plain(value) for name, value in told.items()}}
    write_row(entry, verb, rule="F5", source=str(entry.stage), given=given, actor=actor)
    emit(event_of(CHANGED, entry), actor=actor)
    return entry


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def confirm_entry(*, entry_id: UUID, version: int | None, actor: Actor) -> WaitlistEntry:
    """Note that the client still waits, and ask again after the organization's days (§9).

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `not_waiting`.
    """
    entry = _lock_open(entry_id, version=version, actor=actor)
    at = clock.now()
    entry.confirmed_at = at
    entry.save_changes("confirmed_at", at=at)
    stop_asking_to_confirm(entry, outcome="confirmed", at=at, actor=actor)
    ask_to_confirm(entry, since=at, actor=actor)
    write_row(entry, "confirm", rule="F5", source=str(entry.stage), given={}, actor=actor)
    emit(event_of(CONFIRMED, entry), actor=actor)
    return entry


@transaction.atomic
def remove_entry(*, entry_id: UUID, reason: RemovalReason, version: int | None, actor: Actor) -> WaitlistEntry:
    """Take a client off a line, for a coded reason; a place that was held for them goes to the next.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `not_waiting`.
    """
    seen = WaitlistEntry.objects.visible_to(actor).fetch(entry_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    Program.objects.lock(seen.program_id)
    entry = _lock_open(entry_id, version=version, actor=actor)
    at = clock.now()
    offer = entry.offers.open().select_related("entry__episode", "program", "bed").first()
    if offer is not None:
        end_offer(offer, "withdrawn", reason=WithdrawReason.REMOVED.value, passes_on=True, at=at, actor=actor)
    leave(entry, reason, at=at, actor=actor)
    if offer is not None:
        pass_on(offer, at=at, actor=KEEPER)
    return entry


def leave(entry: WaitlistEntry, reason: RemovalReason, *, at: Any, actor: Actor) -> None:
    """Close a locked entry without a place, and what is asked about it. Inner; its offer was ended before."""
    entry.removal_reason = reason.value
    given = {"removal_reason": reason.value}
    write_step(entry, "remove", given=given, at=at, actor=actor, saved=("removal_reason",))
    stop_asking_to_confirm(entry, outcome="removed", at=at, actor=actor)


def _lock_open(entry_id: UUID, *, version: int | None, actor: Actor) -> WaitlistEntry:
    """Return an open entry locked, with its program and episode, for case managers and up of either organization."""
    visible = WaitlistEntry.objects.visible_to(actor).select_related("program", "episode")
    entry: WaitlistEntry = visible.lock(entry_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    require_party(entry.episode, entry.program, actor=actor)
    entry.require_version(version)
    if not entry.is_open:
        raise Conflict("The client waits for this program no longer.", code="not_waiting")
    return entry
