"""Facts written down by hand: everything a guard may ask is there, and one value each that fails one guard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from casemgmt.accounts.roles import Role
from casemgmt.episodes.facts import (
    AlertFact,
    ContactFact,
    ContinuingCareFact,
    EnrollmentFact,
    Facts,
    LevelOfCareFact,
    ReferralFact,
    ScoreFact,
    TriageFact,
)
from casemgmt.episodes.models import Episode
from casemgmt.kernel.actor import Actor, ActorKind

from .table import CARE

AT = datetime(2026, 1, 5, 15, tzinfo=UTC)
HERE = "00000000-0000-7000-8000-000000000009"
THERE = "00000000-0000-7000-8000-000000000003"
PEER = "00000000-0000-7000-8000-000000000001"
HOUSE = "00000000-0000-7000-8000-000000000002"
LEVEL = "00000000-0000-7000-8000-000000000004"
RETURN_TO_USE = "00000000-0000-7000-8000-000000000005"
ROLES = [role.value for role in Role]


def ago(**time: float) -> datetime:
    """Return a moment before AT."""
    return AT - timedelta(**time)


def enrollment(kind: str, status: str = "planned", **fields: Any) -> EnrollmentFact:
    """Return an enrollment at HERE with a provider and a place; a house of which everything is known."""
    known: dict[str, Any] = {"provider_id": PEER, "program_id": kind, "organization_id": HERE, "has_place": True}
    if kind == "sober_living":
        known |= {
            "program_id": HOUSE,
            "narr_level": "2",
            "house_agreement_at": ago(days=1),
            "accepts_moud": True,
            "consent_names_it": True,
        }
    return EnrollmentFact(**{"id": kind, "kind": kind, "status": status, **known, **fields})


REFERRAL = ReferralFact("r", "therapy", "accepted", THERE, "p", covered=True, disclosed_at=ago(days=2))
PLAN = ContinuingCareFact(
    id="c",
    given_at=ago(days=1),
    has_warning_signs=True,
    first_checkup_on=(AT + timedelta(days=80)).date(),
    peer_offer="declined",
)
SOUGHT = (
    ContactFact(ago(days=20), "phone", reached=False),
    ContactFact(ago(days=10), "letter", reached=False),
    ContactFact(ago(days=6), "phone", reached=False),
)
READY = Facts(
    organization_id=HERE,
    has_name=True,
    has_birth_date=True,
    has_contact_route=True,
    has_residence_state=True,
    notice_required=True,
    notice_delivered=True,
    treatment_consent=True,
    enrollments=tuple(enrollment(kind) for kind in CARE),
    referrals=(REFERRAL,),
    cssrs=TriageFact("none", ago(days=2)),
    phq9=ScoreFact(8, ago(days=2)),
    phq9_item_9=ScoreFact(0, ago(days=2)),
    gad7=ScoreFact(6, ago(days=2)),
    measured_at={"phq9": ago(days=2), "cssrs": ago(days=2)},
    psychosis_or_mania=False,
    wants_moud=True,
    level_of_care=LevelOfCareFact(LEVEL, 4, "2.1", ago(days=3)),
    continuing_care=PLAN,
    contacts=SOUGHT,
    returns_to_use=(RETURN_TO_USE,),
    check_ins_planned=True,
    at=AT,
)
NOTHING = Facts(
    organization_id=HERE,
    has_name=True,
    has_birth_date=False,
    has_contact_route=True,
    has_residence_state=True,
    notice_required=True,
    notice_delivered=False,
    treatment_consent=False,
    enrollments=(),
    referrals=(),
    at=AT,
)
OUTDATED = {"cssrs": None, "phq9_item_9": None}


def alerted(severity: str, facts: Facts = READY) -> Facts:
    """Return the facts with one open alert."""
    return replace(facts, alerts=(AlertFact("a", severity),))


def with_house(**fields: Any) -> Facts:
    """Return READY with something else known of the one house."""
    others = tuple(each for each in READY.enrollments if each.kind != "sober_living")
    return replace(READY, enrollments=(*others, enrollment("sober_living", **fields)))


def signed(code: str, *, edition: int = 4, days: float = 3) -> Facts:
    """Return READY with another level of care signed so many days ago."""
    return replace(READY, level_of_care=LevelOfCareFact(LEVEL, edition, code, ago(days=days)))


def saying(facts: Facts = READY, **told: Any) -> Facts:
    """Return the facts with something told."""
    return replace(facts, told=told)


def ready_for(target: str) -> Facts:
    """Return READY with the level of care that leads to a stage."""
    return signed("1.5") if target == "therapy" else READY


# Guard -> what has to change in READY to fail it and no other.
FAILING: dict[str, dict[str, Any]] = {
    "G1": {"has_birth_date": False},
    "G2": {"notice_delivered": False},
    "G3": {"treatment_consent": False},
    "G4": OUTDATED,
    "G5": {"level_of_care": LevelOfCareFact(LEVEL, 4, "2.1", ago(days=15))},
    "G6": {"enrollments": tuple(enrollment(kind, provider_id=None) for kind in CARE)},
    "G7": {"psychosis_or_mania": True},
    "G8": {"enrollments": tuple(enrollment(kind, **({"narr_level": None} if "liv" in kind else {})) for kind in CARE)},
    "G9": {"continuing_care": replace(PLAN, peer_offer="")},
    "G11": {"continuing_care": replace(PLAN, given_at=None)},
    "G12": {"contacts": SOUGHT[:2]},
    "G13": {"referrals": (replace(REFERRAL, disclosed_at=None),)},
    "T9": {"measured_at": {"phq9": ago(days=15), "cssrs": ago(days=1)}},
}


def standing(stage: str, held: str = "therapy") -> Episode:
    """Return an unsaved episode at a stage."""
    return Episode(stage=stage, held_stage=held if stage == "on_hold" else "")


def somebody(*roles: str) -> Actor:
    """Return a member of staff of HERE."""
    return Actor(ActorKind.STAFF, UUID(int=7), UUID(HERE), frozenset(roles))
