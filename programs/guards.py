"""Guards of enrollments. Pure: they see EnrollmentFacts and answer None, a Refusal, or several."""

from __future__ import annotations

from dataclasses import dataclass

from casemgmt.kernel.errors import Refusal

from .rules.combinations import Beside, Combination, against_exclusion, against_lack, against_leaving

MOVE_FIRST = "Move the episode first, or plan another enrollment of this kind."


@dataclass(frozen=True, slots=True)
class EnrollmentFacts:
    """What the guards of one enrollment judge.

    `following`: the pathway decided already and the enrollment goes along (STG-01). `own`: the program belongs to the
    episode's organization. `referred`: an accepted referral to the program's organization and kind, which a consent
    covers now. `lead`: the stage of the episode; of a held one (`paused`), the stage it resumes to. `beside`: the
    other open enrollments of the episode.
    """

    following: bool
    has_provider: bool
    notice_missing: bool
    own: bool
    referred: bool
    kind: str = ""
    lead: str = ""
    paused: bool = False
    beside: tuple[Beside, ...] = ()
    combinations: tuple[Combination, ...] = ()

    @property
    def leads(self) -> bool:
        """True when it is of the kind that the episode leads with."""
        return self.kind != "" and self.kind == self.lead


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


def plannable(facts: EnrollmentFacts) -> tuple[Refusal, ...]:
    """STG-01: a plan fits beside what stays; of the present lead's service the move itself disposes (T9)."""
    staying = {each.kind for each in facts.beside if each.kind != facts.lead}
    return against_exclusion(facts.kind, staying, facts.combinations) + accompanied(facts)


def apart(facts: EnrollmentFacts) -> tuple[Refusal, ...]:
    """STG-01: nothing runs beside what excludes it."""
    running = {each.kind for each in facts.beside if each.runs}
    return against_exclusion(facts.kind, running, facts.combinations)


def accompanied(facts: EnrollmentFacts) -> tuple[Refusal, ...]:
    """STG-01: nothing begins without the kinds it needs beside it, planned ones included."""
    return against_lack(facts.kind, {each.kind for each in facts.beside}, facts.combinations)


def not_needed(facts: EnrollmentFacts) -> tuple[Refusal, ...]:
    """STG-01: what another enrollment needs does not end before it."""
    return against_leaving(facts.kind, {each.kind for each in facts.beside}, facts.combinations)


def not_leading(facts: EnrollmentFacts) -> Refusal | None:
    """STG-01: the last open enrollment of the lead's kind stays; the pathway moves first."""
    if not facts.leads or any(each.kind == facts.lead for each in facts.beside):
        return None
    sentence = f"The episode leads with {facts.lead}, and this is its last open enrollment of that kind."
    return Refusal("STG-01", "lead_stage_needs_it", sentence, MOVE_FIRST)


def goes_on_leading(facts: EnrollmentFacts) -> Refusal | None:
    """STG-01, T11: the lead's only service does not pause by itself; the episode is put on hold, with a review date."""
    others = any(each.kind == facts.lead and each.status != "on_hold" for each in facts.beside)
    if facts.paused or not facts.leads or others:
        return None
    sentence = f"The episode leads with {facts.lead}, and no other enrollment of that kind goes on."
    return Refusal("STG-01", "lead_stage_needs_it", sentence, "Put the episode on hold (T11), or move it first.")
