"""The people of the tests: two organizations with one person per role, and an outsider who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.kernel.actor import Actor

from .factories import people


@dataclass
class Cast:
    """Everybody. `north` and `south` hold one actor per role; `outsider` is a case manager of a third organization."""

    north: Organization
    south: Organization
    east: Organization
    at_north: dict[Role, Actor] = field(default_factory=dict)
    at_south: dict[Role, Actor] = field(default_factory=dict)

    @property
    def case_manager(self) -> Actor:
        """North's case manager."""
        return self.at_north[Role.CASE_MANAGER]

    @property
    def therapist(self) -> Actor:
        """North's therapist."""
        return self.at_north[Role.THERAPIST]

    @property
    def peer(self) -> Actor:
        """North's peer specialist."""
        return self.at_north[Role.PEER_SPECIALIST]

    @property
    def supervisor(self) -> Actor:
        """North's supervisor."""
        return self.at_north[Role.SUPERVISOR]

    outsider: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.at_north = {role: people.staff(role, at=self.north) for role in Role}
        self.at_south = {role: people.staff(role, at=self.south) for role in Role}
        self.outsider = people.staff(Role.CASE_MANAGER, Role.SUPERVISOR, at=self.east)


def gather() -> Cast:
    """Return a new cast."""
    return Cast(people.organization("North"), people.organization("South"), people.organization("East"))
