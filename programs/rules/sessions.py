"""Session logs: who writes which kind, who reads it, and when one is too early or too late (PEER-02, PEER-05). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import TextChoices

from casemgmt.accounts.roles import Role

LONGEST_MINUTES = 480  # PEER-05: at most eight hours
LATE_AFTER = timedelta(hours=72)  # PEER-05: later entries say why


class SessionKind(TextChoices):
    """What a log is: it follows from the role of who writes it (table 1.9)."""

    PEER = "peer"
    CLINICAL = "clinical"
    CONTACT = "contact"  # a case manager's note of a contact
    HOUSE = "house"


class SessionMode(TextChoices):
    """How they met (PEER-05)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"
    GROUP = "group"


class HandoffMethod(TextChoices):
    """How a peer handed a client in distress over (PEER-03)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


WRITES: dict[str, SessionKind] = {
    Role.PEER_SPECIALIST.value: SessionKind.PEER,
    Role.THERAPIST.value: SessionKind.CLINICAL,
    Role.SUPERVISOR.value: SessionKind.CLINICAL,
    Role.CASE_MANAGER.value: SessionKind.CONTACT,
    Role.HOUSE_MANAGER.value: SessionKind.HOUSE,
}

# Case managers, clinicians and supervisors read every kind; these read only their own (table 1.9, notes 1 and 2).
READS: dict[str, tuple[str, ...]] = {
    Role.PEER_SPECIALIST.value: (SessionKind.PEER.value,),
    Role.HOUSE_MANAGER.value: (SessionKind.HOUSE.value,),
}


def kinds_of(roles: frozenset[str]) -> list[SessionKind]:
    """Return the kinds that somebody with these roles may write, each once, in a fixed order."""
    found = {WRITES[role] for role in roles if role in WRITES}
    return [kind for kind in SessionKind if kind in found]


def is_late(*, ended_at: datetime, at: datetime) -> bool:
    """True when a log written at `at` comes more than 72 hours after the session ended (PEER-05)."""
    return at - ended_at > LATE_AFTER
