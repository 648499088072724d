"""Guards of the pathway. Pure: they see Facts and answer None or a Refusal.

To refuse for a new reason, add a function here and name it in lifecycle.py. A guard that is not here does not exist:
nothing says yes in its place.
"""

from __future__ import annotations

from casemgmt.kernel.errors import Refusal
from casemgmt.kernel.lifecycle import Guard

from .facts import EnrollmentFact, Facts


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
    """G3: consent to receive service is signed or documented."""
    if facts.treatment_consent:
        return None
    sentence = "No consent to receive service is on record."
    return Refusal("G3", "treatment_consent_missing", sentence, "Record the client's consent to treatment.")


def provider_for(kind: str) -> Guard:
    """Return G6 for a stage: an enrollment with a provider, a place and, if elsewhere, an accepted referral."""

    def provider(facts: Facts) -> Refusal | None:
        """G6: somebody takes the client, has room, and may know of them."""
        there = [each for each in facts.enrollments if each.kind == kind]
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
    if not enrollment.has_place:
        sentence = "The program has no free place."
        return Refusal("G6", "capacity_full", sentence, "Choose another program or use the waitlist.")
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
