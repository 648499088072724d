"""Whose business a place is: the two organizations concerned, and who may take part where (G6, 1.9). Inner."""

from __future__ import annotations

from casemgmt.episodes.models import Episode
from casemgmt.episodes.services import gather
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.kernel.wall import acting_as
from programs.models import Enrollment, Program
from programs.services.steps import is_referred

from .line import KEEPER

TAKEN = frozenset({"accepted", "waitlisted"})  # answers of a receiver that let a client wait for a place


def require_party(episode: Episode, program: Program, *, actor: Actor) -> None:
    """Raise NotPermitted unless the actor works for one of the two organizations: others may only see (1.9)."""
    if not actor.is_system and actor.organization_id not in (episode.organization_id, program.organization_id):
        raise NotPermitted("Somebody of the episode's or the program's organization does this.")


def is_welcome(episode: Episode, program: Program) -> bool:
    """True when the program is the episode's own, or its organization took a covered referral for it (G6).

    Who was told that there will be a place (`waitlisted`) waits for it in line like everybody who was accepted.
    """
    if program.organization_id == episode.organization_id:
        return True
    with acting_as(KEEPER):
        return is_referred(Enrollment(program=program), gather(episode, at=clock.now()), stages=TAKEN)
