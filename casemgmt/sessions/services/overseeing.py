"""A supervisor's look into counseling notes: for a purpose the law names, with words, and on record (P2-71, 1.9)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, NotVisible, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.sessions.models import CounselingNote, CounselingReading
from casemgmt.sessions.note_words import NOT_PROFESSIONALS, OVERSEES

OVERSEEN = register_topic("counseling_note.overseen")
OVERSEER = Actor.system("counseling-oversight")  # the wall shows a counseling note to its author only
SHORTEST_REASON = 15  # as for opening a restricted client (HIP-10)


@transaction.atomic
def read_for_oversight(
    *, session_id: UUID, client_id: UUID, purpose: str, reason: str, actor: Actor
) -> list[CounselingNote]:
    """Return what a colleague wrote of a client in a session, latest row first, and note who read it and why.

    The authors see who read what. Raises NotPermitted, Refused `not_a_professional`, Invalid (`reason`), NotVisible
    when there is nothing: hidden, absent, unsigned and one's own are one answer.
    """
    if actor.id is None or not actor.has_role(*OVERSEES):
        if actor.has_role(*NOT_PROFESSIONALS):
            raise Refused("Counseling notes are for professionals only (P2-70).", code="not_a_professional")
        raise NotPermitted(who=sorted(OVERSEES))
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(fields={"reason": [f"At least {SHORTEST_REASON} characters."]})
    with acting_as(OVERSEER):
        rows = CounselingNote.objects.overseen_by(actor).filter(session_id=session_id, client_id=client_id)
        found = list(rows.order_by("-id"))
        if not found:
            raise NotVisible()
        for note in found:
            CounselingReading.objects.create(note=note, reader_id=actor.id, purpose=purpose, reason=reason.strip())
    for note in found:
        payload: dict[str, Scalar] = {"purpose": purpose, "session": str(note.session_id)}
        emit(Event(OVERSEEN, note.pk, note.client_id, note.organization_id, payload), actor=actor)
    return found
