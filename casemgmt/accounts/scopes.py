"""What a service's token may open: a closed list of (method, name of the route). Pure.

No scope opens what shows clients: a service holds no role. To let services do more, add a line here and an ADR.
"""

from __future__ import annotations

from collections.abc import Iterable

Door = tuple[str, str]

SCOPES: dict[str, frozenset[Door]] = {
    # who is there to refer to
    "directory.read": frozenset(
        {("GET", "organizations"), ("GET", "memberships"), ("GET", "programs"), ("GET", "program")}
    ),
    # which instruments are known, and by what rules guidance speaks
    "catalog.read": frozenset({("GET", "measure-instruments"), ("GET", "guidance-rules")}),
}


def opens(scopes: Iterable[str], door: Door) -> bool:
    """True when one of `scopes` holds the door; a scope that went opens nothing."""
    return any(door in SCOPES.get(scope, frozenset()) for scope in scopes)
