"""Tables of the referrals room, one module by noun."""

from .answers import DeclineRule, ReferralConfirmation, ReferralSupplement
from .clock import ReferralClock
from .referral import Referral, ReferralMove

__all__ = [
    "DeclineRule",
    "Referral",
    "ReferralClock",
    "ReferralConfirmation",
    "ReferralMove",
    "ReferralSupplement",
]
