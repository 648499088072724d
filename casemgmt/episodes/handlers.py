"""What the pathway does when it hears a fact from another room."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict
from casemgmt.kernel.events import Event

from .models import Episode, StageProposal
from .proposals import Suggestion, propose_move
from .setting_aside import set_aside
from .stages import CARE, Stage

DEATH_NOTICE = "client-death"  # the machine that asks each organization to record a death on its own pathway


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


def follow_death(event: Event, *, actor: Actor) -> None:
    """Ask every organization whose episode of the client is open to record the death there (T17). Proposes only.

    What is a death to one organization is told to the others, and decided by their own clinicians; texts, alerts and
    referrals have stopped by then. `now` route of `client.died`, after the worklist. Raises Conflict `episode_open`
    for staff who note a death beside their own organization's open episode: it ends by its own verb.
    """
    for episode in Episode.objects.open().filter(client_id=event.subject_id).order_by("id"):
        if not actor.is_system and episode.organization_id == actor.organization_id:
            sentence = "The client's episode is open. Record the death there: it ends the episode and stops everything."
            raise Conflict(sentence, code="episode_open", episode=str(episode.id))
        set_aside(StageProposal.objects.waiting().filter(episode=episode), at=clock.now(), actor=actor)
        suggestion = Suggestion(verb="record_death", source_type="client", source_id=event.subject_id)
        propose_move(episode_id=episode.id, suggestion=suggestion, actor=Actor.system(DEATH_NOTICE))


def follow_corrected_death(event: Event, *, actor: Actor) -> None:
    """Set aside what was asked because of a death that was an error (T20). `now` route of `client.death_corrected`.

    Raises Conflict `episode_deceased` while an episode's ledger still tells of the death: that is corrected first.
    """
    theirs = Episode.objects.filter(client_id=event.subject_id)
    told = theirs.filter(stage=Stage.DECEASED).values_list("id", flat=True).first()
    if told is not None:
        sentence = "An episode ended with this death. Have its ledger corrected: that takes the death back too."
        raise Conflict(sentence, code="episode_deceased", episode=str(told))
    asked = StageProposal.objects.waiting().filter(episode__in=theirs, verb="record_death", source_type="client")
    set_aside(asked, at=clock.now(), actor=actor)
