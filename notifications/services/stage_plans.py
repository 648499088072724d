"""Plans that follow the pathway: the default of a lead stage, and plans that begin or end with one (STG-13).

Inner: called inside the transaction that moved the episode, or by which the client agreed to texts.
"""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import TERMINAL, Stage
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from notifications.models import CheckInPlan, PlanSource, PlanStatus, TextingConsent, TextingState
from notifications.models.plan import PAUSED_BY_HOLD
from notifications.presets import preset_of

from .occurrences import replan, zone_of
from .plan_status import begin, let_run, set_status, standing
from .planning import CREATED
from .wishes import wishes_of

BY_HAND = ("staff_decision", "client_request")
LEFT = "stage_left"  # a plan's reason: the stage it belonged to is over


def follow_stage(episode: Episode, stage: str, *, keep_on_hold: bool, at: datetime) -> None:
    """Bring every open plan of an episode in line with the stage that it just entered.

    A hold pauses unless it keeps the check-ins, the way back resumes, an end ends (T7, T11, T12, T14-T17).
    """
    for plan in CheckInPlan.objects.open().filter(episode=episode).hold():
        plan.episode = episode
        if stage in TERMINAL:
            set_status(plan, PlanStatus.ENDED, reason=f"episode_{stage}", at=at)
        elif stage == Stage.ON_HOLD:
            if plan.status == PlanStatus.ACTIVE and not keep_on_hold:
                set_status(plan, PlanStatus.PAUSED, reason=PAUSED_BY_HOLD, at=at)
        elif plan.status == PlanStatus.WAITING:
            if plan.starts_stage == stage:
                begin(plan, entered_at=at, at=at)
        elif plan.stage not in ("", stage):
            set_status(plan, PlanStatus.ENDED, reason=LEFT, at=at)
        elif plan.reason == PAUSED_BY_HOLD:
            let_run(plan, at=at)


def begin_for_client(client_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Begin the defaults of the stages in which a client is who just agreed to texts (STG-13, SMS-03)."""
    spells = Episode.objects.open().filter(client_id=client_id).select_related("client", "organization")
    for episode in spells.order_by("id"):
        begin_default(episode, str(episode.stage), at=at, actor=actor)


def begin_default(episode: Episode, stage: str, *, at: datetime, actor: Actor) -> None:
    """Make the plan of an episode's lead stage unless it stands already (STG-13).

    None is made for who never agreed to texts, whose zone nobody knows, or whose organization wants none: a plan whose
    every check-in would be refused says nothing. The client's pause or other channel holds for it too (CHK-09).
    """
    client, organization = episode.client, episode.organization
    if client.deceased or not _agreed(client.id) or _ended_by_hand(episode, stage):
        return
    preset = preset_of(stage, policy_of(organization.id))
    zone = zone_of(client, preferred=organization.timezone)
    if preset is None or zone is None:
        return
    status, reason, until = standing(wishes_of(client.id, organization.id), at=at)
    plan = CheckInPlan(
        client=client,
        episode=episode,
        organization=organization,
        source=PlanSource.STAGE,
        stage=stage,
        times=[time(*divmod(preset.minute, 60))],
        weekdays=[],
        phases=[[phase.after_days, phase.rule] for phase in preset.phases],
        starts_on=at.astimezone(zone).date(),
        status=status,
        reason=reason,
        paused_until=until,
    )
    # two transactions may begin it at once: the one plan of a stage per episode is PostgreSQL's to keep
    CheckInPlan.objects.bulk_create([plan], ignore_conflicts=True)
    for made in CheckInPlan.objects.filter(pk=plan.pk).hold():
        if made.status == PlanStatus.ACTIVE:
            replan(made, at=at)
        emit(Event(CREATED, made.id, made.client_id, made.organization_id, {"source": "stage"}), actor=actor)


def _agreed(client_id: UUID) -> bool:
    """True when a live number of the client's takes our texts, by the client's word."""
    consents = TextingConsent.objects.filter(client_id=client_id, state=TextingState.OPTED_IN)
    return consents.filter(contact_point__ended_at__isnull=True, contact_point__preferred=True).exists()


def _ended_by_hand(episode: Episode, stage: str) -> bool:
    """True when somebody ended the default of this stage: it does not come back with the end of a hold."""
    plans = CheckInPlan.objects.filter(episode=episode, source=PlanSource.STAGE)
    last = plans.order_by("-id").first()
    ended = last is not None and last.status == PlanStatus.ENDED and last.stage == stage
    return ended and last is not None and last.reason in BY_HAND
