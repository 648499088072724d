"""Doors to levels of care: signing one, correcting one (CLN-04, G5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.chart.models import LevelOfCareAssessment
from casemgmt.chart.words import SIGNS
from casemgmt.episodes.levels import is_level
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.events import topic as register_topic

from . import entries

SIGNED = register_topic("level_of_care.signed")
AMENDED = register_topic("level_of_care.amended")


@dataclass(frozen=True, slots=True)
class NewLevel:
    """What a clinician found: edition and code (rules.md 3.1), why, and when (aware UTC; None: now)."""

    edition: int
    code: str
    rationale: str
    assessed_at: datetime | None = None


@transaction.atomic
def sign_level(*, episode_id: UUID, new: NewLevel, actor: Actor) -> LevelOfCareAssessment:
    """Sign a level of care for an open episode of the actor's organization; clinicians only (CLN-04).

    Raises NotVisible, NotPermitted (also `outside_peer_scope`), Refused (`episode_ended`, `client_deceased`), Invalid
    (`level_unknown`, fields).
    """
    episode = entries.lock_own_episode(episode_id, actor=actor)
    entries.require_writer(actor, SIGNS)
    entries.require_open(episode)
    at = clock.now()
    row = entries.begin(_row(new, assessed_at=new.assessed_at or at, at=at), episode=episode, at=at, actor=actor)
    entries.tell(SIGNED, row, actor=actor)
    return row


@transaction.atomic
def amend_level(*, level_id: UUID, new: NewLevel, reason: str, actor: Actor) -> LevelOfCareAssessment:
    """Correct a level of care by a new row; without a new moment it stays as old as it was.

    Raises NotVisible, NotPermitted, Invalid, Conflict `already_amended`.
    """
    old = _own(level_id, actor=actor)
    at = clock.now()
    row = _row(new, assessed_at=new.assessed_at or old.assessed_at, at=at)
    entries.amend(old, row, reason=reason, at=at, actor=actor)
    entries.tell(AMENDED, row, actor=actor)
    return row


@transaction.atomic
def withdraw_level(*, level_id: UUID, reason: str, actor: Actor) -> LevelOfCareAssessment:
    """Take out of force a level of care that was entered in error.

    Raises NotVisible, NotPermitted, Invalid, Conflict (`already_amended`, `already_withdrawn`).
    """
    old = _own(level_id, actor=actor)
    row = entries.withdraw(old, reason=reason, at=clock.now(), actor=actor)
    entries.tell(AMENDED, row, actor=actor)
    return row


def _own(level_id: UUID, *, actor: Actor) -> LevelOfCareAssessment:
    found: LevelOfCareAssessment = LevelOfCareAssessment.objects.visible_to(actor).fetch(level_id)
    entries.require_writer(actor, SIGNS)
    return found


def _row(new: NewLevel, *, assessed_at: datetime, at: datetime) -> LevelOfCareAssessment:
    if not is_level(edition=new.edition, code=new.code):
        raise Invalid(code="level_unknown", fields={"code": ["This edition has no such level."]})
    if not new.rationale.strip():
        raise Invalid(fields={"rationale": ["Say why this level fits."]})
    entries.require_past(assessed_at, at=at, field="assessed_at")
    return LevelOfCareAssessment(
        edition=new.edition, code=new.code, rationale=new.rationale.strip(), assessed_at=assessed_at
    )
