"""The words of the room: what may be known of a client for guidance, who says so, who may tell and read it. Pure."""

from __future__ import annotations

from django.db.models import TextChoices

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, Role
from casemgmt.kernel.actor import Actor


class FactName(TextChoices):
    """Everything the rules ask about (rules.md §5). The labels finish the sentence "What we know: …"."""

    # told by people, kept in this room
    CRISIS_NOW = "crisis_now", "there is a crisis now"
    PSYCHOSIS_OR_MANIA = "psychosis_or_mania", "signs of psychosis or mania"
    WITHDRAWAL_RISK = "withdrawal_risk", "withdrawal could become dangerous"
    OVERDOSE = "overdose", "an overdose"
    TRAUMA = "trauma_or_harmful_patterns", "trauma, or patterns that do harm"
    FUNCTIONING_IMPAIRED = "functioning_impaired", "everyday life has become hard to manage"
    LIFE_STRESSOR = "life_stressor", "a transition, a loss or grief"
    NEEDS_STRUCTURE = "needs_structure_keep_routine", "more structure is needed while daily routines go on"
    STEPPING_DOWN = "stepping_down_from_24h_care", "leaving care around the clock"
    WANTS_LIVED_EXPERIENCE = "wants_lived_experience", "the wish to talk with somebody who has been there"
    ISOLATED = "isolated", "being alone a lot"
    WANTS_ADVOCACY = (
        "wants_advocacy_or_resources",
        "the wish for somebody who opens doors and knows rights and services",
    )
    STARTING_OUT = "starting_out", "these are the first steps"
    UNSURE = "unsure", "not being sure what would help"
    TREATMENT_ENDED = "treatment_ended", "treatment has ended"
    HOUSING_UNSAFE = "housing_unsafe_or_unsupportive", "home is not safe or does not support recovery"
    WANTS_HOME = "wants_accountable_home", "the wish for a home where people hold each other to account"
    RETURN_TO_USE_RECENT = "return_to_use_recent", "a recent return to use"
    WANTS_MOUD = "wants_moud", "medication for opioid use disorder is wanted or taken"
    CLIENT_PREFERENCE = "client_preference", "what the client prefers"
    # read from other rooms
    CSSRS = "cssrs", "the answers to the safety screen (C-SSRS)"
    PHQ9_ITEM_9 = "phq9_item_9", "the last question of the PHQ-9"
    PHQ9 = "phq9", "the PHQ-9"
    GAD7 = "gad7", "the GAD-7"
    PHQ9_DIFFICULTY = "phq9_difficulty", "how difficult daily life is, asked with the PHQ-9"
    OUTPATIENT_CARE = "outpatient_care", "outpatient care goes on"
    STAGE = "stage", "where the client stands on the pathway"


class FactSource(TextChoices):
    """Where a fact comes from."""

    CLIENT = "client"
    STAFF = "staff"
    FAMILY = "family"
    REFERRAL = "referral"
    MEASURE = "measure"  # an answered instrument
    CHART = "chart"  # recorded there, such as a return to use
    EPISODE = "episode"  # the pathway itself


class Service(TextChoices):
    """What guidance speaks of. It enrolls nobody in any of these."""

    CRISIS_RESPONSE = "crisis_response", "crisis response"
    SAME_DAY_CLINICIAN = "same_day_clinician", "a clinician today"
    MEDICAL_EVALUATION = "medical_evaluation", "a medical evaluation"
    THERAPY = "therapy", "therapy, beginning with a clinician's assessment"
    IOP_ASSESSMENT = "iop_assessment", "a clinician's assessment for intensive outpatient care"
    PEER_SUPPORT = "peer_support", "peer support"
    SOBER_LIVING = "sober_living", "sober living"
    CHECK_IN_PLAN = "check_in_plan", "a plan of check-ins"
    RECOVERY_CHECKUPS = "recovery_checkups", "a recovery check-up every quarter"


class Strength(TextChoices):
    """How strongly a service is put, strongest first."""

    REQUIRED = "required"
    SUGGEST = "suggest"
    OPTION = "option"


class Block(TextChoices):
    """What guidance advises against until a clinician decides otherwise, with a reason (DG-20)."""

    PEER_SUPPORT_ALONE = "peer_support_alone", "peer support with no clinical care beside it"
    PEER_SUPPORT_ALONE_FOR_TRAUMA = "peer_support_alone_for_trauma", "peer support as the only answer to this need"


class Verdict(TextChoices):
    """What a person decided about a line of guidance."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"


# What people tell, as yes or no or as a list; the rest is read where it is recorded.
TOLD = tuple(FactName)[: list(FactName).index(FactName.CSSRS)]
TOLD_SOURCES = (FactSource.CLIENT, FactSource.STAFF, FactSource.FAMILY, FactSource.REFERRAL)
PREFERABLE = (
    Service.THERAPY,
    Service.IOP_ASSESSMENT,
    Service.PEER_SUPPORT,
    Service.SOBER_LIVING,
    Service.CHECK_IN_PLAN,
)

# PEER-02: to judge these is a clinician's work, and to read them too (table 1.9, note 1: the flag, not the answers).
CLINICAL = frozenset({FactName.PSYCHOSIS_OR_MANIA, FactName.WITHDRAWAL_RISK, FactName.TRAUMA})
MEASURED = frozenset({FactName.CSSRS, FactName.PHQ9_ITEM_9, FactName.PHQ9, FactName.GAD7, FactName.PHQ9_DIFFICULTY})
# Anybody on the team raises these; to take one back is to lower a risk (table 1.9).
RAISED_BY_ALL = frozenset({FactName.CRISIS_NOW, FactName.OVERDOSE})

# The organization's numbers that the rules compare with, by their names in its policy.
THRESHOLDS = (
    "phq9_peer_alone_below_points",
    "gad7_peer_alone_below_points",
    "phq9_therapy_from_points",
    "gad7_therapy_from_points",
    "guidance_stale_days",
)

# Table 1.9. A house manager's view is minimal and holds no guidance.
TELLS = frozenset({Role.PEER_SPECIALIST.value, *CASE_MANAGER_AND_UP})
READS_ANSWERS = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
READS_GUIDANCE = frozenset({Role.PEER_SPECIALIST.value, *READS_ANSWERS})
DECIDES = CASE_MANAGER_AND_UP
OVERRIDES = CLINICIANS  # of a block, and of what is required (DG-20)
OUTSIDE_PEER_SCOPE = "outside_peer_scope"  # PEER-02


def reads_answers(actor: Actor) -> bool:
    """Return whether the actor may read clinical facts and what follows from them (table 1.9, note 1)."""
    return actor.is_system or actor.has_role(*READS_ANSWERS)
