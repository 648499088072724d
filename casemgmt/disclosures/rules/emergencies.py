"""What an emergency disclosure still lacks, and what may be said to everybody else (P2-61, P2-62). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Told(Protocol):
    """What is known of an emergency disclosure."""

    personnel_name: str
    facility: str
    discloser_name: str
    disclosed_at: datetime | None
    nature: str
    restriction_overridden: bool
    redisclosure_request_at: datetime | None


def missing_facts(told: Told) -> tuple[str, ...]:
    """Return which facts of §2.51(c) are missing, named as the fields; empty when it may be closed.

    Where a restriction was overridden, the request not to redisclose is owed as well (§2.26(a)(4)).
    """
    known = {
        "personnel_name": bool(told.personnel_name.strip()),
        "facility": bool(told.facility.strip()),
        "discloser_name": bool(told.discloser_name.strip()),
        "disclosed_at": told.disclosed_at is not None,
        "nature": bool(told.nature.strip()),
        "redisclosure_request_at": told.redisclosure_request_at is not None or not told.restriction_overridden,
    }
    return tuple(name for name, there in known.items() if not there)


# For calls of family, police and anybody else who is not medical personnel. Says nothing that identifies (P2-62).
SCRIPT = (
    "I can neither confirm nor deny that we know the person you ask about; that is the same for everybody who calls.",
    "I can listen, and I can take your name and number and pass on what you tell me.",
    "If you think that somebody is in danger right now, call 911. They can look after the person without us.",
    "You can call or text 988 at any time, for yourself as well.",
    "If a court or an officer needs records, write to our privacy officer; I cannot answer that on the telephone.",
)
# What may still be told, and on what ground.
WAYS = (
    "Information that identifies nobody as a client.",
    "What a consent that names this contact lets you tell.",
    "A crime, or the threat of one, on our premises or against our staff: the incident, and the suspect's status, "
    "name, address and last known whereabouts (42 CFR 2.12(c)(5)). Ask the privacy officer first.",
)
