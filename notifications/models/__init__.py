"""What is planned, sent, received and agreed with clients about texts."""

from .channel import Channel, Pace
from .check_in import CheckIn, CheckInStatus
from .inbound import InboundText, Receipt, ReceiptKind, Understood
from .message import Attempt, AttemptOutcome, Message, MessageKind, MessageStatus, Outcome
from .plan import CheckInPlan, PlanStatus
from .texting_consent import CaptureChannel, ConsentEvent, TextingConsent, TextingConsentEvent, TextingState

__all__ = [
    "Attempt",
    "AttemptOutcome",
    "CaptureChannel",
    "Channel",
    "CheckIn",
    "CheckInPlan",
    "CheckInStatus",
    "ConsentEvent",
    "InboundText",
    "Message",
    "MessageKind",
    "MessageStatus",
    "Outcome",
    "Pace",
    "PlanStatus",
    "Receipt",
    "ReceiptKind",
    "TextingConsent",
    "TextingConsentEvent",
    "TextingState",
    "Understood",
]
