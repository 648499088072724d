"""Steps that began ahead of those who decide them, and the signature that follows within a day (T8, T15).

The stage has moved when the signature is asked for. Refused or too late, it stays where it is, and people get the
work of deciding how the client goes on: nothing here ever moves anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.clients.services import require_own
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.worklist.models import ItemKind, Priority
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import CoSignature, CoSignStatus, Episode, StageMove

ASKED = register_topic("episode.cosign_asked")
SIGNED = register_topic("episode.cosigned")
REFUSED = register_topic("episode.cosign_refused")
LAPSED = register_topic("episode.cosign_lapsed")
CLOCK = Actor.system("cosign-clock")
BATCH = 500


def ask_signature(episode: Episode, move: StageMove, change: Change, *, actor: Actor) -> CoSignature:
    """Ask for the signature of a move that began ahead. Inner: in the transaction of the move."""
    require_atomic()
    assert actor.id is not None, "machines start nothing ahead (STG-11)"
    asked = CoSignature.objects.create(
        episode=episode,
        move=move,
        roles=sorted(change.cosign),
        started_by=actor.id,
        asked_at=change.at,
        due_at=change.at + timedelta(hours=change.facts.policy.cosign_hours),
    )
    emit(_event(ASKED, asked), actor=actor)
    _open(asked, ItemKind.COSIGN_NEEDED, due_at=asked.due_at, actor=actor)
    return asked


@transaction.atomic
def sign_move(*, signature_id: UUID, version: int | None, actor: Actor) -> CoSignature:
    """Sign what somebody started. Raises NotVisible, NotPermitted, StaleVersion, Conflict `already_decided`."""
    asked = _to_decide(signature_id, version=version, actor=actor)
    at = clock.now()
    _decide(asked, CoSignStatus.SIGNED, at=at, actor=actor)
    emit(_event(SIGNED, asked), actor=actor)
    return asked


@transaction.atomic
def refuse_move(*, signature_id: UUID, reason: str, version: int | None, actor: Actor) -> CoSignature:
    """Refuse to sign, with a reason. The stage stays; deciding how the client goes on becomes work for people.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `already_decided`.
    """
    asked = _to_decide(signature_id, version=version, actor=actor)
    at = clock.now()
    asked.reason = reason
    _decide(asked, CoSignStatus.REFUSED, at=at, actor=actor)
    emit(_event(REFUSED, asked), actor=actor)
    _hand_back(asked, at=at, actor=actor)
    return asked


def withdraw_signature(moves: Collection[int], *, reason: str, at: datetime, actor: Actor) -> None:
    """Close the signature that waits for one of these ledger rows: what it was asked for was entered in error (T20).

    Whoever corrects refuses it; their own step they can only let lapse. Inner: in the transaction of the correction.
    """
    require_atomic()
    waiting = CoSignature.objects.filter(move_id__in=moves, status=CoSignStatus.WAITING)
    for signature_id in list(waiting.values_list("id", flat=True)):
        asked: CoSignature = CoSignature.objects.lock(signature_id)
        if asked.status != CoSignStatus.WAITING:  # decided while we waited
            continue
        asked.reason = reason[:500]
        if actor.id == asked.started_by:
            _decide(asked, CoSignStatus.LAPSED, at=at, actor=CLOCK)
            emit(_event(LAPSED, asked), actor=CLOCK)
        else:
            _decide(asked, CoSignStatus.REFUSED, at=at, actor=actor)
            emit(_event(REFUSED, asked), actor=actor)


def lapse_signatures(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Close what nobody signed in its time; return how many. Safe in any number of copies."""
    count = 0
    for signature_id in _overdue():
        if not keep_on():
            break
        count += _lapse(signature_id)
    return count


@acting_as(CLOCK)
def _overdue() -> list[UUID]:
    return list(CoSignature.objects.overdue().values_list("id", flat=True)[:BATCH])


@acting_as(CLOCK)
def _lapse(signature_id: UUID) -> int:
    asked: CoSignature | None = CoSignature.objects.overdue().filter(pk=signature_id).lock_free().first()
    if asked is None:  # decided meanwhile, or being decided now
        return 0
    at = clock.now()
    _decide(asked, CoSignStatus.LAPSED, at=at, actor=CLOCK)
    emit(_event(LAPSED, asked), actor=CLOCK)
    _hand_back(asked, at=at, actor=CLOCK)
    return 1


def _to_decide(signature_id: UUID, *, version: int | None, actor: Actor) -> CoSignature:
    asked: CoSignature = CoSignature.objects.visible_to(actor).lock(signature_id)
    require_own(actor, asked.episode.organization_id)
    if not actor.has_role(*asked.roles):
        raise NotPermitted(who=list(asked.roles))
    if actor.id == asked.started_by:
        raise NotPermitted("Somebody else signs what you started.", who=list(asked.roles))
    asked.require_version(version)
    if asked.status != CoSignStatus.WAITING:
        raise Conflict("This was decided already.", code="already_decided", cosign_status=str(asked.status))
    return asked


def _decide(asked: CoSignature, status: CoSignStatus, *, at: datetime, actor: Actor) -> None:
    asked.status, asked.decided_by, asked.decided_at = status, actor.id, at
    asked.save_changes("status", "decided_by", "decided_at", "reason", at=at)
    kinds = (ItemKind.COSIGN_NEEDED,)
    close_items(source_id=asked.id, kinds=kinds, outcome=status.value, at=at, actor=actor)


def _event(topic: str, asked: CoSignature) -> Event:
    payload: dict[str, Scalar] = {"signature_id": str(asked.id), "move": asked.move_id}
    episode = asked.episode
    return Event(topic, episode.id, episode.client_id, episode.organization_id, payload)


def _hand_back(asked: CoSignature, *, at: datetime, actor: Actor) -> None:
    """Let people decide how the client goes on, unless the client has died meanwhile, here or elsewhere (T17)."""
    if not asked.episode.client.deceased:
        _open(asked, ItemKind.COSIGN_LAPSED, due_at=at, actor=actor)


def _open(asked: CoSignature, kind: ItemKind, *, due_at: datetime, actor: Actor) -> None:
    signer = Role.THERAPIST if Role.THERAPIST in asked.roles else Role.SUPERVISOR
    new = NewItem(
        organization_id=asked.episode.organization_id,
        client_id=asked.episode.client_id,
        kind=kind,
        due_at=due_at,
        source_type="co_signature",
        source_id=asked.id,
        priority=Priority.TODAY,
        role=signer,
    )
    open_item(new, actor=actor)
