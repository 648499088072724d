"""The words of the room: what a record may say, and who may write and read it (rules.md, 1.9). Pure."""

from __future__ import annotations

from uuid import UUID

from django.db.models import TextChoices

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, PROPOSERS, Role
from casemgmt.kernel.actor import Actor


class ContactChannel(TextChoices):
    """How somebody tried to reach a client (G12)."""

    PHONE = "phone"
    TEXT = "text"
    LETTER = "letter"
    VISIT = "visit"
    EMAIL = "email"
    THROUGH_CONTACT = "through_contact"  # somebody whom the client named


class PeerOffer(TextChoices):
    """What the client said to the offer of a peer (G9). The empty string: not offered."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class LearnedFrom(TextChoices):
    """From whom or what the team learned of a return to use (CLN-30)."""

    CLIENT = "client"
    FAMILY = "family"
    STAFF = "staff"
    TEST = "test"
    OTHER = "other"


class SubstanceClass(TextChoices):
    """What was used. The empty string: not known."""

    ALCOHOL = "alcohol"
    OPIOID = "opioid"
    STIMULANT = "stimulant"
    SEDATIVE = "sedative"
    CANNABIS = "cannabis"
    OTHER = "other"


class StillUsing(TextChoices):
    """Whether use goes on (CLN-30)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ReturnReviewOutcome(TextChoices):
    """What a clinician and the client decide after a return to use (CLN-30). None of them ends treatment."""

    STAY_AND_INTENSIFY = "stay_and_intensify"
    STEP_UP = "step_up"  # proposed to those who decide it, never carried out
    MEDICAL = "withdrawal_or_medical_evaluation"
    PAUSE = "pause"


class CheckupStatus(TextChoices):
    """Where a recovery check-up stands."""

    PLANNED = "planned"  # → done | cancelled
    DONE = "done"
    CANCELLED = "cancelled"  # the client left aftercare before it


class CheckupOutcome(TextChoices):
    """What a recovery check-up showed (CLN-20, CLN-22)."""

    STABLE = "stable"
    NEEDS_SUPPORT = "needs_support"  # more than now, short of treatment
    NEEDS_TREATMENT = "needs_treatment"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"


class IopReviewKind(TextChoices):
    """Which of the two looks at intensive outpatient care this was (CLN-02)."""

    REVIEW = "review"
    RECERTIFICATION = "recertification"  # a physician certifies that IOP is needed


class IopReviewOutcome(TextChoices):
    """What it came to. A change of stage is the pathway's, decided there."""

    STILL_FITS = "still_fits"
    MORE_SUPPORT = "more_support"
    LESS_SUPPORT = "less_support"


OUTSIDE_PEER_SCOPE = "outside_peer_scope"  # PEER-02

# Table 1.9. Who signs a level of care and reviews a return to use; who writes the rest of the chart.
SIGNS = CLINICIANS
WRITES_PLANS = CASE_MANAGER_AND_UP
TRIES_CONTACT = PROPOSERS
REPORTS_USE = PROPOSERS
CHECKS_UP = frozenset({Role.PEER_SPECIALIST.value, *CASE_MANAGER_AND_UP})
# Who reads everything the chart holds; who learns of what a peer may know of a client (note 1).
READS_CHART = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
READS_OUTLINE = frozenset({Role.PEER_SPECIALIST.value, *READS_CHART})


def reads_details(actor: Actor, *, recorded_by_id: UUID | None) -> bool:
    """True when the actor reads an entry whole: by role, or because it is the actor's own (table 1.9, notes 1, 2)."""
    return actor.is_system or actor.has_role(*READS_CHART) or (actor.id is not None and actor.id == recorded_by_id)
