"""Sessions that are over and of which nobody told: whoever held them is asked who came (F9: within 15 minutes)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.sessions.models import Session
from casemgmt.sessions.words import LATE_AFTER, UNTOLD_AFTER
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item

from .due import within_business_days
from .no_shows import REACHES_OUT

CLOCK = Actor.system("session-clock")
BATCH = 500
KINDS = (ItemKind.SESSION_TO_TELL,)


def ask_who_came(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Ask once about each session of which nobody told; return how many. Safe in any number of copies."""
    count = 0
    for session_id in _untold():
        if not keep_on():
            break
        count += _ask(session_id)
    return count


@acting_as(CLOCK)
def _untold() -> list[UUID]:
    waiting = Session.objects.untold(clock.now() - UNTOLD_AFTER).order_by("ends_at")
    return list(waiting.values_list("id", flat=True)[:BATCH])


@acting_as(CLOCK)
def _ask(session_id: UUID) -> int:
    at = clock.now()
    session = Session.objects.untold(at - UNTOLD_AFTER).lock_free(session_id)
    if session is None:  # told meanwhile, or asked about by another copy
        return 0
    day = within_business_days(session.organization_id, 1, at=session.ends_at)
    new = NewItem(
        organization_id=session.organization_id,
        client_id=None,  # a session names nobody
        kind=ItemKind.SESSION_TO_TELL,
        due_at=min(day, session.ends_at + LATE_AFTER),
        source_type="session",
        source_id=session.id,
        role=REACHES_OUT[session.discipline],
        assignee_id=session.staff_id,
    )
    open_item(new, actor=CLOCK)
    return 1


def nobody_need_ask(session_id: UUID, *, actor: Actor) -> None:
    """Take the question off the list: somebody told, or called the session off."""
    close_items(source_id=session_id, kinds=KINDS, outcome="told", at=clock.now(), actor=actor)
