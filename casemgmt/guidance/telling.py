"""Doors to what people tell of a client: the facts form (T1), corrections, withdrawals. Nothing is ever edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import UniqueViolation

from casemgmt.accounts.roles import CLINICIANS
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from casemgmt.safety.services.raising import NewAlert, raise_alert
from casemgmt.safety.words import Severity, Source, What

from .admission import lock_open_episode, require_clinician
from .known import Value
from .models import Statement
from .reading import charted_readings, told_readings
from .words import CLINICAL, RAISED_BY_ALL, TELLS, FactName, FactSource

FACTS_TOLD = register_topic("guidance.facts_told")
FACT_CORRECTED = register_topic("guidance.fact_corrected")

# What safety is told: a crisis needs somebody now (DG-00), an overdose a clinician the same day (DG-01).
ALARMS = {
    FactName.CRISIS_NOW: (What.CONCERN, Severity.CRITICAL),
    FactName.OVERDOSE: (What.OVERDOSE, Severity.HIGH),
}

JUDGED = "A clinician judges this. Tell one what you saw."
LOWERED = "To take back a danger is to lower a risk; a clinician does that."


@dataclass(frozen=True, slots=True)
class NewStatement:
    """One line of the form: yes, no, or the services a client wishes for (`client_preference`).

    `observed_at`: when it was said or seen, aware UTC; None is now.
    """

    name: FactName
    value: Value | None  # None says nothing, which only a withdrawal does
    source: FactSource
    observed_at: datetime | None = None


@transaction.atomic
def tell_facts(*, episode_id: UUID, told: Sequence[NewStatement], actor: Actor) -> list[Statement]:
    """Keep what was told of an episode's client, all of it or nothing.

    Raises NotVisible, NotPermitted (`outside_peer_scope`), Invalid, Refused `episode_ended`, `observed_in_future`.
    """
    episode = lock_open_episode(episode_id, actor=actor)
    names = [each.name for each in told]
    if len(set(names)) != len(names):
        raise Invalid(fields={"facts": ["Tell each fact once."]})
    at = clock.now()
    for each in told:
        _require_may_tell(actor, each.name)
        _require_past(each.observed_at, at=at)
        if each.value is None:
            raise Invalid(fields={each.name.value: ["Say yes or no."]})
    _require_not_lowering(episode, told, at=at, actor=actor)
    rows = [_row(episode, each, at=at, actor=actor) for each in told]
    for row in rows:
        row.save(force_insert=True)
    payload: dict[str, Scalar] = {"count": len(rows)}
    emit(Event(FACTS_TOLD, episode.id, episode.client_id, episode.organization_id, payload), actor=actor)
    for row in rows:
        _raise_alarm(row, at=at, actor=actor)
    return rows


@dataclass(frozen=True, slots=True)
class Correction:
    """What a statement should have said, and why it did not. `value` None: it should not have been made at all."""

    reason: str
    value: Value | None = None
    observed_at: datetime | None = None  # None: as it was


@transaction.atomic
def correct_statement(*, statement_id: UUID, correction: Correction, actor: Actor) -> Statement:
    """Put another row in the place of a statement, or withdraw it.

    Raises NotVisible, NotPermitted (`outside_peer_scope`), Invalid, Refused, Conflict `already_corrected`.
    """
    old: Statement = Statement.objects.visible_to(actor).fetch(statement_id)
    episode = lock_open_episode(old.episode_id, actor=actor)
    name, at = FactName(old.name), clock.now()
    _require_may_tell(actor, name)
    _require_past(correction.observed_at, at=at)
    if not correction.reason.strip():
        raise Invalid(fields={"reason": ["Say why it is corrected."]})
    if old.withdrawn:
        raise Conflict("This only withdraws another statement. Tell it anew.", code="already_corrected")
    if name in RAISED_BY_ALL and old.yes:
        require_clinician(actor, LOWERED)
    moment = correction.observed_at or old.observed_at
    new = NewStatement(name, correction.value, FactSource(old.source), moment)
    row = _row(episode, new, at=at, actor=actor)
    row.supersedes, row.reason, row.withdrawn = old, correction.reason.strip(), correction.value is None
    _put_in_place(row)
    payload: dict[str, Scalar] = {"statement": str(row.id), "withdrawn": row.withdrawn}
    emit(Event(FACT_CORRECTED, episode.id, episode.client_id, episode.organization_id, payload), actor=actor)
    _raise_alarm(row, at=at, actor=actor)
    return row


def _who(actor: Actor) -> UUID:
    """Return the person who tells; raise for roles that do not, and for machines."""
    if actor.id is None or not actor.has_role(*TELLS):
        raise NotPermitted("Your role does not record facts for guidance.", who=sorted(TELLS))
    return actor.id


def _require_may_tell(actor: Actor, name: FactName) -> None:
    """Raise unless the role tells such facts: clinical ones are a clinician's to judge (PEER-02)."""
    _who(actor)
    if name in CLINICAL:
        require_clinician(actor, JUDGED)


def _require_past(moment: datetime | None, *, at: datetime) -> None:
    if moment is not None and moment > at:
        raise Refused("Facts are recorded once they have been seen or said.", code="observed_in_future")


def _require_not_lowering(episode: Episode, told: Sequence[NewStatement], *, at: datetime, actor: Actor) -> None:
    """Raise when somebody but a clinician is the first to say no to a crisis or an overdose (table 1.9).

    Once a clinician said no, the team may say so again when the form is filled in anew.
    """
    denied = {each.name for each in told if each.name in RAISED_BY_ALL and each.value is False}
    if not denied or actor.has_role(*CLINICIANS):
        return
    policy = policy_of(episode.organization_id)
    readings = [*told_readings(episode, names=frozenset(denied)), *charted_readings(episode, at=at, policy=policy)]
    newest = {each.name: each.value for each in sorted(readings, key=lambda each: (each.at, each.place))}
    if any(newest.get(name) is True for name in denied):
        require_clinician(actor, LOWERED)


def _row(episode: Episode, new: NewStatement, *, at: datetime, actor: Actor) -> Statement:
    row = Statement(
        client_id=episode.client_id,
        organization_id=episode.organization_id,
        episode=episode,
        name=new.name,
        source=new.source,
        observed_at=new.observed_at or at,
        recorded_at=at,
        recorded_by_id=_who(actor),
    )
    _say(row, new.value)
    return row


def _say(row: Statement, value: Value | None) -> None:
    """Fill in what a statement says; raise Invalid for a yes where wishes belong, and the reverse."""
    wishes = value if isinstance(value, tuple) else None
    if value is not None and (wishes is not None) != (row.name == FactName.CLIENT_PREFERENCE):
        raise Invalid(fields={"value": ["Yes or no; for client_preference a list of services."]})
    row.wishes = list(wishes) if wishes is not None else None
    row.yes = value if isinstance(value, bool) else None


def _put_in_place(row: Statement) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise Conflict("This was corrected before. Correct the latest.", code="already_corrected") from error
        raise


def _raise_alarm(row: Statement, *, at: datetime, actor: Actor) -> None:
    """Raise a risk alert for a crisis or an overdose that was told; what is raised already is not raised again."""
    found = ALARMS.get(FactName(row.name)) if row.yes else None
    if found is None:
        return
    what, severity = found
    new = NewAlert(
        client_id=row.client_id,
        organization_id=row.organization_id,
        severity=severity,
        source=Source.STAFF,
        what=what,
        episode_id=row.episode_id,
    )
    raise_alert(new, at=at, actor=actor)
