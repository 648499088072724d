"""Guards of referrals. Pure: they see ReferralFacts and answer None or a Refusal."""

from __future__ import annotations

from casemgmt.kernel.errors import Refusal

from .standing import ReferralFacts


def covered(facts: ReferralFacts) -> Refusal | None:
    """P2-20: a consent covers what is sent, to whom and what for, at this moment."""
    if facts.verdict is None or facts.verdict.permitted:
        return None
    lacks = facts.verdict.lacks
    sentence = " ".join(lack.sentence for lack in lacks)
    return Refusal("P2-20", lacks[0].code, sentence, "Record a consent that covers this referral, or send less.")


def receiver(facts: ReferralFacts) -> Refusal | None:
    """§9, sent: the receiver works with this system and its program takes people."""
    if facts.receiver_ready:
        return None
    sentence = "The program takes nobody now, or its organization does not work with this system."
    return Refusal("REF-04", "receiver_not_ready", sentence, "Choose another program.")


def alive(facts: ReferralFacts) -> Refusal | None:
    """T17: nobody is referred after death."""
    if facts.client_alive:
        return None
    return Refusal("T17", "client_deceased", "The client has died.", "Cancel the referral.")
