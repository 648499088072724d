"""Drafts of notes: who may write one of which session, and what may stand in it (PEER-02, PEER-03, P2-70, F9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import UniqueViolation

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, NotVisible, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, CareNote, ContactNote, CounselingNote, Note, PeerNote, Session
from casemgmt.sessions.note_words import NOT_PROFESSIONALS, OUTSIDE_PEER_SCOPE, WRITES
from casemgmt.sessions.words import Format

from .handing_over import Handoff, call_clinician, place_of, refuse_to_keep, require_handoff, worry_of
from .wording import require_discreet, text_of

DRAFTED = register_topic("note.drafted")
CHANGED = register_topic("note.changed")


@dataclass(frozen=True, slots=True)
class Telling:
    """What a note says. `told` holds columns of `content`; `handoff_told` says that `handoff` replaces what stands."""

    told: Mapping[str, Any] = field(default_factory=dict)
    handoff: Handoff | None = None
    handoff_told: bool = False


@transaction.atomic
def write_note(*, model: type[Note], session_id: UUID, client_id: UUID | None, telling: Telling, actor: Actor) -> Note:
    """Begin a draft of one kind about one client's part in a session, or (`client_id` None) about a group.

    Raises NotVisible, NotPermitted (also `not_your_session`), Invalid, Conflict (`note_exists`, `session_not_held`),
    Refused (`outside_peer_scope`, `not_a_professional`, `session_in_future`, `note_names_client`, `personal_number`,
    `handoff_required`).
    """
    session: Session = Session.objects.visible_to(actor).fetch(session_id)
    author_id = require_writer(model, session, actor=actor)
    at = clock.now()
    _require_begun(session, at=at)
    note = model(
        session=session,
        happened_at=session.starts_at,
        organization_id=session.organization_id,
        author_id=author_id,
    )
    note.line_id = note.pk
    _address(note, session, client_id, actor=actor)
    if isinstance(note, ContactNote):
        note.discipline = session.discipline
    fill(note, telling)
    with_alert = judge(note, session, before=None, at=at, actor=actor)
    insert(note, code="note_exists")
    with_alert()
    tell(DRAFTED, note, actor=actor)
    return note


@transaction.atomic
def edit_note(*, model: type[Note], note_id: UUID, telling: Telling, version: int | None, actor: Actor) -> Note:
    """Change one's draft. What is not told stays. Raises as `write_note`, StaleVersion, Conflict `note_signed`."""
    note, session = own_draft(model, note_id, version=version, actor=actor)
    before = getattr(note, "handoff_to_id", None)
    fill(note, telling)
    at = clock.now()
    with_alert = judge(note, session, before=before, at=at, actor=actor)
    note.save_changes(*(name.removesuffix("_id") for name in note.content), at=at)
    with_alert()
    tell(CHANGED, note, actor=actor)
    return note


def own_draft(model: type[Note], note_id: UUID, *, version: int | None, actor: Actor) -> tuple[Note, Session]:
    """Return one's draft, locked, and its session. Raises NotVisible, NotPermitted, StaleVersion, `note_signed`."""
    note: Note = model._default_manager.all().visible_to(actor).lock(note_id)  # type: ignore[attr-defined]
    if note.author_id != actor.id:
        raise NotPermitted("Only who wrote it changes or signs it.")
    note.require_version(version)
    if note.signed_at is not None:
        raise Conflict("This is signed. Amend it.", code="note_signed")
    return note, note.session


def require_writer(model: type[Note], session: Session, *, actor: Actor) -> UUID:
    """Return who writes; raise unless the role writes this kind and the actor held the session (table 1.9)."""
    writers = sorted(role for role, discipline in WRITES.items() if discipline in model.disciplines)
    if not actor.has_role(*writers):
        if issubclass(model, CounselingNote) and actor.has_role(*NOT_PROFESSIONALS):
            sentence = "Counseling notes are written by professionals only (P2-70)."
            raise Refused(sentence, code="not_a_professional")
        if actor.has_role(Role.PEER_SPECIALIST):
            sentence = "A peer specialist writes peer notes only (PEER-02)."
            raise Refused(sentence, code=OUTSIDE_PEER_SCOPE)
        raise NotPermitted(who=writers)
    if actor.id is None or session.staff_id != actor.id or session.organization_id != actor.organization_id:
        raise NotPermitted("Whoever held a session writes of it.", code="not_your_session")
    if session.discipline not in model.disciplines:
        raise Invalid(fields={"session": ["Another kind of note is written of this session."]})
    return actor.id


def _require_begun(session: Session, *, at: datetime) -> None:
    if session.stage not in (SessionStage.SCHEDULED, SessionStage.HELD):
        raise Conflict("This session did not take place.", code="session_not_held")
    if session.starts_at > at:
        raise Refused("This session has not begun.", code="session_in_future")


def _address(note: Note, session: Session, client_id: UUID | None, *, actor: Actor) -> None:
    """Say whom a note is about. Raises NotVisible unless the client takes part, Invalid when somebody must be named."""
    if client_id is None:
        if session.format != Format.GROUP or isinstance(note, CounselingNote):
            raise Invalid(fields={"client": ["Say whom this is about."]})
        return
    part = Attendance.objects.visible_to(actor).filter(session=session, client_id=client_id).first()
    if part is None:
        raise NotVisible()
    note.client_id, note.episode_id = part.client_id, part.episode_id


def fill(note: Note, telling: Telling) -> None:
    """Put what is told into a note, in memory."""
    for name, value in telling.told.items():
        setattr(note, name, value)
    if telling.handoff_told and isinstance(note, CareNote):
        given = telling.handoff
        note.handoff_to_id = given.to_staff if given else None
        note.handoff_method = given.method if given else ""
        note.handoff_at = given.at if given else None


def judge(note: Note, session: Session, *, before: UUID | None, at: datetime, actor: Actor) -> Any:
    """Raise for what a note must not hold or lacks; return what raises the alert of a new hand-over, once it is saved.

    `before`: to whom the client was handed over before; that clinician was called then.
    """
    require_discreet(note, session)
    if not isinstance(note, CareNote):
        return _nothing
    span = (session.starts_at, session.ends_at)
    text = text_of(note)
    worry = worry_of(client_id=note.client_id, text=text, distress=note.distress, staff_id=session.staff_id, span=span)
    if note.client_id is None:
        _judge_shared(note, worry)
        return _nothing
    if getattr(note, "group_size", None) is not None:
        raise Invalid(fields={"group_size": ["How many were there stands in the shared note only."]})
    handoff = handoff_of(note)
    since = (session.starts_at, at)
    by_peer = isinstance(note, PeerNote)
    require_handoff(handoff, worry, by_peer=by_peer, span=since, staff_id=session.staff_id)
    places = {note.organization_id} | ({note.episode.organization_id} if note.episode else set())
    called = place_of(handoff, places=places)
    if worry is None or called is None or note.handoff_to_id == before:
        return _nothing
    return lambda: call_clinician(note, worry, organization_id=called, at=at, actor=actor)


def _judge_shared(note: CareNote, worry: Any) -> None:
    """Raise for distress in a group's shared note: it is told, and handed over, in that client's own (PEER-03)."""
    if note.distress or note.handoff_to_id is not None:
        raise Invalid(fields={"distress": ["Tell it in the note of the client it is about."]})
    if worry is None or not isinstance(note, PeerNote):
        return
    handed_over = PeerNote.objects.filter(session_id=note.session_id, handoff_to__isnull=False)
    if not handed_over.exists():
        raise refuse_to_keep(worry)


def handoff_of(note: CareNote) -> Handoff | None:
    """Return the hand-over that a note tells of."""
    if note.handoff_to_id is None or note.handoff_at is None:
        return None
    return Handoff(note.handoff_to_id, note.handoff_method, note.handoff_at)


def _nothing() -> None:
    """No new hand-over: nobody to call."""


def insert(note: Note, *, code: str) -> None:
    """Save a new row; raise Conflict with `code` when another one has its place."""
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise Conflict("There is a note in this place. Load it.", code=code) from error
        raise


def tell(topic: str, note: Note, *, actor: Actor) -> None:
    """Tell what was done with a note: ids and codes, never what it says."""
    payload: dict[str, Scalar] = {"kind": str(note._meta.model_name), "session": str(note.session_id)}
    emit(Event(topic, note.pk, note.client_id, note.organization_id, payload), actor=actor)
