"""The words of a referral: stages, urgency, reasons, outcomes (rules.md §9). Pure; no rule lives here."""

from __future__ import annotations

from django.db.models import TextChoices


class ReferralStage(TextChoices):
    """Where a referral stands."""

    DRAFT = "draft"
    CONSENT_PENDING = "consent_pending"  # -> no consent covers it yet
    READY = "ready"  # -> a consent covers it; somebody may send it
    SENT = "sent"  # -> the packet has left
    ACKNOWLEDGED = "acknowledged"  # -> a named person of the receiver opened it
    INFO_REQUESTED = "info_requested"  # -> the receiver asked something; its clock stands still
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"  # -> taken in principle; there is no place yet
    SCHEDULED = "scheduled"  # -> the first visit has its time
    IN_PROGRESS = "in_progress"  # -> the first visit took place
    ON_HOLD = "on_hold"
    COMPLETED = "completed"  # -> the loop is closed
    DECLINED = "declined"
    EXPIRED = "expired"  # -> nobody answered in time
    FAILED = "failed"  # -> it was accepted and came to nothing
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


UNSENT = (ReferralStage.DRAFT, ReferralStage.CONSENT_PENDING, ReferralStage.READY)
UNANSWERED = (ReferralStage.SENT, ReferralStage.ACKNOWLEDGED, ReferralStage.INFO_REQUESTED)
# the receiver has said yes to the client: guards of the pathway count on it (G6, G13)
TAKEN = (ReferralStage.ACCEPTED, ReferralStage.SCHEDULED, ReferralStage.IN_PROGRESS, ReferralStage.ON_HOLD)
ANSWERED = (*TAKEN, ReferralStage.WAITLISTED)
OPEN = (*UNSENT, *UNANSWERED, *ANSWERED)
ENDED = (
    ReferralStage.COMPLETED,
    ReferralStage.DECLINED,
    ReferralStage.EXPIRED,
    ReferralStage.FAILED,
    ReferralStage.CANCELLED,
    ReferralStage.ENTERED_IN_ERROR,
)


class Urgency(TextChoices):
    """How soon. The words sort as the list is shown: urgent after routine, so urgent first when descending."""

    ROUTINE = "routine"
    URGENT = "urgent"


EMERGENT = "emergent"  # never a referral (REF-03)


class DeclineReason(TextChoices):
    """Why the receiver says no (§9)."""

    NO_CAPACITY = "no_capacity"
    NOT_ELIGIBLE = "not_eligible"
    PAYER = "payer"
    CLIENT_DECLINED = "client_declined"
    OTHER = "other"


class Party(TextChoices):
    """Whose decision ended a referral."""

    CLIENT = "client"
    SENDER = "sender"
    RECEIVER = "receiver"
    SYSTEM = "system"


class CancelReason(TextChoices):
    """Why either side, or the client, takes a referral back (§9)."""

    CLIENT_WITHDREW = "client_withdrew"
    CLIENT_UNREACHABLE = "client_unreachable"
    ANOTHER_WAY = "another_way"  # the client is helped elsewhere
    UNABLE_TO_SERVE = "unable_to_serve"
    OTHER = "other"


class StopReason(TextChoices):
    """Which ground fell away, so that the referral could not stand (REF-02, T17, F3)."""

    CONSENT_ENDED = "consent_ended"
    CLIENT_DECEASED = "client_deceased"
    EPISODE_ENDED = "episode_ended"
    ANOTHER_WAY = "another_way"  # the client takes part in the same kind of service elsewhere


class FailReason(TextChoices):
    """Why an accepted referral came to nothing (§9)."""

    NO_SHOW = "no_show"
    UNABLE_TO_SERVE = "unable_to_serve"
    UNREACHABLE = "unreachable"


class RebookReason(TextChoices):
    """Why a first visit gets another time."""

    NO_SHOW = "no_show"
    CLIENT_ASKED = "client_asked"
    PROVIDER_ASKED = "provider_asked"


class HoldReason(TextChoices):
    """Why a service that had begun rests."""

    HOSPITAL = "hospital"
    CUSTODY = "custody"
    CLIENT_ASKED = "client_asked"
    PROVIDER_ASKED = "provider_asked"
    OTHER = "other"


class ErrorReason(TextChoices):
    """Why a referral should never have been made."""

    WRONG_CLIENT = "wrong_client"
    WRONG_PROGRAM = "wrong_program"
    DUPLICATE = "duplicate"
    OTHER = "other"


class Outcome(TextChoices):
    """How the loop closed (§9)."""

    ENROLLED = "enrolled"
    SERVED = "served"
    NOT_NEEDED = "not_needed"


NO_RESPONSE = "no_response"  # why an expired one ended


class Consequence(TextChoices):
    """What follows from a decline, for the sender (F3)."""

    NONE = "none"
    PARK = "park"  # the program is not asked about this client for some days
    REASSESS = "reassess"  # a clinician looks again before anybody is asked
    REROUTE = "reroute"  # somebody else is asked, by the next business day
