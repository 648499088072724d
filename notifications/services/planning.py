"""Plans of check-ins made by hand: made, changed, paused, resumed, ended. Doors; each brings the check-ins in line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from notifications.models import CheckInPlan, PlanStatus
from notifications.schedule import HORIZON, Occurrence

from .cadences import Timetable, timetable_of
from .occurrences import replan, wanted, zone_of
from .plan_status import WISHED, entered_at, first_day, let_run, set_status, standing
from .wishes import wishes_of

CREATED = register_topic("check_in_plan.created")
CHANGED = register_topic("check_in_plan.changed")

CADENCE = ("times", "weekdays", "rule", "count", "ends_on")


@dataclass(frozen=True, slots=True)
class NewPlan:
    """When to check in: local wall times, and either ISO weekdays or a rule (RFC 5545).

    From a local date on (None: today), or so many days after the episode enters `starts_stage`; until `ends_on`, until
    `count` days had check-ins, or until the stage it begins in is left (`with_stage`).
    """

    episode_id: UUID
    times: tuple[time, ...]
    weekdays: tuple[int, ...] = ()
    rule: str = ""
    count: int | None = None
    starts_on: date | None = None
    starts_stage: str = ""
    starts_after_days: int = 0
    with_stage: bool = False
    ends_on: date | None = None


@transaction.atomic
def create_plan(*, new: NewPlan, actor: Actor) -> CheckInPlan:
    """Begin to check in with the client of an open episode of the actor's organization.

    Raises NotVisible, NotPermitted, Invalid (also `check_in_plan_over_cap`), Refused (`episode_not_open`,
    `sms_timezone_unknown`), Conflict `check_in_plan_exists`.
    """
    plan, _ = _drafted(new, actor=actor)
    at = clock.now()
    if plan.status == PlanStatus.ACTIVE:
        plan.status, plan.reason, plan.paused_until = standing(wishes_of(plan.client_id, plan.organization_id), at=at)
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("The episode has a plan already.", code="check_in_plan_exists") from error
    if plan.status == PlanStatus.ACTIVE:
        replan(plan, at=at)
    emit(Event(CREATED, plan.id, plan.client_id, plan.organization_id, {"source": "hand"}), actor=actor)
    return plan


@transaction.atomic
def preview_plan(*, new: NewPlan, actor: Actor) -> list[Occurrence]:
    """Return what a plan would have in its first 14 days, and write nothing. Raises what `create_plan` raises."""
    plan, since = _drafted(new, actor=actor)
    return wanted(plan, since=since, until=since + HORIZON)


def _drafted(new: NewPlan, *, actor: Actor) -> tuple[CheckInPlan, Any]:
    """Return an unsaved plan that makes sense, and the moment its first days are counted from."""
    episode = Episode.objects.visible_to(actor).select_related("client", "organization").lock(new.episode_id)
    _require_owner(episode.organization_id, actor)
    if not episode.is_open or episode.stage == Stage.ON_HOLD:
        raise Refused("The episode is not open.", code="episode_not_open")
    zone = zone_of(episode.client, preferred=episode.organization.timezone)
    if zone is None:
        raise Refused("Nobody knows in which time zone the client lives.", code="sms_timezone_unknown")
    at = clock.now()
    plan = CheckInPlan(
        client=episode.client,
        episode=episode,
        organization=episode.organization,
        starts_stage=new.starts_stage,
        starts_after_days=new.starts_after_days,
        stage=(new.starts_stage or str(episode.stage)) if new.with_stage else "",
        starts_on=new.starts_on or (None if new.starts_stage else at.astimezone(zone).date()),
        created_by=actor.id,
    )
    if new.starts_stage == episode.stage:
        plan.starts_on = first_day(plan, entered_at=entered_at(plan) or at, at=at)
    elif new.starts_stage:
        plan.status = PlanStatus.WAITING
    given = Timetable(new.times, new.weekdays, new.rule, new.count, new.ends_on)
    _write_timetable(plan, timetable_of(given, starts_on=plan.starts_on or at.astimezone(zone).date()))
    return plan, at


@transaction.atomic
def change_plan(*, plan_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> CheckInPlan:
    """Change a plan's cadence (`times`, `weekdays`, `rule`, `count`, `ends_on`) or its `status`, with a `reason` unless
    it is resumed. A stage's default may be paused, resumed and ended; whoever wants another cadence plans by hand.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict (`check_in_plan_ended`, `check_in_plan_waits`),
    Refused (`episode_not_open`, `check_in_plan_of_stage`, `check_in_wish_holds`).
    """
    plan = CheckInPlan.objects.visible_to(actor).select_related("client", "organization", "episode").lock(plan_id)
    _require_owner(plan.organization_id, actor)
    plan.require_version(version)
    status = changes.get("status", plan.status)
    _require_changeable(plan, changes, status)
    if changes.keys() & set(CADENCE):
        _write_timetable(plan, _merged(plan, changes))
    at = clock.now()
    if status == PlanStatus.ACTIVE and plan.status == PlanStatus.PAUSED:
        set_status(plan, status, reason="", at=at)
    else:
        reason, until = changes.get("reason") or plan.reason, plan.paused_until
        set_status(plan, status, reason=reason, at=at, paused_until=until)
    emit(Event(CHANGED, plan.id, plan.client_id, plan.organization_id, {"status": str(plan.status)}), actor=actor)
    return plan


def _require_changeable(plan: CheckInPlan, changes: Mapping[str, Any], status: str) -> None:
    if plan.status == PlanStatus.ENDED:
        raise Conflict("This plan has ended. Make a new one.", code="check_in_plan_ended")
    if plan.source == "stage" and changes.keys() & set(CADENCE):
        sentence = "The default of a stage is the organization's. End it and plan by hand, or plan by hand beside it."
        raise Refused(sentence, code="check_in_plan_of_stage")
    if plan.status == PlanStatus.WAITING and status not in (PlanStatus.WAITING, PlanStatus.ENDED):
        raise Conflict("This plan waits for its stage. End it, or let it wait.", code="check_in_plan_waits")
    if plan.status != PlanStatus.WAITING and status == PlanStatus.WAITING:
        raise Conflict("Only a plan whose stage is to come waits.", code="check_in_plan_waits")
    if changes.get("status") == PlanStatus.ACTIVE and plan.reason in WISHED:
        raise Refused("The client asked for this. Record what they wish now.", code="check_in_wish_holds")
    if changes.get("status") == PlanStatus.ACTIVE and plan.episode.stage == Stage.ON_HOLD:
        raise Refused("The episode is on hold.", code="episode_not_open")


def _merged(plan: CheckInPlan, changes: Mapping[str, Any]) -> Timetable:
    """Return a plan's timetable with the changes. Weekdays take the place of a rule and a rule that of weekdays."""
    named = "weekdays" in changes or "rule" in changes
    weekdays = changes.get("weekdays", () if named else tuple(plan.weekdays))
    rule = changes.get("rule", "" if named or not plan.phases else plan.phases[0][1])
    ends_on = changes.get("ends_on", plan.ends_on)
    given = Timetable(tuple(changes.get("times", plan.times)), tuple(weekdays), rule, changes.get("count"), ends_on)
    return timetable_of(given, starts_on=plan.starts_on or clock.now().date())


def _write_timetable(plan: CheckInPlan, timetable: Timetable) -> None:
    plan.times, plan.weekdays = list(timetable.times), list(timetable.weekdays)
    plan.phases = [[0, timetable.rule]] if timetable.rule else []
    plan.ends_on = timetable.ends_on


@transaction.atomic
def resume_rested(plan_ids: list[UUID], *, actor: Actor) -> int:
    """Let plans run again whose pause is over; return how many. Each is looked at again under its lock (CHK-09)."""
    at = clock.now()
    count = 0
    for plan in CheckInPlan.objects.filter(pk__in=plan_ids).rested(at).claim(len(plan_ids)):
        let_run(plan, at=at)
        emit(Event(CHANGED, plan.id, plan.client_id, plan.organization_id, {"status": str(plan.status)}), actor=actor)
        count += 1
    return count


def _require_owner(organization_id: UUID, actor: Actor) -> None:
    require_role(actor, CASE_MANAGER_AND_UP)
    if not actor.is_system and actor.organization_id != organization_id:
        raise NotPermitted("The organization that holds the episode plans its check-ins.")
