"""What the guards judge: one frozen value, gathered by the table `casemgmt/fact_sources.py`, stored with every move.

Each room fills its own fields, with moments (aware UTC) and ids, and judges nothing. An unknown is None, never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from casemgmt.policies.catalog import Policy

from .stages import CLINICAL


@dataclass(frozen=True, slots=True)
class EnrollmentFact:
    """One open enrollment of the episode's client. `has_place` is True when capacity is free, held, or not limited.

    What follows `has_place` is told of recovery residences only (G8); None is unknown.
    """

    id: str
    kind: str
    status: str
    organization_id: str
    program_id: str
    provider_id: str | None
    has_place: bool
    narr_level: str | None = None
    house_agreement_at: datetime | None = None
    accepts_moud: bool | None = None
    consent_names_it: bool | None = None  # P2-22
    paused_with_episode: bool = False  # on hold with its episode only, and goes on with it (T11, T12)


@dataclass(frozen=True, slots=True)
class ReferralFact:
    """One live referral of the client. `covered`: a consent permits its disclosure now.

    `disclosed_at`: when its packet left with the notice (G13), None while it did not.
    """

    id: str
    kind: str
    stage: str
    organization_id: str
    program_id: str
    covered: bool
    disclosed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertFact:
    """One open risk alert of the client at the episode's organization. Severity: low, moderate, high, critical."""

    id: str
    severity: str


@dataclass(frozen=True, slots=True)
class ScoreFact:
    """The last answer in force to one instrument (or item): its number and when the client gave it."""

    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TriageFact:
    """The last C-SSRS screener in force: none, low, moderate or high (MSR-06), and when."""

    level: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LevelOfCareFact:
    """The last level of care that a clinician signed for the episode (G5)."""

    id: str
    edition: int
    code: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class ContinuingCareFact:
    """The continuing-care plan in force (G9, G11). `refused_at`: the client declined one and that is documented."""

    id: str
    given_at: datetime | None = None
    refused_at: datetime | None = None
    has_warning_signs: bool = False
    check_ins_refused: bool = False
    first_checkup_on: date | None = None
    peer_offer: str = ""  # accepted, declined; '' not offered


@dataclass(frozen=True, slots=True)
class ContactFact:
    """One attempt to reach the client (G12)."""

    at: datetime
    channel: str
    reached: bool


@dataclass(frozen=True, slots=True)
class DoseFact:
    """What was attended of one running enrollment in the last week that is over (from `monday` on) and the one before.

    `minimum_minutes` is what CLN-02 asks of a week, None where it asks nothing. `no_shows_in_a_row` counts since the
    client last came. For people to weigh: no guard refuses for it, because no rule of the pathway (§8) names it.
    """

    enrollment_id: str
    kind: str
    monday: date
    minutes: int
    minutes_before: int
    minimum_minutes: int | None
    no_shows_in_a_row: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about an episode that a guard may ask, as of `at`. `told` is what the caller gives the verb."""

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
    # programs.facts, referrals.facts (G6, G8, G13)
    enrollments: tuple[EnrollmentFact, ...]
    referrals: tuple[ReferralFact, ...]
    treatment_consent_at: datetime | None = None  # when the last one in force was signed (T18)
    # casemgmt.measures.facts (G4, G7, G8, T9): responses in force of the client that the organization recorded
    cssrs: TriageFact | None = None
    phq9: ScoreFact | None = None
    phq9_item_9: ScoreFact | None = None
    gad7: ScoreFact | None = None
    measured_at: Mapping[str, datetime] = field(default_factory=dict)  # instrument -> last time
    # casemgmt.safety.facts (G4, G7, T14)
    alerts: tuple[AlertFact, ...] = ()
    # casemgmt.guidance.facts (G7, G8): None where nobody said
    psychosis_or_mania: bool | None = None
    wants_moud: bool | None = None
    # casemgmt.chart.facts (G5, G9, G11, G12, T19)
    level_of_care: LevelOfCareFact | None = None
    continuing_care: ContinuingCareFact | None = None
    contacts: tuple[ContactFact, ...] = ()  # since the client was last reached, oldest first
    returns_to_use: tuple[str, ...] = ()  # ids of those recorded for this episode
    # casemgmt.sessions.facts (CLN-02, F9)
    doses: tuple[DoseFact, ...] = ()
    # notifications.facts (G9)
    check_ins_planned: bool = False
    # the pathway itself
    opened_at: datetime | None = None
    came_back: bool = False  # the episode followed an ended one (T18)
    consent_counts_from: datetime | None = None  # of who came back late: what was signed before counts no more (T18)
    at: datetime | None = None
    zone: str = "UTC"  # in which the organization counts its days, an IANA name
    policy: Policy = Policy()
    told: Mapping[str, Any] = field(default_factory=dict)

    def day_of(self, moment: datetime) -> date:
        """Return the organization's calendar date of a moment (aware)."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    @property
    def today(self) -> date:
        """The organization's calendar date of `at`."""
        assert self.at is not None, "asked where it is known what time it is"
        return self.day_of(self.at)

    def enrolled_in(self, kind: str) -> bool:
        """True when the client takes part in a program of `kind` now, or will when the hold of the episode ends."""
        there = (each for each in self.enrollments if each.kind == kind)
        return any(each.status == "active" or each.paused_with_episode for each in there)

    @property
    def in_clinical_care(self) -> bool:
        """True when the client takes part in IOP or therapy now (G4, G8)."""
        return any(self.enrolled_in(kind) for kind in CLINICAL)

    def has_alert(self, *severities: str) -> bool:
        """True when a risk alert of one of these severities is open."""
        return any(each.severity in severities for each in self.alerts)

    def says(self, name: str, characters: int) -> bool:
        """True when a text of at least so many characters was told under a name; blanks around it do not count."""
        return len(str(self.told.get(name) or "").strip()) >= characters

    def chosen(self, kind: str) -> tuple[EnrollmentFact, ...]:
        """Return the open enrollments of a kind; only those with the told peer or residence if one fits."""
        there = tuple(each for each in self.enrollments if each.kind == kind)
        named = {str(self.told[name]) for name in ("peer", "residence") if self.told.get(name)}
        return tuple(each for each in there if {each.provider_id, each.program_id} & named) or there

    def accepted_elsewhere(self) -> tuple[ReferralFact, ...]:
        """Return the referrals another organization accepted; only those of the told receiver if one fits (G13)."""
        found = [each for each in self.referrals if each.stage == "accepted"]
        there = tuple(each for each in found if each.organization_id != self.organization_id)
        named = str(self.told.get("receiving_organization") or "")
        return tuple(each for each in there if each.organization_id == named) or there
