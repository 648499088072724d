"""Who holds which sessions and who reads them (table 1.9, PEER-02), and when telling is late (PEER-05). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.sessions.words import LATE_AFTER, Discipline

HOLDS: dict[str, Discipline] = {
    Role.PEER_SPECIALIST.value: Discipline.PEER,
    Role.THERAPIST.value: Discipline.CLINICAL,
    Role.SUPERVISOR.value: Discipline.CLINICAL,
    Role.CASE_MANAGER.value: Discipline.CONTACT,
    Role.HOUSE_MANAGER.value: Discipline.HOUSE,
}

# These read every discipline; peers and houses read their own (table 1.9, notes 1 and 2).
READS_ALL = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
READS: dict[str, Discipline] = {
    Role.PEER_SPECIALIST.value: Discipline.PEER,
    Role.HOUSE_MANAGER.value: Discipline.HOUSE,
}


def disciplines_of(roles: Iterable[str]) -> list[Discipline]:
    """Return the disciplines that somebody with these roles holds sessions of, each once, in a fixed order."""
    found = {HOLDS[role] for role in roles if role in HOLDS}
    return [each for each in Discipline if each in found]


def disciplines_read_by(roles: frozenset[str]) -> list[Discipline] | None:
    """Return the disciplines that these roles read of others' sessions; None: all."""
    if not roles.isdisjoint(READS_ALL):
        return None
    return sorted({READS[role] for role in roles if role in READS})


def is_late(*, ended_at: datetime, at: datetime) -> bool:
    """True when what is told at `at` comes more than 72 hours after the session ended (PEER-05)."""
    return at - ended_at > LATE_AFTER
