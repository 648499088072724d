"""What falls due with time: drafts nobody signed, and credentials that end. Machines ask; people sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.policies.services import policy_of
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import ClinicalNote, ContactNote, CounselingNote, Note, PeerNote
from casemgmt.sessions.words import Discipline
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, open_item

from .credentials import warn_of_endings

CLOCK = Actor.system("notes-clock")
BATCH = 100
SHORTEST = timedelta(hours=1)  # the lowest bound of the policy's number
KINDS: tuple[type[Note], ...] = (PeerNote, ClinicalNote, ContactNote, CounselingNote)
TOOK_PLACE = (SessionStage.SCHEDULED, SessionStage.HELD)
ROLE_OF = {
    Discipline.PEER.value: Role.PEER_SPECIALIST,
    Discipline.CLINICAL.value: Role.THERAPIST,
    Discipline.CONTACT.value: Role.CASE_MANAGER,
    Discipline.HOUSE.value: Role.HOUSE_MANAGER,
}


def pass_time(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Do what is due now; return how much that was. Safe in any number of copies."""
    return remind_authors(keep_on=keep_on) + warn_of_endings(keep_on=keep_on)


def remind_authors(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Ask the authors of drafts older than their organization allows to sign them; return how many (F9)."""
    count = 0
    for model in KINDS:
        for note_id in _waiting(model):
            if not keep_on():
                return count
            count += _remind(model, note_id)
    return count


@acting_as(CLOCK)
def _waiting(model: type[Note]) -> list[UUID]:
    at = clock.now()
    drafts = model._default_manager.filter(
        signed_at__isnull=True, reminded_at__isnull=True, session__stage__in=TOOK_PLACE
    )
    old_enough = drafts.filter(created_at__lte=at - SHORTEST)
    due: list[UUID] = []
    for organization_id in old_enough.values_list("organization_id", flat=True).distinct():
        before = at - timedelta(hours=policy_of(organization_id).unsigned_note_hours)
        mine = drafts.filter(organization_id=organization_id, created_at__lte=before)
        due += mine.order_by("created_at").values_list("pk", flat=True)[:BATCH]
    return due


@acting_as(CLOCK)
def _remind(model: type[Note], note_id: UUID) -> int:
    waiting = model._default_manager.filter(pk=note_id, signed_at__isnull=True, reminded_at__isnull=True)
    note = waiting.lock_free().select_related("session").first()  # type: ignore[attr-defined]
    if note is None:  # signed meanwhile, or another copy is at it
        return 0
    at = clock.now()
    note.reminded_at = at
    note.save(update_fields=["reminded_at"])
    item = NewItem(
        organization_id=note.organization_id,
        client_id=note.client_id,
        kind=ItemKind.NOTE_UNSIGNED,
        due_at=at,
        source_type="note",
        source_id=note.pk,
        role=ROLE_OF[note.session.discipline],
        assignee_id=note.author_id,
    )
    open_item(item, actor=CLOCK)
    return 1
