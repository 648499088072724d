"""The words a consent is made of: types, categories, purposes, recipients, signatures. Pure; no rule lives here."""

from __future__ import annotations

from django.db.models import TextChoices


class ConsentType(TextChoices):
    """What the client agreed to."""

    TREATMENT = "treatment", "Consent to receive service"  # G3; lets nothing leave
    NAMED_RECIPIENT = "named_recipient", "Consent to disclose to named recipients or classes"  # P2-13
    TPO = "tpo", "Single consent for treatment, payment and health care operations"  # P2-21


class ConsentStatus(TextChoices):
    """Where a consent stands. Expiry is not a status: it is judged by the clock at each use (P2-18)."""

    DRAFT = "draft"
    ACTIVE = "active"
    REVOKED = "revoked"


class Category(TextChoices):
    """A kind of information (P2-12, P2-40). A packet has one section per category."""

    IDENTITY = "identity"
    CONTACT = "contact"
    REASON = "reason"
    LEVEL_OF_CARE = "level_of_care"
    RISK_LEVEL = "risk_level"
    MEDICATIONS = "medications"
    DIAGNOSIS = "diagnosis"
    GOALS = "goals"
    ACCESSIBILITY = "accessibility"
    SAFETY_PLAN = "safety_plan"
    MOVE_IN = "move_in"
    FUNDING = "funding"
    MOUD = "moud"
    EMERGENCY_CONTACT = "emergency_contact"
    COUNSELING_NOTES = "counseling_notes"  # only under a consent of their own (P2-17)


class Purpose(TextChoices):
    """What a disclosure is for (P2-14)."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    RECOVERY_SUPPORT = "recovery_support"  # peers, housing, community: support that is not treatment
    LEGAL_PROCEEDING = "legal_proceeding"  # only under a consent of its own (P2-04, P2-17)


TPO_PURPOSES = frozenset({Purpose.TREATMENT.value, Purpose.PAYMENT.value, Purpose.OPERATIONS.value})


class RecipientClass(TextChoices):
    """A class of recipients that a consent may name in place of organizations (P2-13, P2-22)."""

    TREATING_PROVIDER = "treating_provider"
    HEALTH_PLAN = "health_plan"
    THIRD_PARTY_PAYER = "third_party_payer"
    PROGRAM_OPERATIONS = "program_operations"
    RECOVERY_RESIDENCE = "recovery_residence"
    PEER_ORGANIZATION = "peer_organization"
    COMMUNITY_SERVICE = "community_service"


class SignerRelationship(TextChoices):
    """Who signed, seen from the client (P2-16a)."""

    SELF = "self"
    GUARDIAN = "guardian"
    PERSONAL_REPRESENTATIVE = "personal_representative"
    OTHER = "other"  # family and friends: may not sign for the client


class SignatureMethod(TextChoices):
    """How it was signed."""

    PAPER = "paper"
    ELECTRONIC = "electronic"
    DOCUMENTED = "documented"  # agreed in words and written down by staff: enough for treatment only (G3)


class RevocationChannel(TextChoices):
    """How the client took a consent back. Every channel works at once; the safe side is to believe it (P2-19)."""

    WRITTEN = "written"
    ELECTRONIC = "electronic"
    ORAL = "oral"


class NoticeMethod(TextChoices):
    """How the notice of §2.22 reached the client (P2-26)."""

    IN_PERSON = "in_person"
    ELECTRONIC = "electronic"
    MAIL = "mail"


class Basis(TextChoices):
    """What allowed a disclosure (P2-55)."""

    CONSENT = "consent"


class DisclosureMethod(TextChoices):
    """How it left."""

    IN_SYSTEM = "in_system"  # shown to the recipient's staff in this system, through an EHR as §2.25(b) calls it
