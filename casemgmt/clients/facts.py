"""What this room knows of an episode's client for the guards of the pathway (G1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from .models import Client, ContactStatus


class AboutClient(Protocol):
    """Whatever belongs to a client; an episode, which is a room above."""

    @property
    def client(self) -> Client:
        """The client."""
        ...


def for_episode(episode: AboutClient, *, at: datetime) -> dict[str, Any]:
    """Return whether the client has a name, a birth date, a way to be reached and a state of residence.

    A number that no carrier owns reaches nobody; a landline does. Two queries, one if the client is loaded.
    """
    client = episode.client
    routes = client.contact_points.live().exclude(status=ContactStatus.INVALID)
    return {
        "has_name": bool(client.given_name and client.family_name),
        "has_birth_date": client.birth_date is not None,
        "has_contact_route": routes.exists(),
        "has_residence_state": bool(client.residence_state),
    }
