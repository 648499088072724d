"""Signing notes, co-signing and amending them. What is signed is never changed (PEER-05, F9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import topic as register_topic
from casemgmt.policies.services import policy_of
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import CounselingNote, Note, Session
from casemgmt.sessions.note_words import is_late
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item

from .credentials import credential_of
from .wording import text_of
from .writing import Telling, fill, insert, judge, own_draft, tell

SIGNED = register_topic("note.signed")
COSIGNED = register_topic("note.cosigned")
AMENDED = register_topic("note.amended")

WORK = (ItemKind.NOTE_UNSIGNED, ItemKind.NOTE_TO_COSIGN)


@transaction.atomic
def sign_note(*, model: type[Note], note_id: UUID, late_reason: str, version: int | None, actor: Actor) -> Note:
    """Sign one's draft. From then on it is only amended.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict `note_signed`, Invalid (nothing in it), Refused
    (`session_not_held`, `late_entry_needs_reason`, and as `write_note`).
    """
    note, session = own_draft(model, note_id, version=version, actor=actor)
    if session.stage != SessionStage.HELD:
        raise Refused("Say first that the session took place, and who came.", code="session_not_held")
    if not text_of(note).strip():
        raise Invalid(fields={note.texts[0]: ["There is nothing in it."]})
    at = clock.now()
    require_in_time(session, late_reason, at=at)
    with_alert = judge(note, session, before=getattr(note, "handoff_to_id", None), at=at, actor=actor)
    put_signature(note, late_reason, at=at)
    note.save_changes("signed_at", "late_reason", "cosign_needed", at=at)
    with_alert()
    follow_signature(note, SIGNED, at=at, actor=actor)
    return note


def require_in_time(session: Session, late_reason: str, *, at: datetime) -> None:
    """Raise Refused when something is told of a session more than 72 hours later without saying why (PEER-05)."""
    if is_late(ended_at=session.ends_at, at=at) and not late_reason.strip():
        sentence = "More than 72 hours after the session, say why it is told now."
        raise Refused(sentence, code="late_entry_needs_reason")


def put_signature(note: Note, late_reason: str, *, at: datetime) -> None:
    """Sign a note in memory, and say whether somebody must co-sign it: the author's credential tells (PEER-04)."""
    note.signed_at, note.late_reason = at, late_reason.strip()
    if not isinstance(note, CounselingNote):
        credential = credential_of(note.author_id, note.organization_id)
        note.cosign_needed = credential is not None and credential.needs_cosign


def follow_signature(note: Note, topic: str, *, at: datetime, actor: Actor) -> None:
    """Close the work that a draft was, ask for the co-signature, and tell."""
    close_items(source_id=note.pk, kinds=WORK[:1], outcome="signed", at=at, actor=actor)
    if note.cosign_needed:
        credential = credential_of(note.author_id, note.organization_id)
        item = NewItem(
            organization_id=note.organization_id,
            client_id=note.client_id,
            kind=ItemKind.NOTE_TO_COSIGN,
            due_at=at + timedelta(hours=policy_of(note.organization_id).note_cosign_hours),
            source_type="note",
            source_id=note.pk,
            role=Role.SUPERVISOR,
            assignee_id=credential.supervisor_id if credential else None,
        )
        open_item(item, actor=actor)
    tell(topic, note, actor=actor)


@transaction.atomic
def cosign_note(*, model: type[Note], note_id: UUID, version: int | None, actor: Actor) -> Note:
    """Co-sign somebody's signed note, as a supervisor of the organization or the one whom the credential names.

    Raises NotVisible, NotPermitted, StaleVersion, Conflict (`note_unsigned`, `cosign_not_needed`, `already_cosigned`,
    `already_amended`).
    """
    note: Note = model._default_manager.all().visible_to(actor).lock(note_id)  # type: ignore[attr-defined]
    _require_cosigner(note, actor=actor)
    note.require_version(version)
    if note.signed_at is None:
        raise Conflict("This is a draft.", code="note_unsigned")
    if not note.cosign_needed:
        raise Conflict("This needs no co-signature.", code="cosign_not_needed")
    if note.cosigned_at is not None:
        raise Conflict("This is co-signed.", code="already_cosigned")
    if model._default_manager.filter(amends=note).exists():
        raise Conflict("This was amended. Co-sign the latest.", code="already_amended")
    at = clock.now()
    note.cosigned_at, note.cosigned_by_id = at, actor.id
    note.save_changes("cosigned_at", "cosigned_by", at=at)
    close_items(source_id=note.pk, kinds=WORK[1:], outcome="cosigned", at=at, actor=actor)
    tell(COSIGNED, note, actor=actor)
    return note


def _require_cosigner(note: Note, *, actor: Actor) -> None:
    """Raise NotPermitted unless the actor watches over the author: the supervisor may be a peer too (PEER-04)."""
    if note.organization_id != actor.organization_id or actor.id is None:
        raise NotPermitted("Somebody of the author's organization co-signs.")
    if note.author_id == actor.id:
        raise NotPermitted("Somebody else co-signs what you wrote.")
    credential = credential_of(note.author_id, note.organization_id)
    named = credential is not None and credential.supervisor_id == actor.id
    if not named and not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])


@transaction.atomic
def amend_note(*, model: type[Note], note_id: UUID, telling: Telling, reason: str, actor: Actor) -> Note:
    """Write a signed row in the place of another; both stay readable. What is not told stays as it was.

    Raises NotVisible, NotPermitted (the author, or a supervisor unless it is a counseling note), Invalid without a
    reason, Conflict (`note_unsigned`, `already_amended`), Refused as `write_note`.
    """
    old: Note = model._default_manager.all().visible_to(actor).lock(note_id)  # type: ignore[attr-defined]
    author_id = _require_amender(old, actor=actor)
    if old.signed_at is None:
        raise Conflict("This is a draft. Change it.", code="note_unsigned")
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why it is amended."]})
    at = clock.now()
    row = model(author_id=author_id, reason=reason.strip())
    setattr(row, "amends", old)  # noqa: B010 - each table refers to itself, which the type of all of them cannot say
    for name in (*COPIED, *old.content, *(("discipline",) if hasattr(old, "discipline") else ())):
        setattr(row, name, getattr(old, name))
    fill(row, telling)
    with_alert = judge(row, old.session, before=getattr(old, "handoff_to_id", None), at=at, actor=actor)
    put_signature(row, old.late_reason, at=at)
    insert(row, code="already_amended")
    with_alert()
    close_items(source_id=old.pk, kinds=WORK[1:], outcome="amended", at=at, actor=actor)
    follow_signature(row, AMENDED, at=at, actor=actor)
    return row


COPIED = ("line_id", "session_id", "happened_at", "client_id", "episode_id", "organization_id")


def _require_amender(note: Note, *, actor: Actor) -> UUID:
    """Return who amends; raise NotPermitted for others than the author and, but for counseling notes, a supervisor."""
    supervises = actor.has_role(Role.SUPERVISOR) and actor.organization_id == note.organization_id
    if actor.id is None or (note.author_id != actor.id and not supervises):
        raise NotPermitted("The author or a supervisor amends this.")
    return actor.id
