"""Organizations, staff and clients. Every phone number is of the range kept for fiction."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.models import Membership, Organization, User
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client, ContactKind, ContactPoint, ContactStatus
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind

ZONE = "America/Chicago"  # of organizations, programs and clients, unless a test says otherwise
_numbers = count(100)
PASSWORD = "a long enough passphrase"  # noqa: S105


def organization(name: str = "North", **fields: Any) -> Organization:
    """Return a joined organization."""
    return Organization.objects.create(name=name, **{"timezone": ZONE, "sms_alias": "CareLine", **fields})


def today() -> date:
    """Return the day where the organizations are; in UTC it is tomorrow there in the evening."""
    return clock.now().astimezone(ZoneInfo(ZONE)).date()


def staff(*roles: Role, at: Organization, password: str | None = None) -> Actor:
    """Return an actor with `roles` at an organization; it can log in only if given a password."""
    number = next(_numbers)
    user = User.objects.create_user(email=f"person{number}@example.org", name=f"Person {number}", password=password)
    for role in roles:
        Membership.objects.create(user=user, organization=at, role=role)
    return Actor(ActorKind.STAFF, user.id, at.id, frozenset(role.value for role in roles))


def client(at: Organization, *, phone: str | None = "+13165550100", **fields: Any) -> Client:
    """Return a client whom the organization may see, complete enough for G1."""
    known = {
        "given_name": "Ada",
        "family_name": "Example",
        "birth_date": date(1990, 5, 17),
        "residence_state": "KS",
        "timezone": ZONE,
        "language": "en",
    }
    made = Client.objects.create(organization=at, **{**known, **fields})
    Grant.objects.create(client_id=made.id, organization_id=at.id, reason=Reason.CARE)
    if phone:
        ContactPoint.objects.create(
            client=made, kind=ContactKind.PHONE, value=phone, preferred=True, status=ContactStatus.VALID
        )
    return made
