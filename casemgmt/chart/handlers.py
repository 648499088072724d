"""What the chart does when an episode moves or a client dies. Rows only, in the transaction of the fact."""

from __future__ import annotations

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import BEFORE_CARE, TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .models import Checkup
from .services.checkups import cancel_checkups
from .services.following import follow_end, follow_lead, follow_reopening
from .services.iop import close_iop_items

CORRECTED = "episode.corrected"


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Let what is due follow the episode's lead stage. `now` route of `episode.*`.

    The fact's payload names the new stage in `to`; a fact without one moved nothing, but a correction of the ledger may
    say that the stage began on another day (T20).
    """
    origin, target, corrects = event.payload.get("from"), event.payload.get("to"), event.topic == CORRECTED
    if not corrects and (not target or (target in BEFORE_CARE and origin in (None, "", *BEFORE_CARE))):
        return
    episode, at = Episode.objects.select_related("organization").get(pk=event.subject_id), clock.now()
    follow_lead(episode, at=at, actor=actor)
    if target in TERMINAL:
        follow_end(episode, at=at, actor=actor)
    elif origin in TERMINAL:
        follow_reopening(episode, at=at, actor=actor)


def follow_death(event: Event, *, actor: Actor) -> None:
    """Let nothing of the chart be due for a client who died, whatever became of the episode (STG-14).

    `now` route of `client.died`.
    """
    at = clock.now()
    cancel_checkups(Checkup.objects.filter(client_id=event.subject_id), at=at, actor=actor)
    for episode in Episode.objects.open().filter(client_id=event.subject_id):
        close_iop_items(episode, at=at, actor=actor)
        follow_end(episode, at=at, actor=actor)
