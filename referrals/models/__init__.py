"""Tables of the referrals room, one module by noun."""

from .answers import DeclineRule, ReferralConfirmation, ReferralSupplement
from .clock import ReferralClock
from .link import LinkEnd, ReferralLink
from .referral import Referral, ReferralMove

__all__ = [
    "DeclineRule",
    "LinkEnd",
    "Referral",
    "ReferralClock",
    "ReferralConfirmation",
    "ReferralLink",
    "ReferralMove",
    "ReferralSupplement",
]
