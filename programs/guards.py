"""Guards of enrollments. Pure: they see EnrollmentFacts and answer None or a Refusal."""

from __future__ import annotations

from dataclasses import dataclass

from casemgmt.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class EnrollmentFacts:
    """What the guards of one enrollment judge.

    `following`: the pathway decided already and the enrollment goes along (STG-01). `own`: the program belongs to the
    episode's organization. `referred`: an accepted referral to the program's organization and kind, which a consent
    covers now.
    """

    following: bool
    has_provider: bool
    notice_missing: bool
    own: bool
    referred: bool


def provider(facts: EnrollmentFacts) -> Refusal | None:
    """G6: the enrollment names who provides the service."""
    if facts.has_provider:
        return None
    sentence = "The planned enrollment names nobody who provides the service."
    return Refusal("G6", "provider_missing", sentence, "Name the provider in the enrollment.")


def notice(facts: EnrollmentFacts) -> Refusal | None:
    """G2: no service before the Part 2 notice (P2-26)."""
    if not facts.notice_missing:
        return None
    sentence = "The client has not been given the notice of 42 CFR Part 2."
    return Refusal("G2", "part2_notice_missing", sentence, "Give the notice and record its delivery.")


def referral(facts: EnrollmentFacts) -> Refusal | None:
    """G6: another organization takes part only after it accepted a referral that a consent covers."""
    if facts.own or facts.referred:
        return None
    sentence = "The program belongs to another organization that has not accepted a referral covered by a consent."
    return Refusal("G6", "referral_not_accepted", sentence, "Send a referral and wait for its acceptance.")
