"""The words of a referral: stages, urgency, reasons, outcomes (rules.md §9). Pure; no rule lives here."""

from __future__ import annotations

from django.db.models import TextChoices


class ReferralStage(TextChoices):
    """Where a referral stands."""

    DRAFT = "draft"
    SENT = "sent"  # -> the packet has left
    ACKNOWLEDGED = "acknowledged"  # -> a named person of the receiver opened it
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    COMPLETED = "completed"  # -> the loop is closed


UNANSWERED = (ReferralStage.SENT, ReferralStage.ACKNOWLEDGED)
OPEN = (ReferralStage.DRAFT, *UNANSWERED, ReferralStage.ACCEPTED)
ENDED = (ReferralStage.DECLINED, ReferralStage.CANCELLED, ReferralStage.COMPLETED)


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
    """Which ground fell away, so that the referral could not stand (REF-02, T17)."""

    CONSENT_ENDED = "consent_ended"
    CLIENT_DECEASED = "client_deceased"
    EPISODE_ENDED = "episode_ended"


class Outcome(TextChoices):
    """How the loop closed (§9)."""

    ENROLLED = "enrolled"
    SERVED = "served"
    NOT_NEEDED = "not_needed"
