"""The words of the room: to whom an emergency may be told, how a statement was given, how things ended. Pure."""

from __future__ import annotations

from django.db.models import TextChoices


class RecipientKind(TextChoices):
    """Who asks in an emergency. Only those of MEDICAL may be told (P2-60)."""

    EMERGENCY_DEPARTMENT = "emergency_department"
    AMBULANCE = "ambulance"
    HOSPITAL = "hospital"
    PHYSICIAN = "physician"
    POISON_CONTROL = "poison_control"
    FAMILY = "family"
    POLICE = "police"
    DISPATCH = "dispatch"  # 911: SMS-64
    EMPLOYER = "employer"
    LANDLORD = "landlord"
    HOUSE_MANAGER = "house_manager"
    OTHER = "other"


MEDICAL = frozenset(
    {
        RecipientKind.EMERGENCY_DEPARTMENT.value,
        RecipientKind.AMBULANCE.value,
        RecipientKind.HOSPITAL.value,
        RecipientKind.PHYSICIAN.value,
        RecipientKind.POISON_CONTROL.value,
    }
)


class EmergencyOutcome(TextChoices):
    """How the privacy officer judged an emergency disclosure. '' until then."""

    APPROPRIATE = "appropriate"
    INAPPROPRIATE = "inappropriate"
    NEEDS_FOLLOW_UP = "needs_followup"


class StatementHow(TextChoices):
    """How the recipient of a spoken disclosure got the statement of §2.32. '' while it is owed (P2-32)."""

    READ = "read"
    SENT = "sent"


class Requester(TextChoices):
    """Who asks for an accounting, seen from the client (P2-57)."""

    SELF = "self"
    GUARDIAN = "guardian"
    PERSONAL_REPRESENTATIVE = "personal_representative"
