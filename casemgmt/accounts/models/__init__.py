"""The tables of accounts, by noun."""

from .people import HipaaStatus, Membership, Organization, Part2Status, User, UserManager
from .sign_ins import ApiToken, Carrier, Factor, FactorKind, GuessCount, RecoveryCode

__all__ = [
    "ApiToken",
    "Carrier",
    "Factor",
    "FactorKind",
    "GuessCount",
    "HipaaStatus",
    "Membership",
    "Organization",
    "Part2Status",
    "RecoveryCode",
    "User",
    "UserManager",
]
