"""Guards of referrals. Pure: they see ReferralFacts and answer None or a Refusal."""

from __future__ import annotations

from casemgmt.kernel.errors import Refusal

from .standing import ReferralFacts
from .words import Outcome

NO_SHOW_TRIES = 2  # §9: two rebook tries first


def covered(facts: ReferralFacts) -> Refusal | None:
    """P2-20: a consent covers what is sent, to whom and what for, at this moment."""
    if facts.verdict is None or facts.verdict.permitted:
        return None
    lacks = facts.verdict.lacks
    sentence = " ".join(lack.sentence for lack in lacks)
    return Refusal("P2-20", lacks[0].code, sentence, "Record a consent that covers this referral, or send less.")


def not_yet_covered(facts: ReferralFacts) -> Refusal | None:
    """§9, consent_pending: something is missing; otherwise there is nothing to wait for."""
    if facts.verdict is None or not facts.verdict.permitted:
        return None
    sentence = "A consent covers this referral already."
    return Refusal("9-consent_pending", "consent_covers", sentence, "Make it ready, or send it.")


def receiver(facts: ReferralFacts) -> Refusal | None:
    """§9, sent: the receiver's program takes people. Without accounts the receiver answers by a link (F3)."""
    if facts.receiver_ready:
        return None
    sentence = "The program takes nobody now."
    return Refusal("REF-04", "receiver_not_ready", sentence, "Choose another program.")


def alive(facts: ReferralFacts) -> Refusal | None:
    """T17: nobody is referred after death."""
    if facts.client_alive:
        return None
    return Refusal("T17", "client_deceased", "The client has died.", "Cancel the referral.")


def visit_to_come(facts: ReferralFacts) -> Refusal | None:
    """§9, scheduled: an appointment lies ahead."""
    if facts.appointment_ahead:
        return None
    sentence = "The appointment lies in the past, or more than a year ahead."
    return Refusal("9-scheduled", "appointment_not_ahead", sentence, "Give the time of the first visit.")


def visit_over(facts: ReferralFacts) -> Refusal | None:
    """§9, in_progress: the first visit was attended, after the referral was sent."""
    if facts.visit_was:
        return None
    sentence = "The first visit is not over yet, or lies before the referral was sent."
    return Refusal("9-in_progress", "visit_not_over", sentence, "Give the time at which the client came.")


def rebooked(facts: ReferralFacts) -> Refusal | None:
    """§9, ended for no-show: another time was offered twice before."""
    if not facts.gives_up or facts.no_shows >= NO_SHOW_TRIES:
        return None
    sentence = f"The client missed {facts.no_shows} of {NO_SHOW_TRIES} further appointments. Offer another time first."
    return Refusal("9-failed", "rebook_first", sentence, "Rebook the first visit.")


def seen_first(facts: ReferralFacts) -> Refusal | None:
    """F3: without an attended first visit the loop closes only by the coded word that nobody is needed."""
    if facts.outcome == Outcome.NOT_NEEDED:
        return None
    sentence = "The first visit has not taken place."
    return Refusal("9-completed", "visit_first", sentence, "Start it with the first visit, or say it is not needed.")


def client_said_so(facts: ReferralFacts) -> Refusal | None:
    """REF-08: the sender closes a loop only on the client's word."""
    if facts.client_confirmed:
        return None
    sentence = "The client has not confirmed that the service took place."
    return Refusal("REF-08", "client_not_asked", sentence, "Ask the client, or wait for the receiver.")
