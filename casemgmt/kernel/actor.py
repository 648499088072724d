"""Who acts. Passed explicitly to every door; never read from a thread or a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of principal acts."""

    STAFF = "staff"  # a person with a membership in an organization
    SYSTEM = "system"  # a named machine of ours: may propose, never approve (STG-11)
    OUTSIDE = "outside"  # a provider without an account, by the link to one packet; `id` is the link's
    SERVICE = "service"  # a program of an organization, by a scoped token: no login, no human role
    ANONYMOUS = "anonymous"  # nobody we know: sees nothing


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal acting for one organization with the roles it holds there.

    `reading`: a request that changes nothing; only that sees through broken glass (HIP-10).
    `id` is the staff member's, the service account's or the link's id, or None for machines, whose `name` says which
    one it is.
    """

    kind: ActorKind
    id: UUID | None = None
    organization_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    name: str = ""
    reading: bool = field(default=False, compare=False)

    @classmethod
    def system(cls, name: str) -> Actor:
        """Return the actor for one of our own machines, such as `Actor.system("referral-clock")`."""
        return cls(kind=ActorKind.SYSTEM, name=name)

    @classmethod
    def anonymous(cls) -> Actor:
        """Return the actor that may do nothing."""
        return cls(kind=ActorKind.ANONYMOUS)

    @property
    def is_system(self) -> bool:
        """True for our own machines."""
        return self.kind is ActorKind.SYSTEM

    def has_role(self, *roles: str) -> bool:
        """True when the actor holds at least one of `roles` in its organization."""
        return not self.roles.isdisjoint(roles)

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name or self.id or ''}".strip()
