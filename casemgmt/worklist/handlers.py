"""What the worklist does when a client dies. Rows only, in the transaction of the fact."""

from __future__ import annotations

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import ItemKind
from .services import close_about

# what is for those who cared, or about the record, and so is still to be done
AFTER_DEATH = (ItemKind.CLIENT_DIED, ItemKind.STAGE_CORRECTED, ItemKind.REFERRAL_STOPPED)


def follow_death(event: Event, *, actor: Actor) -> None:
    """Ask nobody to call a client who died (T17, STG-14). `now` route of `client.died`."""
    close_about(client_id=event.subject_id, keep=AFTER_DEATH, outcome="client_died", at=clock.now(), actor=actor)
