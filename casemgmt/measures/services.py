"""Doors of the room: recording a response and amending one. What they write is never changed.

Nothing is decided here about safety: the facts carry risk flags as codes, and whoever answers for safety hears them.
An amendment that takes a flag away tells so and closes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import UniqueViolation

from casemgmt.clients.models import Client
from casemgmt.clients.services import require_own
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit

from .due import note_response, running_episode
from .instruments import CATALOG
from .models import Response
from .words import ADMINISTERS, reads_answers

RECORDED = register_topic("measure.recorded")
AMENDED = register_topic("measure.amended")


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What is told of an answered instrument. `completed_at` is aware UTC; None means just now.

    `items` maps item numbers to answers; `sex` is for AUDIT-C's cut-off only, '' when unknown. Without `episode_id` the
    response belongs to the client's running episode in the actor's organization, if there is one.
    """

    client_id: UUID
    instrument: str
    items: Mapping[str, int]
    mode: str
    language: str = "en"
    sex: str = ""
    episode_id: UUID | None = None
    completed_at: datetime | None = None


@transaction.atomic
def record_response(*, new: NewResponse, actor: Actor) -> Response:
    """Score and keep what a client answered; the actor administered it (MSR-01). It settles what was due (MSR-09).

    Raises NotVisible, NotPermitted, Invalid (`items_incomplete`, `item_out_of_range`, `item_unknown`,
    `item_not_asked`, fields), Refused (`completed_in_future`, `client_deceased` unless it says when it was completed).
    """
    client = Client.objects.visible_to(actor).fetch(new.client_id)
    staff_id, organization_id = _who(actor)
    at = clock.now()
    if client.deceased and new.completed_at is None:
        raise Refused("The client has died. What was answered before, record with its time.", code="client_deceased")
    if new.completed_at is not None and new.completed_at > at:
        raise Refused("Answers are recorded when they have been given.", code="completed_in_future")
    running = running_episode(client_id=client.id, organization_id=organization_id)
    row = Response(
        client=client,
        episode_id=new.episode_id if new.episode_id is not None else running,
        organization_id=organization_id,
        instrument=new.instrument,
        language=new.language,
        mode=new.mode,
        administered_by_id=staff_id,
        recorded_by_id=staff_id,
        completed_at=new.completed_at if new.completed_at is not None else at,
        recorded_at=at,
    )
    _score(row, items=new.items, sex=new.sex)
    row.save(force_insert=True)
    if new.episode_id is not None:
        _require_own_episode(row)
    note_response(row, actor=actor)
    _tell(RECORDED, row, actor=actor)
    return row


@transaction.atomic
def amend_response(*, response_id: UUID, items: Mapping[str, int], reason: str, actor: Actor) -> Response:
    """Correct the answers by a new row that supersedes the old one, scored by the catalog as it is now (MSR-02).

    When and by whom it was administered stay as they were. Raises NotVisible, NotPermitted (also to other
    organizations than the one that recorded it), Invalid as recording does, Conflict `already_amended` for
    a response that is not the latest of its line.
    """
    old: Response = Response.objects.visible_to(actor).fetch(response_id)
    staff_id, organization_id = _who(actor)
    require_own(actor, old.organization_id)
    if not reads_answers(actor, administered_by_id=old.administered_by_id):
        raise NotPermitted("You amend only what you administered yourself.")
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why the answers are corrected."]})
    row = Response(
        client_id=old.client_id,
        episode_id=old.episode_id,
        organization_id=organization_id,
        instrument=old.instrument,
        language=old.language,
        mode=old.mode,
        administered_by_id=old.administered_by_id,
        recorded_by_id=staff_id,
        completed_at=old.completed_at,
        recorded_at=clock.now(),
        supersedes=old,
        amend_reason=reason.strip(),
    )
    _score(row, items=items, sex=old.sex)
    _supersede(row)
    _tell(AMENDED, row, actor=actor)
    return row


def _who(actor: Actor) -> tuple[UUID, UUID]:
    """Return who administers and for which organization; raise for roles that may not, and for machines (table 1.9)."""
    if actor.id is None or actor.organization_id is None or not actor.has_role(*ADMINISTERS):
        raise NotPermitted("Your role does not administer screeners.")
    return actor.id, actor.organization_id


def _score(row: Response, *, items: Mapping[str, int], sex: str) -> None:
    """Fill in the answers and what they come to."""
    instrument = CATALOG[row.instrument]
    if sex and not instrument.asks_sex:
        raise Invalid(fields={"sex": ["This instrument has one cut-off for everybody."]})
    result = instrument.score(items, sex=sex)
    row.version, row.sex, row.items = instrument.version, sex, dict(items)
    row.scores, row.bands, row.flags = dict(result.scores), dict(result.bands), list(result.flags)


def _require_own_episode(row: Response) -> None:
    """Raise unless the episode is the client's, here; asked of our own table, for episodes are a room above."""
    here = Response.objects.filter(pk=row.pk, episode__organization_id=row.organization_id)
    if not here.filter(episode__client_id=row.client_id).exists():
        raise Invalid(fields={"episode": ["This is no episode of the client in your organization."]})


def _supersede(row: Response) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            sentence = "This response was amended before. Amend the latest one."
            raise Conflict(sentence, code="already_amended") from error
        raise


def _tell(topic: str, row: Response, *, actor: Actor) -> None:
    """Tell ids and the codes of risk flags, in the catalog's order and joined by commas; never an answer or a score."""
    known = CATALOG[row.instrument].risk_flags
    payload: dict[str, Scalar] = {
        "instrument": row.instrument,
        "response_id": str(row.id),
        "risk": ",".join(flag for flag in row.flags if flag in known),
        "supersedes": str(row.supersedes_id) if row.supersedes_id else None,
    }
    emit(Event(topic, row.id, row.client_id, row.organization_id, payload), actor=actor)
