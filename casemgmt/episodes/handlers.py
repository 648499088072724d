"""What the pathway does when it hears a fact from another room."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.events import Event

from .models import Episode
from .proposals import Suggestion, propose_move
from .stages import CARE


def propose_next_stage(event: Event, *, actor: Actor) -> None:
    """Propose the stage that an accepted referral is for (REF-07). Proposes, never moves.

    The system proposes, whoever accepted: the receiver has no say in the sender's pathway. Nothing is proposed when
    the episode ended, already stands there, or the step was proposed before.
    """
    kind = str(event.payload.get("kind", ""))
    episode_id = event.payload.get("episode_id")
    if kind not in CARE or not episode_id:
        return
    episode = Episode.objects.open().filter(pk=UUID(str(episode_id))).exclude(stage=kind).first()
    if episode is None:
        return
    suggestion = Suggestion(verb=f"enter_{kind}", source_type="referral", source_id=event.subject_id)
    with suppress(Conflict):
        propose_move(episode_id=episode.id, suggestion=suggestion, actor=Actor.system("referral-acceptance"))
