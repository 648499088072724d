"""The words of the room: how bad, where from, what, who may, and how it ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, PROPOSERS, Role


class Severity(TextChoices):
    """How bad it may be (MSR-05, MSR-06). Lowered by clinicians only (MSR-07)."""

    LOW = "low"  # a clinician by the next business day
    MODERATE = "moderate"  # a clinician within a day
    HIGH = "high"  # a clinician the same day
    CRITICAL = "critical"  # somebody now (SMS-62)


RANK: dict[str, int] = {"critical": 0, "high": 1, "moderate": 2, "low": 3}  # lower comes first
GRAVE = frozenset({Severity.HIGH.value, Severity.CRITICAL.value})  # never a peer alone (PEER-02, MSR-06)


def is_worse(severity: str, than: str) -> bool:
    """True when the first severity is graver than the second."""
    return RANK[severity] < RANK[than]


class Source(TextChoices):
    """Where an alert comes from; `source_id` names the row there."""

    MEASURE = "measure"
    TEXT = "text"
    SESSION = "session"
    STAFF = "staff"  # raised by hand


class What(TextChoices):
    """What made somebody or something worry. A code, never words of the client."""

    PHQ9_ITEM_9 = "phq9_item_9"  # MSR-05
    PHQ9_ITEM_9_DAILY = "phq9_item_9_daily"  # MSR-05
    CSSRS_LOW = "cssrs_low"  # MSR-06
    CSSRS_MODERATE = "cssrs_moderate"  # MSR-06
    CSSRS_HIGH = "cssrs_high"  # MSR-06
    CRISIS_TEXT = "crisis_text"  # SMS-62
    CALL_ME_TWICE = "call_me_twice"  # SMS-61: answered 3 twice within a day
    DISTRESS = "distress"  # PEER-03: seen in a session
    CRISIS_WORDS = "crisis_words"  # PEER-03: the lexicon found them in a session's summary
    SCREENER_POSITIVE = "screener_positive"  # PEER-03: taken in a session
    CONCERN = "concern"  # somebody worries
    SELF_HARM = "self_harm"
    HARM_TO_OTHERS = "harm_to_others"
    OVERDOSE = "overdose"


class OnCallRole(TextChoices):
    """Whom the rota knows: a crisis asks a clinician, never a peer alone (SMS-62)."""

    THERAPIST = Role.THERAPIST.value
    SUPERVISOR = Role.SUPERVISOR.value


BY_HAND = (What.CONCERN, What.SELF_HARM, What.HARM_TO_OTHERS, What.OVERDOSE)


class Purpose(TextChoices):
    """What a page asks of somebody."""

    ACKNOWLEDGE = "acknowledge"  # take it
    DECIDE = "decide"  # nobody reached the client: call again, emergency contact, mobile crisis, 911 (SMS-62)
    ASSIGN = "assign"  # only peers care for the client: name somebody else (PEER-02)


class NoteKind(TextChoices):
    """What a note tells."""

    NOTE = "note"
    CONTACT_ATTEMPT = "contact_attempt"


class Channel(TextChoices):
    """How somebody tried to reach the client."""

    PHONE = "phone"
    TEXT = "text"
    IN_PERSON = "in_person"
    VIDEO = "video"
    EMERGENCY_CONTACT = "emergency_contact"  # with consent only (SMS-62)


class AttemptOutcome(TextChoices):
    """What came of an attempt. Only `reached` is human contact with the client (SMS-62)."""

    REACHED = "reached"
    LEFT_MESSAGE = "left_message"
    NO_ANSWER = "no_answer"


class ContactOutcome(TextChoices):
    """How contact with the client stands when an alert is closed (SMS-65)."""

    REACHED = "reached"
    WITH_OTHERS = "with_others"  # emergency services or an emergency department are with the client
    NOT_REACHED = "not_reached"


class Disposition(TextChoices):
    """How an alert ended (SMS-65). The last one is a machine's: the client has died (T17)."""

    SAFE_WITH_PLAN = "safe_with_plan"
    SAME_DAY_VISIT = "same_day_visit"
    MOBILE_CRISIS = "mobile_crisis"
    ED = "ed"
    POLICE_WELFARE_CHECK = "police_welfare_check"
    UNABLE_TO_REACH = "unable_to_reach"
    FALSE_POSITIVE = "false_positive"
    CLIENT_DIED = "client_died"


TOLD_DISPOSITIONS = tuple(each for each in Disposition if each is not Disposition.CLIENT_DIED)

# Anybody of the team may worry, and may note (MSR-07, SMS-65).
RAISES = PROPOSERS
# Table 1.9: a peer reads the flag and the severity; a house manager only what the house manager raised.
READS_ALERTS = frozenset({Role.PEER_SPECIALIST.value, Role.PRIVACY_OFFICER.value, *CASE_MANAGER_AND_UP})
# Table 1.9, note 1: who reads notes, reasons and how it was closed.
READS_WHOLE = frozenset({Role.PRIVACY_OFFICER.value, *CASE_MANAGER_AND_UP})


@dataclass(frozen=True, slots=True)
class AlertFact:
    """One alert that is not closed, as guards of the pathway see it. `severity` is one of Severity."""

    id: str
    severity: str
