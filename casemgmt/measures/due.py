"""What is due, kept in step with the stages heard and the answers recorded (MSR-09). Inner: doors and handlers call it.

`schedule.py` says what is wanted; here it is compared with what is open. Whoever plans for an episode holds its last
stage mark, so two recordings at once leave one next date.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import require_atomic
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item

from .models import MeasureDue, Response, StageMark
from .schedule import ROUTINE, Standing, Wanted, standing_of, stays_due, wanted
from .words import DueOutcome, DueReason


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning for one episode needs to know; `last`: when each instrument was answered last, aware UTC."""

    mark: StageMark
    standing: Standing
    policy: Policy
    last: dict[str, datetime]
    open: dict[str, MeasureDue]

    def wanted(self, instrument: str) -> Wanted | None:
        """Return when an instrument is due next; None: not at all."""
        return wanted(instrument, last=self.last.get(instrument), standing=self.standing, policy=self.policy)


@dataclass(frozen=True, slots=True)
class Settled:
    """How and when it ended that something was due, and the response that answered it."""

    outcome: DueOutcome
    at: datetime
    response: Response | None = None


def note_stage(mark: StageMark, *, actor: Actor) -> None:
    """Keep a stage that was heard, and plan anew for its episode. Hearing it again changes nothing."""
    require_atomic()
    StageMark.objects.hold_last(mark.episode_id)
    at = mark.effective_at
    StageMark.objects.bulk_create([mark], ignore_conflicts=True)
    plan = _planned(mark.episode_id, instruments=ROUTINE)
    if plan is None:
        return
    for instrument in ROUTINE:
        want, due = plan.wanted(instrument), plan.open.get(instrument)
        if due is None or want is None or not stays_due(due_at=due.due_at, wanted_at=want.due_at, at=at):
            outcome = DueOutcome.NOT_NEEDED if want is None else DueOutcome.REPLANNED
            _replace(plan, instrument, want, settled=Settled(outcome, at), actor=actor)


def note_response(response: Response, *, actor: Actor) -> None:
    """Settle what a response answers, and plan the next.

    Nothing for an episode whose stages were never heard, nor for an answer older than the last one.
    """
    require_atomic()
    if response.episode_id is None or response.instrument not in ROUTINE:
        return
    instrument = response.instrument
    StageMark.objects.hold_last(response.episode_id)
    plan = _planned(response.episode_id, instruments=(instrument,))
    if plan is None or plan.last[instrument] > response.completed_at:
        return
    want, due = plan.wanted(instrument), plan.open.get(instrument)
    if due is None or want is None or due.due_at != want.due_at:
        settled = Settled(DueOutcome.RECORDED, response.recorded_at, response)
        _replace(plan, instrument, want, settled=settled, actor=actor)


def ask_at_check_up(*, episode_id: UUID, at: datetime, actor: Actor) -> None:
    """Ask for every routine measure whose last answer is not recent, as a recovery check-up does (MSR-09, CLN-20).

    What is due already stays as it is. Nothing is asked while the episode is on hold or after it ended.
    """
    require_atomic()
    StageMark.objects.hold_last(episode_id)
    plan = _planned(episode_id, instruments=ROUTINE)
    if plan is None or not plan.standing.asks:
        return
    recent = at - timedelta(days=plan.policy.measures_at_stage_change_days)
    for instrument in ROUTINE:
        last, due = plan.last.get(instrument), plan.open.get(instrument)
        if (last is not None and last >= recent) or (due is not None and due.due_at <= at):
            continue
        want = Wanted(at, DueReason.CHECK_UP)
        _replace(plan, instrument, want, settled=Settled(DueOutcome.REPLANNED, at), actor=actor)


def ask_nothing_more(*, client_id: UUID, at: datetime, actor: Actor) -> None:
    """Settle everything that is due for a client, in whichever organization (T17)."""
    require_atomic()
    for due in MeasureDue.objects.open().filter(client_id=client_id):
        _settle(due, Settled(DueOutcome.NOT_NEEDED, at), actor=actor)


def standing_in(episode_id: UUID) -> Standing | None:
    """Return where an episode stands, as heard; None when nothing was heard of it. One query."""
    return standing_of(StageMark.objects.in_force(episode_id).values_list("entered", "since"))


def running_episode(*, client_id: UUID, organization_id: UUID) -> UUID | None:
    """Return the client's running episode in an organization, as heard; None without one."""
    marks = StageMark.objects.last_of(client_id=client_id, organization_id=organization_id).running()
    found: UUID | None = marks.values_list("episode_id", flat=True).first()
    return found


def _planned(episode_id: UUID, *, instruments: Collection[str]) -> Planned | None:
    marks = list(StageMark.objects.in_force(episode_id))
    standing = standing_of((mark.entered, mark.since) for mark in marks)
    if standing is None:
        return None
    client_id, organization_id = marks[-1].client_id, marks[-1].organization_id
    answered = Response.objects.filter(client_id=client_id, organization_id=organization_id, instrument__in=instruments)
    opened = MeasureDue.objects.open().filter(episode_id=episode_id, instrument__in=instruments)
    return Planned(
        mark=marks[-1],
        standing=standing,
        policy=policy_of(organization_id),
        last=dict(answered.newest().values_list("instrument", "completed_at")),
        open={due.instrument: due for due in opened},
    )


def _replace(plan: Planned, instrument: str, want: Wanted | None, *, settled: Settled, actor: Actor) -> None:
    """Settle what is open for an instrument, if anything is, and ask for what is wanted."""
    due = plan.open.get(instrument)
    if due is not None:
        _settle(due, settled, actor=actor)
    if want is not None:
        _ask(plan, instrument, want, actor=actor)


def _ask(plan: Planned, instrument: str, want: Wanted, *, actor: Actor) -> None:
    ids: dict[str, Any] = {"client_id": plan.mark.client_id, "organization_id": plan.mark.organization_id}
    due = MeasureDue.objects.create(
        episode_id=plan.mark.episode_id, instrument=instrument, due_at=want.due_at, because=want.because, **ids
    )
    item = NewItem(
        kind=ItemKind.MEASURE_DUE,
        due_at=due.due_at,
        source_type="measure_due",
        source_id=due.id,
        role=plan.standing.role,
        **ids,
    )
    open_item(item, actor=actor)


def _settle(due: MeasureDue, settled: Settled, *, actor: Actor) -> None:
    due.settled_at, due.outcome, due.response = settled.at, settled.outcome, settled.response
    due.save(update_fields=["settled_at", "outcome", "response"])
    kinds = (ItemKind.MEASURE_DUE,)
    close_items(source_id=due.id, kinds=kinds, outcome=settled.outcome.value, at=settled.at, actor=actor)
