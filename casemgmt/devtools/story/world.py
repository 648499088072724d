"""What the story knows while it is told: the running stack, the people at their screens, the client it follows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from casemgmt.accounts.roles import Role
from casemgmt.devtools.seed import STAFF, email_of
from casemgmt.devtools.stack import Stack

from .person import Person
from .telling import Teller

DOES = {
    Role.CASE_MANAGER: "case manager",
    Role.THERAPIST: "therapist",
    Role.PEER_SPECIALIST: "peer specialist",
    Role.SUPERVISOR: "supervisor",
    Role.INTAKE: "intake",
    Role.HOUSE_MANAGER: "house manager",
    Role.PRIVACY_OFFICER: "privacy officer",
    Role.ADMIN: "admin",
}


@dataclass
class World:
    """Everything a scene needs."""

    stack: Stack
    teller: Teller
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    people: dict[str, Person] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)  # ids the scenes hand on

    def everybody_logs_in(self) -> None:
        """Give every person of the seeded network a screen."""
        for name, organization, role in STAFF:
            first = name.split()[0]
            does = f"{DOES[role]} at {organization}"
            person = Person(first, does, email_of(name, organization), self.password, self.stack.base_url)
            person.log_in()
            self.people[first] = person

    def __getitem__(self, first_name: str) -> Person:
        return self.people[first_name]

    def program(self, organization: str, kind: str) -> str:
        """Return the id of an organization's program of a kind, as the directory lists it."""
        found = self["Carla"].get("programs/", kind=kind, organization=self.organization(organization)).json()
        return str(found["results"][0]["id"])

    def organization(self, name: str) -> str:
        """Return an organization's id."""
        listed = self["Carla"].rows("organizations/", joined=True, limit=100)
        return str(next(each["id"] for each in listed if each["name"] == name))

    def staff(self, first_name: str) -> str:
        """Return the staff id of somebody of the story."""
        return str(self[first_name].get("me/").json()["id"])
