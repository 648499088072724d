"""Peer support and clinical care are asked for together where guidance says so (REF-06, DG-02)."""

from __future__ import annotations

from datetime import datetime

from casemgmt.guidance.judging import fired_rules
from casemgmt.guidance.reading import known_of
from programs.rules.kinds import Kind

from .models import Referral
from .words import OPEN

CLINICAL = frozenset({Kind.IOP.value, Kind.THERAPY.value})
TOGETHER = "DG-02"


def goes_on_alone(referral: Referral, *, at: datetime) -> bool:
    """True when clinical care just fell through, an open referral to peer support stays, and DG-02 holds at `at`."""
    if referral.kind not in CLINICAL:
        return False
    beside = Referral.objects.filter(episode_id=referral.episode_id, kind=Kind.PEER_SUPPORT, stage__in=OPEN)
    if not beside.exists():
        return False
    return any(rule.id == TOGETHER for rule, *_ in fired_rules(known_of(referral.episode, at=at)))
