"""What the guards judge: one frozen value, gathered by the table `casemgmt/fact_sources.py`, stored with every move."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnrollmentFact:
    """One open enrollment of the episode's client. `has_place` is True when capacity is free, held, or not limited."""

    id: str
    kind: str
    status: str
    organization_id: str
    program_id: str
    provider_id: str | None
    has_place: bool


@dataclass(frozen=True, slots=True)
class ReferralFact:
    """One live referral of the client. `covered`: a consent permits its disclosure now."""

    id: str
    kind: str
    stage: str
    organization_id: str
    program_id: str
    covered: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about an episode that a guard may ask, as of one moment."""

    organization_id: str
    # casemgmt.clients.facts (G1)
    has_name: bool
    has_birth_date: bool
    has_contact_route: bool
    has_residence_state: bool
    # casemgmt.consent.facts (G2, G3)
    notice_required: bool
    notice_delivered: bool
    treatment_consent: bool
    # programs.facts, referrals.facts (G6)
    enrollments: tuple[EnrollmentFact, ...]
    referrals: tuple[ReferralFact, ...]

    def enrolled_in(self, kind: str) -> bool:
        """True when the client takes part in a program of `kind` now."""
        return any(each.kind == kind and each.status == "active" for each in self.enrollments)
