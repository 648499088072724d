"""What is planned, sent, received and agreed with clients about texts."""

from .channel import Channel, Pace
from .check_in import CheckIn, CheckInStatus
from .inbound import InboundText, Receipt, ReceiptKind, Understood
from .message import (
    Attempt,
    AttemptOutcome,
    Message,
    MessageKind,
    MessageStatus,
    Outcome,
)
from .plan import (
    CheckInPlan,
    PlanSource,
    PlanStatus,
)
from .preference import (
    CheckInPreference,
    PreferenceKind,
    SaidBy,
    WishedChannel,
)
from .silence import (
    SilenceStep,
)
from .texting_consent import CaptureChannel, ConsentEvent, TextingConsent, TextingConsentEvent, TextingState

__all__ = [
    "Attempt",
    "AttemptOutcome",
    "CaptureChannel",
    "Channel",
    "CheckIn",
    "CheckInPlan",
    "CheckInPreference",
    "CheckInStatus",
    "ConsentEvent",
    "InboundText",
    "Message",
    "MessageKind",
    "MessageStatus",
    "Outcome",
    "PlanSource",
    "Pace",
    "PlanStatus",
    "PreferenceKind",
    "Receipt",
    "ReceiptKind",
    "SaidBy",
    "SilenceStep",
    "TextingConsent",
    "TextingConsentEvent",
    "TextingState",
    "Understood",
    "WishedChannel",
]
