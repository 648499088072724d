"""What is planned, sent, received and agreed with clients about texts."""

from .check_in import CheckIn, CheckInStatus
from .conversation import Conversation, OverrideReason, StaffText, TextReading
from .inbound import InboundText, Receipt, ReceiptKind, Understood
from .message import Attempt, AttemptOutcome, Channel, Message, MessageKind, MessageStatus, Outcome
from .own_wording import OwnWording, Part, WordingApproval
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
    "Conversation",
    "InboundText",
    "Message",
    "MessageKind",
    "MessageStatus",
    "Outcome",
    "OverrideReason",
    "OwnWording",
    "Part",
    "PlanStatus",
    "Receipt",
    "ReceiptKind",
    "StaffText",
    "TextReading",
    "TextingConsent",
    "TextingConsentEvent",
    "TextingState",
    "Understood",
    "WordingApproval",
]
