"""Doors to continuing-care plans (G9, G11): writing one, its next version, giving it to the client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from casemgmt.chart.models import ContinuingCarePlan
from casemgmt.chart.schedule import last_first_checkup, local_day
from casemgmt.chart.words import WRITES_PLANS
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid
from casemgmt.kernel.events import topic as register_topic
from casemgmt.policies.services import policy_of

from . import entries
from .checkups import move_first_checkup
from .stays import lead_since, zone_of

WRITTEN = register_topic("continuing_care.written")
AMENDED = register_topic("continuing_care.amended")
GIVEN = "The client was given a copy."


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What a version of the plan says. Moments are aware UTC, `first_checkup_on` a local day of the organization.

    `refused_at` with `refusal_note` documents that the client declined to have a plan.
    """

    goals: str = ""
    warning_signs: str = ""
    supports: str = ""
    given_at: datetime | None = None
    refused_at: datetime | None = None
    refusal_note: str = ""
    check_ins_refused: bool = False
    first_checkup_on: date | None = None
    peer_offer: str = ""


@transaction.atomic
def write_plan(*, episode_id: UUID, new: NewPlan, actor: Actor) -> ContinuingCarePlan:
    """Write the first version of an open episode's plan.

    Raises NotVisible, NotPermitted, Refused (`episode_ended`, `client_deceased`), Conflict `plan_exists`, Invalid.
    """
    episode = entries.lock_own_episode(episode_id, actor=actor)
    entries.require_writer(actor, WRITES_PLANS)
    entries.require_open(episode)
    if ContinuingCarePlan.objects.filter(episode=episode).exists():
        raise Conflict("There is a plan. Amend its latest version.", code="plan_exists")
    at = clock.now()
    row = _row(new, at=at)
    _require_in_time(row.first_checkup_on, episode=episode, at=at)
    entries.begin(row, episode=episode, at=at, actor=actor)
    return _settle(WRITTEN, row, episode=episode, at=at, actor=actor)


@transaction.atomic
def amend_plan(*, plan_id: UUID, new: NewPlan, reason: str, actor: Actor) -> ContinuingCarePlan:
    """Write the next version of a plan.

    Raises NotVisible, NotPermitted, Invalid, Conflict `already_amended` when somebody wrote a newer one.
    """
    old, episode = _own(plan_id, actor=actor)
    at = clock.now()
    row = _row(new, at=at)
    if row.first_checkup_on != old.first_checkup_on:
        _require_in_time(row.first_checkup_on, episode=episode, at=at)
    entries.amend(old, row, reason=reason, at=at, actor=actor)
    return _settle(AMENDED, row, episode=episode, at=at, actor=actor)


@transaction.atomic
def give_plan(*, plan_id: UUID, given_at: datetime | None, actor: Actor) -> ContinuingCarePlan:
    """Record, as the plan's next version, that the client was given a copy (aware UTC; None: now).

    Raises NotVisible, NotPermitted, Invalid, Conflict (`already_amended`, `plan_not_in_force`).
    """
    old, _ = _own(plan_id, actor=actor)
    if old.withdrawn or old.refused_at is not None:
        raise Conflict("There is no plan here that could be given.", code="plan_not_in_force")
    at = clock.now()
    entries.require_past(given_at, at=at, field="given_at")
    row = entries.copy_of(old, given_at=given_at or at)
    entries.amend(old, row, reason=GIVEN, at=at, actor=actor)
    entries.tell(AMENDED, row, actor=actor)
    return row


@transaction.atomic
def withdraw_plan(*, plan_id: UUID, reason: str, actor: Actor) -> ContinuingCarePlan:
    """Take out of force a plan that was entered in error; a later version may put one back.

    Raises NotVisible, NotPermitted, Invalid, Conflict (`already_amended`, `already_withdrawn`).
    """
    old, _ = _own(plan_id, actor=actor)
    row = entries.withdraw(old, reason=reason, at=clock.now(), actor=actor)
    entries.tell(AMENDED, row, actor=actor)
    return row


def _own(plan_id: UUID, *, actor: Actor) -> tuple[ContinuingCarePlan, Episode]:
    found: ContinuingCarePlan = ContinuingCarePlan.objects.visible_to(actor).fetch(plan_id)
    entries.require_writer(actor, WRITES_PLANS)
    return found, entries.lock_own_episode(found.episode_id, actor=actor)


def _row(new: NewPlan, *, at: datetime) -> ContinuingCarePlan:
    entries.require_past(new.given_at, at=at, field="given_at")
    entries.require_past(new.refused_at, at=at, field="refused_at")
    goals, note = new.goals.strip(), new.refusal_note.strip()
    if new.refused_at is None and note:
        raise Invalid(fields={"refused_at": ["Say when the client declined a plan."]})
    if new.refused_at is None and not goals:
        raise Invalid(fields={"goals": ["Say what the client goes on with, or document the refusal of a plan."]})
    if new.refused_at is not None and not note:
        raise Invalid(fields={"refusal_note": ["Document what the client said."]})
    if new.refused_at is not None and new.given_at is not None:
        raise Invalid(fields={"given_at": ["What the client declined was not given."]})
    return ContinuingCarePlan(
        goals=goals,
        warning_signs=new.warning_signs.strip(),
        supports=new.supports.strip(),
        given_at=new.given_at,
        refused_at=new.refused_at,
        refusal_note=note,
        check_ins_refused=new.check_ins_refused,
        first_checkup_on=new.first_checkup_on,
        peer_offer=new.peer_offer,
    )


def _require_in_time(day: date | None, *, episode: Episode, at: datetime) -> None:
    """Raise Invalid unless the first check-up is to come, and soon enough after aftercare begins (G9, CLN-20)."""
    if day is None:
        return
    zone, policy = zone_of(episode), policy_of(episode.organization_id)
    today = local_day(at, zone=zone)
    began = local_day(lead_since(episode), zone=zone) if episode.lead == Stage.AFTERCARE else today
    if not today <= day <= last_first_checkup(began, policy=policy):
        sentence = f"From today, within {policy.first_checkup_within_days} days after aftercare begins (G9)."
        raise Invalid(code="first_checkup_too_late", fields={"first_checkup_on": [sentence]})


def _settle(topic: str, row: ContinuingCarePlan, *, episode: Episode, at: datetime, actor: Actor) -> ContinuingCarePlan:
    if episode.lead == Stage.AFTERCARE and row.first_checkup_on is not None:
        move_first_checkup(episode, to=row.first_checkup_on, at=at, actor=actor)
    entries.tell(topic, row, actor=actor)
    return row
