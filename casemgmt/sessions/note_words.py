"""The words of notes: which kinds there are, who writes and reads them, and what may stand in them (PEER-01, 1.9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import TextChoices

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, Role
from casemgmt.kernel.actor import Actor

from .words import LATE_AFTER, Discipline

SUMMARY_LIMIT = 2000  # PEER-05
TEXT_LIMIT = 4000
LINE_LIMIT = 200  # of one goal
UNIT = timedelta(minutes=15)  # PEER-05
OUTSIDE_PEER_SCOPE = "outside_peer_scope"  # PEER-02


class Competency(TextChoices):
    """What a peer specialist did, by the twelve categories of competencies (PEER-01)."""

    ENGAGE = "engage"
    SUPPORT = "support"
    LIVED_EXPERIENCE = "lived_experience"
    PERSONALIZE = "personalize"
    RECOVERY_PLANNING = "recovery_planning"
    LINK_RESOURCES = "link_resources"
    SKILLS_WELLNESS = "skills_wellness"
    MANAGE_CRISIS = "manage_crisis"
    COMMUNICATION = "communication"
    TEAMWORK = "teamwork"
    ADVOCACY = "advocacy"
    GROWTH = "growth"


class HandoffMethod(TextChoices):
    """How a client in distress was handed over (PEER-03)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


class CredentialKind(TextChoices):
    """What entitles somebody to hold sessions (PEER-04)."""

    PEER_CERTIFIED = "peer_certified"
    PEER_IN_TRAINING = "peer_in_training"
    CLINICAL_LICENSE = "clinical_license"
    CLINICAL_TRAINEE = "clinical_trainee"


PEER_CREDENTIALS = (CredentialKind.PEER_CERTIFIED, CredentialKind.PEER_IN_TRAINING)


class ReadingPurpose(TextChoices):
    """Why somebody else than its author reads a counseling note without the client's consent (P2-71)."""

    OVERSIGHT = "oversight"  # of the one who wrote it
    TRAINING = "training"  # supervised, the organization's own
    LEGAL_DEFENSE = "legal_defense"  # in an action that the client brought


# What a session is follows from the role of who holds it (table 1.9).
WRITES: dict[str, Discipline] = {
    Role.PEER_SPECIALIST.value: Discipline.PEER,
    Role.THERAPIST.value: Discipline.CLINICAL,
    Role.SUPERVISOR.value: Discipline.CLINICAL,
    Role.CASE_MANAGER.value: Discipline.CONTACT,
    Role.HOUSE_MANAGER.value: Discipline.HOUSE,
}
# Who reads notes of every kind but counseling notes; peers and houses read only their own kind (1.9, notes 1 and 2).
READS_NOTES = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
READS_PEER_NOTES = frozenset({*READS_NOTES, Role.PEER_SPECIALIST.value})
# Who writes counseling notes: a professional (P2-70); and who is told that they are none.
PROFESSIONALS = CLINICIANS
NOT_PROFESSIONALS = frozenset({Role.PEER_SPECIALIST.value, Role.CASE_MANAGER.value, Role.HOUSE_MANAGER.value})
# Who watches over those who write counseling notes (table 1.9).
OVERSEES = frozenset({Role.SUPERVISOR.value})


def disciplines_of(roles: frozenset[str]) -> list[Discipline]:
    """Return what somebody with these roles may hold, each once, in a fixed order."""
    found = {WRITES[role] for role in roles if role in WRITES}
    return [each for each in Discipline if each in found]


def is_late(*, ended_at: datetime, at: datetime) -> bool:
    """True when what is told at `at` comes more than 72 hours after the session ended (PEER-05)."""
    return at - ended_at > LATE_AFTER


def units(minutes: int, *, rest: int) -> int:
    """Return the quarters of an hour in `minutes`; what is left over counts as one from `rest` minutes (PEER-05).

    With `rest` 15 nothing left over counts; 8 is the eight-minute rule. No advice for bills.
    """
    whole, left = divmod(minutes, int(UNIT.total_seconds()) // 60)
    return whole + (left >= rest)


def reads_all_notes(actor: Actor) -> bool:
    """True when the actor's roles read the notes of every discipline but counseling notes."""
    return actor.is_system or actor.has_role(*READS_NOTES)
