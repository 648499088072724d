"""Who comes in: whose episode it is, and what a role may do here (table 1.9, PEER-02, DG-20). Writes nothing."""

from __future__ import annotations

from uuid import UUID

from casemgmt.accounts.roles import CLINICIANS, Role
from casemgmt.episodes.models import Episode
from casemgmt.episodes.querysets import EpisodeQuerySet
from casemgmt.episodes.stages import TERMINAL
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted, Refused

from .words import OUTSIDE_PEER_SCOPE, READS_ANSWERS, READS_GUIDANCE, reads_answers


def episode_of(episode_id: UUID, *, actor: Actor) -> Episode:
    """Return an episode of the actor's own organization, for reading. Raises NotVisible, NotPermitted."""
    episode: Episode = _own_episodes(actor).fetch(episode_id)
    require_guidance(actor)
    return episode


def lock_open_episode(episode_id: UUID, *, actor: Actor) -> Episode:
    """Return it locked, so that what is told and decided of one episode takes turns.

    Raises NotVisible, NotPermitted, Refused (`episode_ended`, `client_deceased`).
    """
    episode: Episode = _own_episodes(actor).lock(episode_id)
    require_guidance(actor)
    require_open(episode)
    return episode


def require_guidance(actor: Actor) -> None:
    """Raise NotPermitted for roles whose view of a client holds no guidance, such as a house manager's."""
    if not actor.is_system and not actor.has_role(*READS_GUIDANCE):
        raise NotPermitted("Your role does not read guidance.", who=sorted(READS_GUIDANCE))


def require_answers(actor: Actor) -> None:
    """Raise NotPermitted for roles that do not read clinical answers, and so no decision that keeps them."""
    if not reads_answers(actor):
        raise NotPermitted("Your role does not read clinical answers.", who=sorted(READS_ANSWERS))


def require_open(episode: Episode) -> None:
    """Raise Refused `episode_ended` or `client_deceased`: guidance is for somebody who is being cared for."""
    if episode.stage in TERMINAL:
        raise Refused("The episode has ended. Guidance is for open ones.", code="episode_ended")
    if episode.client.deceased:
        raise Refused("The client has died. Record the death; it ends the episode.", code="client_deceased")


def require_clinician(actor: Actor, sentence: str) -> None:
    """Raise NotPermitted unless a clinician acts; a peer is told that this lies outside a peer's work (PEER-02)."""
    if actor.has_role(*CLINICIANS):
        return
    code = OUTSIDE_PEER_SCOPE if actor.has_role(Role.PEER_SPECIALIST) else None
    raise NotPermitted(sentence, code=code, who=sorted(CLINICIANS))


def _own_episodes(actor: Actor) -> EpisodeQuerySet:
    """Return the episodes of the actor's own organization: another one that sees the client has its own guidance."""
    rows: EpisodeQuerySet = Episode.objects.visible_to(actor).told_to(actor)
    return rows if actor.is_system else rows.filter(organization_id=actor.organization_id)
