"""Moving plans between their statuses, with their check-ins. Inner: called inside doors, on locked plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Max

from casemgmt.episodes.models import StageMove
from casemgmt.episodes.stages import Stage
from notifications.models import CheckInPlan, PlanStatus
from notifications.models.plan import OTHER_CHANNEL, PAUSED_BY_CLIENT, PAUSED_BY_HOLD

from .calling_off import call_off_plan
from .occurrences import replan, zone_of
from .wishes import Wishes, wishes_of

SAVED = ("times", "weekdays", "phases", "starts_on", "ends_on", "status", "reason", "paused_until")
WISHED = (PAUSED_BY_CLIENT, OTHER_CHANNEL)  # pauses that the client's own next wish ends


def set_status(
    plan: CheckInPlan, status: str, *, reason: str, at: datetime, paused_until: datetime | None = None
) -> None:
    """Save a plan with a status and bring its check-ins in line; one that runs or waits has no reason."""
    plan.status = status
    plan.reason = "" if status in (PlanStatus.ACTIVE, PlanStatus.WAITING) else (reason or "staff_decision")
    plan.paused_until = paused_until if status == PlanStatus.PAUSED else None
    plan.save_changes(*SAVED, at=at)
    if status == PlanStatus.ACTIVE:
        replan(plan, at=at)
    elif status == PlanStatus.PAUSED:
        call_off_plan(plan, reason=PAUSED_BY_HOLD if reason == PAUSED_BY_HOLD else "plan_paused", at=at)
    elif status == PlanStatus.ENDED:
        call_off_plan(plan, reason="plan_ended", at=at)


def let_run(plan: CheckInPlan, *, at: datetime) -> None:
    """Let a plan run as far as the client's wishes go; one whose episode is on hold waits for that (CHK-09, T12)."""
    if plan.episode.stage == Stage.ON_HOLD:
        set_status(plan, PlanStatus.PAUSED, reason=PAUSED_BY_HOLD, at=at)
        return
    status, reason, until = standing(wishes_of(plan.client_id, plan.organization_id), at=at)
    set_status(plan, status, reason=reason, at=at, paused_until=until)


def standing(wishes: Wishes, *, at: datetime) -> tuple[PlanStatus, str, datetime | None]:
    """Return how a plan stands by the client's wishes alone: its status, why, and until when."""
    if wishes.elsewhere:
        return PlanStatus.PAUSED, OTHER_CHANNEL, None
    if wishes.paused_until is not None and wishes.paused_until > at:
        return PlanStatus.PAUSED, PAUSED_BY_CLIENT, wishes.paused_until
    return PlanStatus.ACTIVE, "", None


def begin(plan: CheckInPlan, *, entered_at: datetime, at: datetime) -> None:
    """Begin a waiting plan: so many of the client's days after its stage was entered, today at the earliest."""
    plan.starts_on = first_day(plan, entered_at=entered_at, at=at)
    let_run(plan, at=at)


def first_day(plan: CheckInPlan, *, entered_at: datetime, at: datetime) -> date:
    """Return the local day on which a plan starts that counts from a stage's beginning."""
    zone = zone_of(plan.client, preferred=plan.organization.timezone)
    entered, today = entered_at.astimezone(zone).date(), at.astimezone(zone).date()
    return max(entered + timedelta(days=plan.starts_after_days), today)


def entered_at(plan: CheckInPlan) -> datetime | None:
    """Return since when the episode of a plan has been in its present stage, as its ledger tells."""
    moves = StageMove.objects.filter(episode_id=plan.episode_id, enters=plan.episode.stage)
    found: datetime | None = moves.aggregate(last=Max("effective_at"))["last"]
    return found
