"""Enrollments go along with the pathway (STG-01, T9, T11, T12). Inner: rows only, in the transaction of the fact.

The episode is locked by whoever moved it; its open enrollments are locked once, in the order of their ids. What the
pathway judged is not judged again; what runs beside what is (STG-01), for only this room knows that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import CARE
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import GuardsFailed, Refusal
from casemgmt.kernel.events import Event
from programs.guards import EnrollmentFacts
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove
from programs.querysets import EnrollmentQuerySet
from programs.rules.combinations import Combination, against_exclusion, against_lack, against_leaving
from programs.rules.old_service import PAUSED_WITH_EPISODE, OldService, Settled, settle, usual

from .combinations import combinations_of
from .places import free_places
from .steps import EnrollmentOrder, is_referred, write_step

CORRECTED = "episode.corrected"
# The pathway judged already; what follows it is not judged again.
GOES_ALONG = EnrollmentFacts(following=True, has_provider=True, notice_missing=False, own=True, referred=True)


@dataclass(frozen=True, slots=True)
class PathwayStep:
    """A step of the pathway: from where (of a held episode: where it was held), to where, and what was told with it.

    `seq` names its ledger row. `corrected`: the ledger was set right; no service was left thereby.
    """

    origin: str
    target: str
    told: Mapping[str, Any] = field(default_factory=dict)
    seq: int | None = None
    corrected: bool = False

    @classmethod
    def of(cls, event: Event) -> PathwayStep:
        """Return the step that a fact tells of (`lead`, `to`); its ledger row adds what was told (`old_service`)."""
        payload = event.payload
        seq = payload.get("move")
        row = StageMove.objects.filter(episode_id=event.subject_id, seq=seq).first() if isinstance(seq, int) else None
        return cls(
            origin=str(payload.get("lead") or payload.get("from") or ""),
            target=str(payload.get("to") or ""),
            told=row.given if row else {},
            seq=row.seq if row else None,
            corrected=event.topic == CORRECTED,
        )


def lead_on(event: Event, *, at: datetime, actor: Actor) -> None:
    """Go along into a stage of care: resume what the hold paused, end or keep the old service, begin the new one.

    Raises GuardsFailed when a combination rule stands against it.
    """
    step = PathwayStep.of(event)
    episode: Episode = Episode.objects.fetch(event.subject_id)
    rows = _open_rows(Enrollment.objects.filter(episode=episode))
    rules = combinations_of(episode.organization_id)
    leaving = _leaving(step, rows, rules)
    reason = {"end_reason": "stage_left", "episode_move": step.seq}
    _each(leaving, "end", reason, at=at, actor=actor)
    free_places(leaving)
    staying = [row for row in rows if row.is_open]
    covered = _Coverage(episode, at)
    paused = [row for row in staying if row.paused_by == PAUSED_WITH_EPISODE and covered(row)]  # type: ignore[attr-defined]
    _each(paused, "resume", {"resume_reason": "episode_resumed", "episode_move": step.seq}, at=at, actor=actor)
    chosen = _next(step, staying, covered)
    if chosen is not None:
        _require_fit(chosen, staying, rules)
        _each([chosen], "activate", {"episode_move": step.seq}, at=at, actor=actor)


def pause(event: Event, *, at: datetime, actor: Actor) -> None:
    """Pause what runs while the episode is on hold (T11); places stay held. The ledger says that the hold did it."""
    rows = _open_rows(Enrollment.objects.filter(episode_id=event.subject_id))
    running = [row for row in rows if row.stage == EnrollmentStage.ACTIVE]
    reason = {"hold_reason": PAUSED_WITH_EPISODE, "episode_move": event.payload.get("move")}
    _each(running, "hold", reason, at=at, actor=actor)


def end_all(enrollments: EnrollmentQuerySet, *, reason: str, at: datetime, actor: Actor) -> None:
    """End every open one of these enrollments and free their places."""
    rows = _open_rows(enrollments)
    _each(rows, "end", {"end_reason": reason}, at=at, actor=actor)
    free_places(rows)


def _open_rows(enrollments: EnrollmentQuerySet) -> list[Enrollment]:
    return list(enrollments.annotate(paused_by=EnrollmentMove.objects.why_paused()).lock_open())


def _each(rows: Iterable[Enrollment], verb: str, given: Mapping[str, Any], *, at: datetime, actor: Actor) -> None:
    order = EnrollmentOrder(verb, given={name: value for name, value in given.items() if value is not None})
    for row in rows:
        write_step(row, order, facts=GOES_ALONG, at=at, actor=actor)


def _leaving(step: PathwayStep, rows: list[Enrollment], rules: tuple[Combination, ...]) -> list[Enrollment]:
    """Return the enrollments of the stage that was left if they end with it; raise when a rule forbids it."""
    old = [row for row in rows if row.program.kind == step.origin]
    if step.corrected or step.origin not in CARE or step.origin == step.target or not old:
        return []
    settled = _settle(step, rows, rules)
    if settled.refusals:
        raise GuardsFailed(settled.refusals, verb=f"enter_{step.target}", rule="T9")
    return old if settled.choice is OldService.END else []


def _settle(step: PathwayStep, rows: list[Enrollment], rules: tuple[Combination, ...]) -> Settled:
    others = {row.program.kind for row in rows} - {step.origin}
    begun = any(row.program.kind == step.origin and row.stage != EnrollmentStage.PLANNED for row in rows)
    return settle(
        str(step.told.get("old_service") or ""),
        customary=usual(step.origin, step.target),
        ended=against_leaving(step.origin, others, rules),
        continued=against_exclusion(step.target, {step.origin}, rules) if begun else (),
    )


def _next(step: PathwayStep, rows: list[Enrollment], covered: _Coverage) -> Enrollment | None:
    """Return the planned enrollment that begins now: the one that was told, else the one planned first.

    None when one of the kind runs already, or none may begin.
    """
    there = [row for row in rows if row.program.kind == step.target]
    if any(row.stage == EnrollmentStage.ACTIVE for row in there):
        return None
    named = {str(step.told[name]) for name in ("peer", "residence") if step.told.get(name)}
    told = [row for row in there if {str(row.provider_id), str(row.program_id)} & named]
    ready = (
        row
        for row in told or there
        if row.stage == EnrollmentStage.PLANNED and row.provider_id is not None and covered(row)
    )
    return next(ready, None)


def _require_fit(chosen: Enrollment, rows: list[Enrollment], rules: tuple[Combination, ...]) -> None:
    beside = [row for row in rows if row.id != chosen.id]
    running = {row.program.kind for row in beside if row.stage != EnrollmentStage.PLANNED}
    refusals: tuple[Refusal, ...] = (
        *against_exclusion(chosen.program.kind, running, rules),
        *against_lack(chosen.program.kind, {row.program.kind for row in beside}, rules),
    )
    if refusals:
        raise GuardsFailed(refusals, verb=f"enter_{chosen.program.kind}", rule="STG-01")


class _Coverage:
    """Whether a program may take part: the episode's own, or its organization accepted a covered referral (G6).

    What other rooms know is asked once, and only when another organization's program stands there.
    """

    def __init__(self, episode: Episode, at: datetime) -> None:
        self.episode, self.at = episode, at
        self.known: Any = None

    def __call__(self, row: Enrollment) -> bool:
        if row.program.organization_id == self.episode.organization_id:
            return True
        self.known = self.known or gather(self.episode, at=self.at)
        return is_referred(row, self.known)
