"""Facts for the rules of guidance, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from casemgmt.guidance.judging import Guidance, judge
from casemgmt.guidance.known import Fact, GuidanceFacts, Reading, Value, weigh_all
from casemgmt.guidance.words import MEASURED, FactName, FactSource
from casemgmt.policies.catalog import Policy

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def reading(name: str, value: Value, *, days_old: float = 1) -> Reading:
    """Return something said or measured so many days before AT."""
    source = FactSource.MEASURE if FactName(name) in MEASURED else FactSource.CLIENT
    return Reading(FactName(name), value, source, AT - timedelta(days=days_old))


def known(*readings: Reading, stage: str = "intake", policy: Policy | None = None) -> GuidanceFacts:
    """Return all that is known as of AT."""
    policy = policy or Policy()
    standing = Fact(FactName.STAGE, stage, FactSource.EPISODE, AT - timedelta(days=2))
    return GuidanceFacts(standing, weigh_all(readings, at=AT, policy=policy), policy)


def guided(*readings: Reading, stage: str = "intake", policy: Policy | None = None, **fresh: Any) -> Guidance:
    """Return the guidance for readings and for fresh facts given by name."""
    told = [reading(name, value) for name, value in fresh.items()]
    return judge(known(*readings, *told, stage=stage, policy=policy))


def rows(guidance: Guidance) -> list[tuple[str, str, str]]:
    """Return (rule, service, strength) of every suggestion, in order."""
    return [(each.rule_id, each.service.value, each.strength.value) for each in guidance.suggestions]


def blocks(guidance: Guidance) -> list[tuple[str, str]]:
    """Return (rule, block) of every block."""
    return [(each.rule_id, each.block.value) for each in guidance.blocked]
