"""Tables of the places room, one module by noun."""

from .bed import Bed, BedUse
from .entry import WaitlistEntry, WaitlistMove
from .offer import Offer, OfferSkip
from .rule import WaitlistRule

__all__ = ["Bed", "BedUse", "Offer", "OfferSkip", "WaitlistEntry", "WaitlistMove", "WaitlistRule"]
