"""Plans of check-ins: made, changed, paused, resumed, ended. Doors; each brings the coming check-ins in line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from notifications.models import CheckInPlan, PlanStatus
from notifications.models.plan import MOST_TIMES, PAUSED_BY_HOLD

from .calling_off import call_off_plan
from .occurrences import cadence_of, replan, zone_of

CREATED = register_topic("check_in_plan.created")
CHANGED = register_topic("check_in_plan.changed")

CADENCE = ("times", "weekdays", "ends_on")


@dataclass(frozen=True, slots=True)
class NewPlan:
    """When to check in: local wall times and ISO weekdays, from and until which local dates (`ends_on` None: open)."""

    episode_id: UUID
    times: tuple[time, ...]
    weekdays: tuple[int, ...]
    starts_on: date | None = None
    ends_on: date | None = None


@transaction.atomic
def create_plan(*, new: NewPlan, actor: Actor) -> CheckInPlan:
    """Begin to check in with the client of an open episode of the actor's organization.

    Raises NotVisible, NotPermitted, Invalid (also `check_in_plan_over_cap`), Refused (`episode_not_open`,
    `sms_timezone_unknown`), Conflict `check_in_plan_exists`.
    """
    episode = Episode.objects.visible_to(actor).select_related("client", "organization").lock(new.episode_id)
    _require_owner(episode.organization_id, actor)
    if not episode.is_open or episode.stage == Stage.ON_HOLD:
        raise Refused("The episode is not open.", code="episode_not_open")
    zone = zone_of(episode.client, preferred=episode.organization.timezone)
    if zone is None:
        raise Refused("Nobody knows in which time zone the client lives.", code="sms_timezone_unknown")
    at = clock.now()
    starts_on = new.starts_on or at.astimezone(zone).date()
    _check(new.times, new.weekdays, starts_on=starts_on, ends_on=new.ends_on)
    plan = CheckInPlan(
        client=episode.client,
        episode=episode,
        organization=episode.organization,
        times=sorted(new.times),
        weekdays=sorted(new.weekdays),
        starts_on=starts_on,
        ends_on=new.ends_on,
        created_by=actor.id,
    )
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("The episode has a plan already.", code="check_in_plan_exists") from error
    replan(plan, at=at)
    emit(Event(CREATED, plan.id, plan.client_id, plan.organization_id), actor=actor)
    return plan


@transaction.atomic
def change_plan(*, plan_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> CheckInPlan:
    """Change a plan's cadence (`times`, `weekdays`, `ends_on`) or its `status`, with a `reason` unless it is resumed.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `check_in_plan_ended`, Refused `episode_not_open`.
    """
    plan = CheckInPlan.objects.visible_to(actor).select_related("client", "organization", "episode").lock(plan_id)
    _require_owner(plan.organization_id, actor)
    plan.require_version(version)
    if plan.status == PlanStatus.ENDED:
        raise Conflict("This plan has ended. Make a new one.", code="check_in_plan_ended")
    for name in CADENCE:
        if name in changes:
            setattr(plan, name, sorted(changes[name]) if name != "ends_on" else changes[name])
    _check(tuple(plan.times), tuple(plan.weekdays), starts_on=plan.starts_on, ends_on=plan.ends_on)
    if changes.get("status") == PlanStatus.ACTIVE and plan.episode.stage == Stage.ON_HOLD:
        raise Refused("The episode is on hold.", code="episode_not_open")
    set_status(plan, changes.get("status", plan.status), reason=changes.get("reason") or plan.reason, at=clock.now())
    emit(Event(CHANGED, plan.id, plan.client_id, plan.organization_id, {"status": str(plan.status)}), actor=actor)
    return plan


def set_status(plan: CheckInPlan, status: str, *, reason: str, at: datetime) -> None:
    """Save a locked plan with a status and bring its check-ins in line. Inner; an active plan has no reason."""
    plan.status = status
    plan.reason = "" if status == PlanStatus.ACTIVE else (reason or "staff_decision")
    plan.save_changes("times", "weekdays", "ends_on", "status", "reason", at=at)
    if status == PlanStatus.ACTIVE:
        replan(plan, at=at)
    elif status == PlanStatus.PAUSED:
        call_off_plan(plan, reason=PAUSED_BY_HOLD if reason == PAUSED_BY_HOLD else "plan_paused", at=at)
    else:
        call_off_plan(plan, reason="plan_ended", at=at)


def _require_owner(organization_id: UUID, actor: Actor) -> None:
    require_role(actor, CASE_MANAGER_AND_UP)
    if not actor.is_system and actor.organization_id != organization_id:
        raise NotPermitted("The organization that holds the episode plans its check-ins.")


def _check(times: tuple[time, ...], weekdays: tuple[int, ...], *, starts_on: date, ends_on: date | None) -> None:
    """Raise Invalid for a cadence that never falls due, or that the caps of SMS-05 would cut down."""
    try:
        cadence_of(times, weekdays)
    except ValueError as error:
        raise Invalid(fields={"times": [f"{str(error).capitalize()}."]}) from error
    if len(times) > MOST_TIMES or ends_on is not None and ends_on < starts_on:
        raise Invalid(fields={"ends_on": ["Not before the plan starts."]})
    days = len(set(weekdays))
    if len(times) > settings.SMS_MAX_PER_DAY or len(times) * days > settings.SMS_MAX_PER_WEEK:
        sentence = f"At most {settings.SMS_MAX_PER_DAY} text a day and {settings.SMS_MAX_PER_WEEK} a week."
        raise Invalid(sentence, code="check_in_plan_over_cap", fields={"weekdays": [sentence]})
