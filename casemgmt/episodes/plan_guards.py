"""Guards of the pathway about houses, plans and endings (G8-G13, T14). Pure; see guards.py for the others."""

from __future__ import annotations

from datetime import timedelta

from casemgmt.kernel.errors import Refusal
from casemgmt.kernel.lifecycle import Answer

from .facts import ContactFact, ContinuingCareFact, EnrollmentFact, Facts
from .guards import SEVERE
from .stages import Stage


def house(facts: Facts) -> Answer:
    """G8: the house is known, agreed to and consented to, fits the client's medication, and is not the only support.

    Without a planned house there is nothing to judge: G6 says so.
    """
    found = [_house_refusals(each, facts) for each in facts.chosen(Stage.SOBER_LIVING.value)]
    return min(found, key=len, default=()) + _support_beside_house(facts)


def _house_refusals(residence: EnrollmentFact, facts: Facts) -> tuple[Refusal, ...]:
    found = []
    if not residence.narr_level:
        remedy = "Store the residence's NARR level in the directory."
        found.append(Refusal("G8", "narr_level_missing", "The residence's NARR level is not on record.", remedy))
    if residence.house_agreement_at is None:
        remedy = "Go through the house agreement with the client and record that they acknowledged it."
        sentence = "The client has not acknowledged the house agreement."
        found.append(Refusal("G8", "house_agreement_missing", sentence, remedy))
    if residence.consent_names_it is not True:
        sentence = "No consent in force names the residence; the stock wording for providers does not cover a house."
        found.append(Refusal("G8", "consent_not_naming_residence", sentence, "Record a consent that names it (P2-22)."))
    if facts.wants_moud and residence.accepts_moud is not True:
        sentence = "The residence does not accept medication that the client takes, or has not said so."
        remedy = "Choose a residence that accepts it, or have the residence's answer recorded in the directory."
        found.append(Refusal("G8", "housing_moud_mismatch", sentence, remedy))
    return tuple(found)


def _support_beside_house(facts: Facts) -> tuple[Refusal, ...]:
    at_risk = facts.cssrs is not None and facts.cssrs.level in SEVERE
    low = facts.phq9 is not None and facts.phq9.value >= facts.policy.phq9_house_alone_below_points
    if not (at_risk or low) or facts.in_clinical_care:
        return ()
    sentence = "A screen or a score asks for clinical care beside the house, and none runs."
    return (Refusal("G8", "clinical_care_missing", sentence, "Begin therapy or IOP beside the residence."),)


def aftercare_plan(facts: Facts) -> Answer:
    """G9: a continuing-care plan with warning signs, check-ins or their refusal, a first check-up, a peer offered."""
    plan = facts.continuing_care
    if plan is None or plan.refused_at is not None:
        sentence = "There is no continuing-care plan."
        return Refusal("G9", "continuing_care_plan_missing", sentence, "Write the plan together with the client.")
    found = []
    if not plan.has_warning_signs:
        remedy = "Add the warning signs and the safety plan."
        found.append(Refusal("G9", "warning_signs_missing", "The plan names no warning signs.", remedy))
    if not (facts.check_ins_planned or plan.check_ins_refused):
        remedy = "Plan check-ins, or record that the client does not want any."
        found.append(Refusal("G9", "check_ins_not_planned", "No check-ins are planned.", remedy))
    if not _checkup_in_time(plan, facts):
        days = facts.policy.first_checkup_within_days
        sentence = f"No first recovery check-up within {days} days is planned."
        found.append(
            Refusal("G9", "first_checkup_missing", sentence, "Set the date of the first check-up in the plan.")
        )
    if not plan.peer_offer:
        remedy = "Offer a peer and record whether the client accepted or declined."
        found.append(Refusal("G9", "peer_not_offered", "The client has not been offered a peer.", remedy))
    return tuple(found)


def _checkup_in_time(plan: ContinuingCareFact, facts: Facts) -> bool:
    if plan.first_checkup_on is None or facts.at is None:
        return False
    today = facts.today
    return today <= plan.first_checkup_on <= today + timedelta(days=facts.policy.first_checkup_within_days)


def skip_reasoned(facts: Facts) -> Refusal | None:
    """G10: who passes over clinical support says why at some length, and what the client thinks of it."""
    length = facts.policy.skip_reason_characters
    if facts.says("skip_reason", length) and facts.says("client_view", 1):
        return None
    sentence = "This step passes over clinical support without a full reason or without the client's view."
    remedy = f"Tell the reason as `skip_reason` in {length} characters or more, and the client's view as `client_view`."
    return Refusal("G10", "skip_not_reasoned", sentence, remedy)


def continuing_care(facts: Facts) -> Refusal | None:
    """G11: the client was given a continuing-care plan, or their refusal of one is documented."""
    plan = facts.continuing_care
    if plan is not None and (plan.given_at is not None or plan.refused_at is not None):
        return None
    sentence = "The client has been given no continuing-care plan, and has refused none."
    remedy = "Give the client the plan and record it, or record that they declined one."
    return Refusal("G11", "continuing_care_not_given", sentence, remedy)


def no_serious_alert(facts: Facts) -> Refusal | None:
    """T14: nobody is completed while a critical or high alert is open."""
    if not facts.has_alert("high", "critical"):
        return None
    remedy = "See the client, then let a clinician lower or close the alert."
    return Refusal("T14", "serious_alert_open", "A high or critical risk alert is open.", remedy)


def sought(facts: Facts) -> Refusal | None:
    """G12: the client was sought often enough, by more than one way, over long enough."""
    policy = facts.policy
    attempts: list[ContactFact] = []
    for each in facts.contacts:
        attempts = [] if each.reached else [*attempts, each]
    span = (facts.day_of(attempts[-1].at) - facts.day_of(attempts[0].at)).days if attempts else 0
    enough = (
        len(attempts) >= policy.dropout_attempts_count,
        len({each.channel for each in attempts}) >= policy.dropout_channels_count,
        span >= policy.dropout_span_days,
    )
    if all(enough):
        return None
    sentence = "The client has not been sought enough to be called out of reach."
    remedy = (
        f"Record {policy.dropout_attempts_count} attempts or more to reach the client, by "
        f"{policy.dropout_channels_count} channels or more, over {policy.dropout_span_days} days or more."
    )
    return Refusal("G12", "contact_attempts_missing", sentence, remedy)


def handover(facts: Facts) -> Refusal | None:
    """G13: another organization accepted the client, and what it needs to know went there with the notice.

    The date of the hand-over and who confirmed it are told (`needs`).
    """
    accepted = facts.accepted_elsewhere()
    if not accepted:
        sentence = "No other organization has accepted a referral of this client."
        return Refusal("G13", "handover_not_accepted", sentence, "Send a referral and wait for its acceptance.")
    if any(each.disclosed_at is not None for each in accepted):
        return None
    sentence = "What the receiving organization needs to know has not been disclosed to it with the notice."
    remedy = "Record a consent that covers it and send the packet with the referral."
    return Refusal("G13", "handover_not_disclosed", sentence, remedy)
