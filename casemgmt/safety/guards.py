"""What must hold before an alert is closed (SMS-65). Pure: guards see AlertFacts and answer None or a Refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from casemgmt.kernel.errors import Refusal
from casemgmt.policies.catalog import Policy

from .words import ContactOutcome, Disposition

RULE = "SMS-65"
WITH_CONTACT = frozenset({Disposition.SAFE_WITH_PLAN.value, Disposition.SAME_DAY_VISIT.value})


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What is known of an alert when a verb is judged. `attempts`: when somebody tried to reach the client, in vain."""

    at: datetime
    policy: Policy
    attempts: tuple[datetime, ...] = ()
    died: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)


def screened(facts: AlertFacts) -> Refusal | None:
    """SMS-65: the result of a C-SSRS, or why there is none."""
    if facts.told.get("cssrs_response") or str(facts.told.get("cssrs_not_done") or "").strip():
        return None
    remedy = "Name the recorded C-SSRS, or say why none was taken."
    return Refusal(RULE, "cssrs_missing", "There is neither a C-SSRS result nor a reason.", remedy)


def followed_up(facts: AlertFacts) -> Refusal | None:
    """SMS-65: somebody follows up within the time of the organization's policy, a day at most."""
    moment, latest = facts.told.get("follow_up_at"), facts.at + timedelta(hours=facts.policy.alert_follow_up_hours)
    if isinstance(moment, datetime) and facts.at < moment <= latest:
        return None
    sentence = f"The follow-up is not within {facts.policy.alert_follow_up_hours} hours from now."
    return Refusal(RULE, "follow_up_too_late", sentence, "Choose an earlier moment.")


def outcome_fits(facts: AlertFacts) -> Refusal | None:
    """SMS-65: nobody is safe by a plan without contact, nor unreachable after contact."""
    reached = facts.told.get("contact_outcome") != ContactOutcome.NOT_REACHED
    disposition = facts.told.get("disposition")
    if disposition == Disposition.UNABLE_TO_REACH and reached:
        return Refusal(RULE, "outcome_does_not_fit", "The client was reached.", "Choose another disposition.")
    if disposition in WITH_CONTACT and not reached:
        sentence = "The client was not reached, so nobody knows that this holds."
        return Refusal(RULE, "outcome_does_not_fit", sentence, "Choose another disposition.")
    return None


def attempted(facts: AlertFacts) -> Refusal | None:
    """SMS-65: nobody counts as unreachable before enough attempts over enough time."""
    count, hours = facts.policy.alert_attempts_count, facts.policy.alert_attempts_hours
    tried = sorted(facts.attempts)
    if len(tried) >= count and tried[-1] - tried[0] >= timedelta(hours=hours):
        return None
    sentence = f"There are no {count} attempts over {hours} hours to reach the client on record."
    return Refusal(RULE, "attempts_missing", sentence, "Go on trying, and note each attempt.")
