"""The words of the room: in which roles people stand on a team, and why they leave it. Pure."""

from __future__ import annotations

from django.db.models import TextChoices

from casemgmt.accounts.roles import Role


class TeamRole(TextChoices):
    """In which role somebody cares for a client; the person holds the same role in the organization."""

    CASE_MANAGER = Role.CASE_MANAGER.value
    THERAPIST = Role.THERAPIST.value
    PEER_SPECIALIST = Role.PEER_SPECIALIST.value
    HOUSE_MANAGER = Role.HOUSE_MANAGER.value
    SUPERVISOR = Role.SUPERVISOR.value


class EndReason(TextChoices):
    """Why a membership ended. '' while it lasts."""

    REASSIGNED = "reassigned"  # somebody else takes over
    CLIENT_ASKED = "client_asked"
    NO_LONGER_NEEDED = "no_longer_needed"
    LEFT_ORGANIZATION = "left_organization"
    ENTERED_IN_ERROR = "entered_in_error"
    EPISODE_ENDED = "episode_ended"  # set by the pathway only
    CLIENT_DIED = "client_died"  # set by a death only (T17)


# what a person may give as a reason; the others follow from facts
TOLD_REASONS = (
    EndReason.REASSIGNED,
    EndReason.CLIENT_ASKED,
    EndReason.NO_LONGER_NEEDED,
    EndReason.LEFT_ORGANIZATION,
    EndReason.ENTERED_IN_ERROR,
)

# The stages that end an episode, as its events name them; a test holds them against the pathway's own.
ENDED = frozenset({"completed", "discharged", "transferred", "deceased", "cancelled"})
