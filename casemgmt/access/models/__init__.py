"""Tables of access."""

from .grants import Grant, Reason, Scope
from .restricted import BreakGlass, Emergency, RestrictedBecause, Restriction, ReviewOutcome

__all__ = [
    "BreakGlass",
    "Emergency",
    "Grant",
    "Reason",
    "RestrictedBecause",
    "Restriction",
    "ReviewOutcome",
    "Scope",
]
