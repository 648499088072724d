"""The words of the room: which instruments there are, how one is taken, and who may give and read them. Pure."""

from __future__ import annotations

from uuid import UUID

from django.db.models import TextChoices

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, Role
from casemgmt.kernel.actor import Actor


class InstrumentCode(TextChoices):
    """Every instrument that this room can score (rules.md, 4). A test holds it against the catalog."""

    PHQ2 = "phq2", "PHQ-2"
    PHQ9 = "phq9", "PHQ-9"
    GAD7 = "gad7", "GAD-7"
    BARC10 = "barc10", "BARC-10"
    BAM_R = "bam_r", "BAM-R"
    CSSRS = "cssrs", "C-SSRS screener"
    AUDIT_C = "audit_c", "AUDIT-C"
    DAST10 = "dast10", "DAST-10"
    HOPE = "ruler_hope", "Hope ruler"
    CONFIDENCE = "ruler_confidence", "Confidence ruler"
    CONNECTION = "ruler_connection", "Connection ruler"
    FUNCTIONING = "ruler_functioning", "Day-to-day functioning ruler"
    LIFE_SATISFACTION = "ruler_life_satisfaction", "Life satisfaction ruler"


class MeasureMode(TextChoices):
    """How the questions reached the client (MSR-01)."""

    SELF = "self"  # the client filled it in
    IN_PERSON = "in_person"  # read aloud, face to face
    PHONE = "phone"
    VIDEO = "video"


class CutOffSex(TextChoices):
    """For AUDIT-C only, whose cut-off differs. Unknown and other are the empty string: the lower cut-off holds."""

    MALE = "male"
    FEMALE = "female"


class DueReason(TextChoices):
    """Why a measure is due (MSR-09)."""

    INTAKE = "intake"
    STAGE_CHANGE = "stage_change"  # the last one was too old when the stage was entered
    CADENCE = "cadence"  # the time that the stage leaves between two
    CHECK_UP = "check_up"


class DueOutcome(TextChoices):
    """How it ended that a measure was due. '' while it is."""

    RECORDED = "recorded"
    NOT_NEEDED = "not_needed"  # held, ended, or the stage does not ask for it
    REPLANNED = "replanned"  # another date holds in its place


# The pathway's stages that matter here. It is a room above and tells them by name; a test holds these against it.
INTAKE = "intake"
IOP = "iop"
THERAPY = "therapy"
PEER_SUPPORT = "peer_support"
HELD = "on_hold"
ENDED = frozenset({"completed", "discharged", "transferred", "deceased", "cancelled"})

# Table 1.9: who may administer a screener. A house manager may not.
ADMINISTERS = frozenset({Role.PEER_SPECIALIST.value, *CASE_MANAGER_AND_UP})
# Table 1.9: who reads answers and scores. A peer is told the risk flag only, except of what the peer administered.
READS_ANSWERS = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
# Who learns that a screener was taken at all. A house manager's view of a client is minimal and has no measures.
READS_MEASURES = frozenset({Role.PEER_SPECIALIST.value, *READS_ANSWERS})
# Who says what scores and changes mean (MSR-07); to everybody else they are numbers.
INTERPRETS = CLINICIANS
# Who answers for the organization that a license is accepted and a wording loaded.
LOADS_TEXT = frozenset({Role.SUPERVISOR.value})


def interprets(actor: Actor) -> bool:
    """Return whether the actor is told what a change means, besides the numbers (MSR-07)."""
    return actor.is_system or actor.has_role(*INTERPRETS)


def reads_answers(actor: Actor, *, administered_by_id: UUID) -> bool:
    """Return whether the actor may read the answers and scores of a response (table 1.9, note 1)."""
    return actor.is_system or actor.has_role(*READS_ANSWERS) or actor.id == administered_by_id
