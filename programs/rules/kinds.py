"""The kinds of program, the modalities of therapy, and who may provide which kind. Pure."""

from __future__ import annotations

from django.db.models import TextChoices

from casemgmt.accounts.roles import CLINICIANS, PROPOSERS, Role


class Kind(TextChoices):
    """What a program is. The first five equal the stages of care of the pathway; the words must stay the same."""

    IOP = "iop"
    THERAPY = "therapy"
    PEER_SUPPORT = "peer_support"
    SOBER_LIVING = "sober_living"
    AFTERCARE = "aftercare"
    OTHER = "other"  # stands in the directory only; no stage leads with it


class ProgramStatus(TextChoices):
    """Whether a program takes people (HSDS `service.status`, with our spelling)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"
    TEMPORARILY_CLOSED = "temporarily_closed"


class Modality(TextChoices):
    """The nine labels of therapy and `other` (rules.md 3.4). Descriptive: the software never recommends one."""

    CBT = "cbt"
    DBT = "dbt"
    ACT = "act"
    PSYCHOANALYTIC_PSYCHODYNAMIC = "psychoanalytic_psychodynamic"
    MINDFULNESS = "mindfulness"
    ANIMAL_ASSISTED = "animal_assisted"
    ART = "art"
    MUSIC = "music"
    DANCE = "dance"
    OTHER = "other"


# Who may stand in an enrollment as its provider, by the kind of program (rules.md 3.1-3.5, PEER-02).
PROVIDES: dict[str, frozenset[str]] = {
    Kind.IOP.value: CLINICIANS,
    Kind.THERAPY.value: CLINICIANS,
    Kind.PEER_SUPPORT.value: frozenset({Role.PEER_SPECIALIST.value, Role.SUPERVISOR.value}),
    Kind.SOBER_LIVING.value: frozenset({Role.HOUSE_MANAGER.value, Role.CASE_MANAGER.value, Role.SUPERVISOR.value}),
    Kind.AFTERCARE.value: frozenset({Role.CASE_MANAGER.value, Role.PEER_SPECIALIST.value, *CLINICIANS}),
    Kind.OTHER.value: PROPOSERS,
}
