"""What enrollments do when the pathway moves or a client dies. Rows only, in the transaction of the fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.episodes.stages import CARE, TERMINAL
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event

from .guards import EnrollmentFacts
from .lifecycle import EnrollmentStage
from .models import Enrollment
from .querysets import EnrollmentQuerySet
from .services.enrollments import EnrollmentOrder, facts_of, write_step
from .services.places import free_places

# The pathway judged already; what follows it is not judged again.
GOES_ALONG = EnrollmentFacts(following=True, has_provider=True, notice_missing=False, own=True, referred=True)


def follow_stage(event: Event, *, actor: Actor) -> None:
    """Go along with a move of an episode: begin what was planned for its new stage, end everything when it ends.

    `now` route of `episode.*`. The fact's payload names the new stage in `to`.
    """
    stage = str(event.payload.get("to", ""))
    if stage in CARE:
        _begin(event.subject_id, kind=stage, actor=_follower(actor))
    elif stage in TERMINAL:
        _end(Enrollment.objects.filter(episode_id=event.subject_id), reason=stage, actor=_follower(actor))


def follow_death(event: Event, *, actor: Actor) -> None:
    """End every open enrollment of a client who died, in whichever organization (T17). `now` route of `client.died`."""
    _end(Enrollment.objects.filter(client_id=event.subject_id), reason="deceased", actor=_follower(actor))


def _follower(actor: Actor) -> Actor:
    """Return the actor with the role that enrollments ask for: a machine that made the fact was allowed to make it."""
    return replace(actor, roles=actor.roles | CASE_MANAGER_AND_UP) if actor.is_system else actor


def _begin(episode_id: UUID, *, kind: str, actor: Actor) -> None:
    """Activate the enrollment that was planned first for this stage, unless one of its kind runs already."""
    rows = list(
        Enrollment.objects.filter(episode_id=episode_id, program__kind=kind).select_related("episode").lock_open()
    )
    if any(row.stage == EnrollmentStage.ACTIVE for row in rows):
        return
    at = clock.now()
    for row in rows:
        if row.stage == EnrollmentStage.PLANNED and row.provider_id is not None and _may_begin(row, at=at):
            write_step(row, EnrollmentOrder("activate"), facts=GOES_ALONG, at=at, actor=actor)
            return


def _may_begin(row: Enrollment, *, at: datetime) -> bool:
    """True when the program is the organization's own, or its organization accepted a covered referral (G6)."""
    return row.program.organization_id == row.episode.organization_id or facts_of(row, at=at).referred


def _end(rows: EnrollmentQuerySet, *, reason: str, actor: Actor) -> None:
    at = clock.now()
    order = EnrollmentOrder("end", given={"end_reason": reason})
    ended = list(rows.lock_open())
    for row in ended:
        write_step(row, order, facts=GOES_ALONG, at=at, actor=actor)
    free_places(row.program_id for row in ended)
