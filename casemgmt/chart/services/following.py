"""What the chart does when an episode goes on: what is due follows the lead stage. Inner; rows and work items only."""

from __future__ import annotations

from datetime import datetime

from casemgmt.chart.models import Checkup, ReturnToUse, ReturnToUseReview
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.worklist.services import close_items

from .checkups import cancel_checkups, plan_checkups
from .iop import close_iop_items, open_iop_items
from .returns import REVIEW, ask_for_review


def follow_lead(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Let check-ups (CLN-20, T6) and reviews of IOP (CLN-02) be those of the stage that leads, for a locked episode.

    A hold changes nothing: the stage it holds still leads. Nothing is due of who died elsewhere. `at` is aware UTC.
    """
    require_atomic()
    lead = episode.lead if episode.is_open and not episode.client.deceased else ""
    if lead == Stage.AFTERCARE:
        plan_checkups(episode, at=at, actor=actor)
    else:
        cancel_checkups(Checkup.objects.filter(episode=episode), at=at, actor=actor)
    if lead == Stage.IOP:
        open_iop_items(episode, actor=actor)
    else:
        close_iop_items(episode, at=at, actor=actor)


def follow_end(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Take the reviews of returns to use off the list: the episode has ended."""
    require_atomic()
    for row in ReturnToUse.objects.begun().filter(episode=episode):
        close_items(source_id=row.line_id, kinds=REVIEW, outcome="episode_ended", at=at, actor=actor)


def follow_reopening(episode: Episode, *, at: datetime, actor: Actor) -> None:
    """Ask again for the reviews that nobody has made: the end of the episode was entered in error (T20)."""
    require_atomic()
    reviewed = ReturnToUseReview.objects.filter(episode=episode).values("return_to_use_id")
    for row in ReturnToUse.objects.in_force().filter(episode=episode).exclude(line_id__in=reviewed):
        ask_for_review(row, episode=episode, at=at, actor=actor)
