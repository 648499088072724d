"""What is planned, sent, received and agreed with clients about texts."""

from .channel import Channel, Pace
from .check_in import CheckIn, CheckInStatus
from .conversation import Conversation, OverrideReason, StaffText, TextReading
from .inbound import InboundText, Receipt, ReceiptKind, Understood
from .message import Attempt, AttemptOutcome, Message, MessageKind, MessageStatus, Outcome
from .own_wording import OwnWording, Part, WordingApproval
from .plan import CheckInPlan, PlanSource, PlanStatus
from .preference import CheckInPreference, PreferenceKind, SaidBy, WishedChannel
from .silence import SilenceStep
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
    "Conversation",
    "InboundText",
    "Message",
    "MessageKind",
    "MessageStatus",
    "Outcome",
    "OverrideReason",
    "OwnWording",
    "Pace",
    "Part",
    "PlanSource",
    "PlanStatus",
    "PreferenceKind",
    "Receipt",
    "ReceiptKind",
    "SaidBy",
    "SilenceStep",
    "StaffText",
    "TextReading",
    "TextingConsent",
    "TextingConsentEvent",
    "TextingState",
    "Understood",
    "WishedChannel",
    "WordingApproval",
]
