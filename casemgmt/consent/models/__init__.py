"""Tables of consent."""

from .consent import Consent, ConsentRevocation, ConsentStep
from .ledger import Disclosure, NoticeDelivery
from .restricting import RestrictionRequest

__all__ = ["Consent", "ConsentRevocation", "ConsentStep", "Disclosure", "NoticeDelivery", "RestrictionRequest"]
