"""Tables of the room."""

from .accounting import AccountingRequest
from .emergencies import EmergencyContent, EmergencyDisclosure
from .oral import OralDisclosure

__all__ = ["AccountingRequest", "EmergencyContent", "EmergencyDisclosure", "OralDisclosure"]
