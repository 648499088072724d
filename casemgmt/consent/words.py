"""The words a consent is made of: types, categories, purposes, recipients, signatures. Pure; no rule lives here."""

from __future__ import annotations

from django.db.models import TextChoices


class ConsentType(TextChoices):
    """What the client agreed to."""

    TREATMENT = "treatment", "Consent to receive service"  # G3; lets nothing leave
    NAMED_RECIPIENT = "named_recipient", "Consent to disclose to named recipients or classes"  # P2-13
    TPO = "tpo", "Single consent for treatment, payment and health care operations"  # P2-21
    COUNSELING_NOTES = "counseling_notes", "Consent to disclose counseling notes, and nothing else"  # P2-17
    LEGAL_PROCEEDING = "legal_proceeding", "Consent to use in a proceeding, and nothing else"  # P2-04, P2-17
    CRIMINAL_JUSTICE = "criminal_justice", "Consent to disclose to who monitors a condition of the court"  # P2-23


class ConsentStatus(TextChoices):
    """Where a consent stands. Expiry is not a status: it is judged by the clock at each use (P2-18)."""

    DRAFT = "draft"
    ACTIVE = "active"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"  # the client signed another in its place


class ExpiryEvent(TextChoices):
    """What ends a consent that names an event and no day (P2-16)."""

    END_OF_EPISODE = "end_of_episode"  # the client's episode with the discloser
    END_OF_PROGRAM = "end_of_program"  # the client's enrollment in the program that the consent names


class Step(TextChoices):
    """What happened to a consent besides its signature and its taking-back."""

    COPY_GIVEN = "copy_given"  # P2-25
    WITNESSED = "witnessed"  # table 1.9
    DISPUTED = "disputed"  # P2-18: it may be materially false
    DISPUTE_SETTLED = "dispute_settled"
    REVOCATION_ASKED = "revocation_asked"  # P2-19a: written, but not confirmed
    REVOCATION_NOT_MEANT = "revocation_not_meant"
    EXPIRED = "expired"  # P2-18


class CopyChannel(TextChoices):
    """How the client got a copy, or how a request to revoke came (P2-25, P2-19a)."""

    IN_PERSON = "in_person"
    ELECTRONIC = "electronic"
    MAIL = "mail"
    TEXT = "text"


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
    CLIENT_REQUEST = "client_request"  # "at the request of the patient", where the client began it (P2-14)
    FUNDRAISING = "fundraising"  # only with the statement on how to opt out (P2-14)
    MONITORING = "monitoring"  # of a condition that a court set (P2-23)


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
    JUSTICE_MONITOR = "justice_monitor"  # who must monitor the client for a court (P2-23)


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
    EMERGENCY = "emergency_2_51"
    PATIENT_ACCESS = "patient_access"


class DisclosureMethod(TextChoices):
    """How it left."""

    IN_SYSTEM = "in_system"  # shown to the recipient's staff in this system, through an EHR as §2.25(b) calls it
    ORAL = "oral"
    ELECTRONIC = "electronic"
    MAIL = "mail"
    IN_PERSON = "in_person"


class RedisclosureBasis(TextChoices):
    """On what the recipient may pass it on (P2-21)."""

    HIPAA = "hipaa"  # a covered entity or its associate that got it under a single TPO consent
    CONSENT_ONLY = "consent_only"
    NONE = "none"


class RestrictionKind(TextChoices):
    """What the client asks not to be disclosed (P2-50)."""

    ORDINARY = "ordinary"
    PAID_IN_FULL = "paid_in_full"  # to a health plan, of a service paid in full out of pocket: must be agreed to


class RestrictionDecision(TextChoices):
    """What the program answered (P2-50)."""

    PENDING = "pending"
    AGREED = "agreed"
    DECLINED = "declined"


class TerminationBasis(TextChoices):
    """What allows the program to end a restriction that it agreed to (P2-50)."""

    CLIENT_WRITTEN = "client_written"
    CLIENT_ORAL = "client_oral"  # and documented
    PROGRAM_INFORMED = "program_informed"  # only for records made after the client was informed


class Artifact(TextChoices):
    """Every kind of thing with a client's information that leaves; `artifacts.py` says what it carries."""

    REFERRAL_PACKET = "referral_packet"
    ORAL = "oral"
    EMERGENCY_CONTENT = "emergency_content"
    ACCOUNTING_JSON = "accounting_json"
    ACCOUNTING_PDF = "accounting_pdf"
