"""The tables of accounts, by noun."""

from .invitations import Invitation
from .people import HipaaStatus, Membership, Organization, Part2Status, User, UserManager
from .service_accounts import ServiceAccount, ServiceToken
from .sign_ins import ApiToken, Carrier, Factor, FactorKind, GuessCount, RecoveryCode

__all__ = [
    "ApiToken",
    "Carrier",
    "Factor",
    "FactorKind",
    "GuessCount",
    "HipaaStatus",
    "Invitation",
    "Membership",
    "Organization",
    "Part2Status",
    "RecoveryCode",
    "ServiceAccount",
    "ServiceToken",
    "User",
    "UserManager",
]
