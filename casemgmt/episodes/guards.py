"""Guards of the pathway: entering care and stepping between its stages (G1-G7, T9). Pure.

They see Facts and answer None, a Refusal, or several; plan_guards.py holds those about houses, plans and endings. To
refuse for a new reason, add a function and name it in rules.py. A guard that is not there does not exist: nothing says
yes in its place. Sentences name no score and no answer of a client: whoever may look ahead may read them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from casemgmt.kernel.errors import Refusal
from casemgmt.kernel.lifecycle import Answer, Guard

from .facts import EnrollmentFact, Facts
from .stages import CLINICAL, Stage

SEVERE = ("moderate", "high")  # of the C-SSRS screener: what a peer or a house cannot carry alone (G7, G8)
LEVELS = {Stage.IOP: {3: "2.1", 4: "2.1"}, Stage.THERAPY: {3: "1", 4: "1.5"}}  # edition -> code (rules.md 3.1)
NOT_A_MEASURE = "cssrs"  # a safety screen, which G4 asks for; it says nothing of progress


def identity(facts: Facts) -> Refusal | None:
    """G1: name, date of birth, one contact route, residence state."""
    wanted = {
        "a name": facts.has_name,
        "a date of birth": facts.has_birth_date,
        "a way to reach the client": facts.has_contact_route,
        "the state of residence": facts.has_residence_state,
    }
    missing = [what for what, there in wanted.items() if not there]
    if not missing:
        return None
    sentence = f"The client's record lacks {', '.join(missing)}."
    return Refusal("G1", "identity_incomplete", sentence, "Complete the client's record.")


def notice(facts: Facts) -> Refusal | None:
    """G2: the Part 2 notice was delivered when the organization is a program (P2-26)."""
    if not facts.notice_required or facts.notice_delivered:
        return None
    sentence = "The client has not been given the notice of 42 CFR Part 2."
    return Refusal("G2", "part2_notice_missing", sentence, "Give the notice and record its delivery.")


def treat(facts: Facts) -> Refusal | None:
    """G3: consent to receive service is signed or documented; of who came back late, anew (T18)."""
    if not facts.treatment_consent:
        sentence = "No consent to receive service is on record."
        return Refusal("G3", "treatment_consent_missing", sentence, "Record the client's consent to treatment.")
    since, signed = facts.consent_counts_from, facts.treatment_consent_at
    if since is None or (signed is not None and signed >= since):
        return None
    sentence = "The client came back too late for the consent to receive service of the earlier episode to hold on."
    return Refusal("G3", "treatment_consent_outdated", sentence, "Record the client's consent to treatment anew.")


def safety_for(target: Stage) -> Guard:
    """Return G4 for a stage: screened lately, no critical alert, a high one only with clinical care."""

    def safety(facts: Facts) -> Answer:
        """G4: a fresh safety screen, no open critical alert; an open high one only with clinical care."""
        with_care = target in CLINICAL or facts.in_clinical_care
        return _screened(facts) + _critical(facts) + (() if with_care else _high(facts))

    return safety


def safety_stepping_up(facts: Facts) -> Answer:
    """G4: as for other steps, but an open high alert does not stand against more support (T8)."""
    return _screened(facts) + _critical(facts)


def _screened(facts: Facts) -> tuple[Refusal, ...]:
    days = facts.policy.safety_screen_valid_days
    screens = (facts.cssrs, facts.phq9_item_9)
    taken = (screen.at for screen in screens if screen is not None)
    if any(_recent(facts, at, days=days) and _of_this_episode(facts, at) for at in taken):
        return ()
    sentence = f"No safety screen of the last {days} days is on record."
    remedy = "Take the C-SSRS screener, or the PHQ-9 with its ninth item, and record it."
    return (Refusal("G4", "safety_screen_outdated", sentence, remedy),)


def _critical(facts: Facts) -> tuple[Refusal, ...]:
    if not facts.has_alert("critical"):
        return ()
    remedy = "See the client, then let a clinician lower or close the alert."
    return (Refusal("G4", "critical_alert_open", "A critical risk alert is open.", remedy),)


def _high(facts: Facts) -> tuple[Refusal, ...]:
    if not facts.has_alert("high"):
        return ()
    sentence = "A high risk alert is open, and no clinical care runs beside this stage."
    remedy = "Let a clinician lower or close the alert, begin therapy or IOP beside it, or choose a clinical stage."
    return (Refusal("G4", "high_alert_open", sentence, remedy),)


def level_for(target: Stage) -> Guard:
    """Return G5 for a clinical stage: the level of care a clinician signed leads there."""

    def level(facts: Facts) -> Refusal | None:
        """G5: a clinician signed the level of care lately, and it leads here or a reason says why not."""
        signed, days = facts.level_of_care, facts.policy.loc_valid_days
        if signed is None:
            sentence = "No clinician has signed a level of care."
            return Refusal(
                "G5", "level_of_care_missing", sentence, "Let a clinician assess and sign the level of care."
            )
        if not _recent(facts, signed.signed_at, days=days):
            sentence = f"The level of care was signed more than {days} days ago."
            return Refusal("G5", "level_of_care_outdated", sentence, "Let a clinician assess and sign it again.")
        wanted = LEVELS[target].get(signed.edition)
        if signed.code == wanted or facts.says("divergence_reason", facts.policy.skip_reason_characters):
            return None
        sentence = "The level of care that was signed leads to another stage."
        remedy = (
            f"Choose the stage that it leads to, sign another level, or tell as `divergence_reason` why this stage, "
            f"in {facts.policy.skip_reason_characters} characters or more."
        )
        return Refusal("G5", "level_of_care_differs", sentence, remedy)

    return level


def provider_for(kind: str) -> Guard:
    """Return G6 for a stage: an enrollment with a provider, a place and, if elsewhere, an accepted referral."""

    def provider(facts: Facts) -> Refusal | None:
        """G6: somebody takes the client, has room, and may know of them."""
        there = facts.chosen(kind)
        if not there:
            sentence = f"The client is not enrolled in a program of the kind {kind}."
            return Refusal("G6", "provider_missing", sentence, "Plan an enrollment in such a program.")
        reasons = [_provider_refusal(each, facts) for each in there]
        return None if None in reasons else reasons[0]

    return provider


def _provider_refusal(enrollment: EnrollmentFact, facts: Facts) -> Refusal | None:
    if enrollment.provider_id is None:
        sentence = "The planned enrollment names nobody who provides the service."
        return Refusal("G6", "provider_missing", sentence, "Name the provider in the enrollment.")
    if not enrollment.has_place and not facts.says("capacity_override_reason", 1):
        sentence = "The program has no free place."
        remedy = (
            "Choose another program, use the waitlist, or let a supervisor tell as `capacity_override_reason` why "
            "this client comes in all the same."
        )
        return Refusal("G6", "capacity_full", sentence, remedy)
    if enrollment.organization_id == facts.organization_id:
        return None
    accepted = [
        each
        for each in facts.referrals
        if each.organization_id == enrollment.organization_id
        and each.kind == enrollment.kind
        and each.stage == "accepted"
    ]
    if not accepted:
        sentence = "The program belongs to another organization that has not accepted a referral."
        return Refusal("G6", "referral_not_accepted", sentence, "Send a referral and wait for its acceptance.")
    if not any(each.covered for each in accepted):
        sentence = "No consent in force covers the other organization."
        return Refusal("G6", "consent_not_covering", sentence, "Record a consent that names it.")
    return None


def peer_safe(facts: Facts) -> Refusal | None:
    """G7: peer support leads only where no screen, score, flag or alert asks for clinical care (DG-02)."""
    policy = facts.policy
    asks_for_more = (
        facts.cssrs is not None and facts.cssrs.level in SEVERE,
        facts.phq9 is not None and facts.phq9.value >= policy.phq9_peer_alone_below_points,
        facts.gad7 is not None and facts.gad7.value >= policy.gad7_peer_alone_below_points,
        facts.psychosis_or_mania is True,
        facts.has_alert("high", "critical"),
    )
    if not any(asks_for_more):
        return None
    sentence = "A screen, a score, a recorded observation or an open alert asks for more than peer support alone."
    remedy = "Choose a clinical stage, with a peer beside it if the client wants one, or measure again when it changed."
    return Refusal("G7", "peer_alone_unsafe", sentence, remedy)


def measured_lately(facts: Facts) -> Refusal | None:
    """T9: a step down rests on measures of the last days, not on a day count (CLN-01)."""
    days = facts.policy.measures_valid_days
    taken = [at for instrument, at in facts.measured_at.items() if instrument != NOT_A_MEASURE]
    if any(_recent(facts, at, days=days) for at in taken):
        return None
    sentence = f"No measure of the last {days} days is on record."
    return Refusal("T9", "measures_outdated", sentence, "Take the client's measures again and record them.")


def _of_this_episode(facts: Facts, moment: datetime) -> bool:
    """True unless the client came back after `moment`: who comes back is screened anew, however soon (T18)."""
    return not facts.came_back or (facts.opened_at is not None and moment >= facts.opened_at)


def _recent(facts: Facts, moment: datetime, *, days: int) -> bool:
    """True when a moment is not longer ago than `days`; where nobody says what time it is, nothing is recent."""
    return facts.at is not None and facts.at - moment <= timedelta(days=days)
