"""What is told has to fit what is known, and some words are only somebody's to say. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.episodes.telling import check_told
from casemgmt.kernel.errors import Invalid, NotPermitted, Refused
from casemgmt.policies.catalog import Policy

from .known import AT, HOUSE, LEVEL, PEER, READY, RETURN_TO_USE, ROLES, THERE, enrollment, saying, somebody
from .table import GIVEN

STRANGER = "00000000-0000-7000-8000-0000000000ff"
RTU_ONLY = {"discharge_reason": "terminated_by_facility", "causes": ["return_to_use"]}


def misfits(**told: Any) -> list[str]:
    """Return the fields that do not fit."""
    with pytest.raises(Invalid) as refused:
        check_told(saying(READY, **told), actor=somebody("supervisor"))
    assert refused.value.code == "invalid"
    return sorted(refused.value.extra["fields"])


def test_everything_that_fits_passes() -> None:
    check_told(saying(READY, **GIVEN), actor=somebody("case_manager"))


@pytest.mark.parametrize(
    ("rule", "name", "right"),
    [
        ("T3", "level_of_care", LEVEL),
        ("T4", "peer", PEER),
        ("T5", "residence", HOUSE),
        ("T16", "receiving_organization", THERE),
        ("T19", "return_to_use", RETURN_TO_USE),
    ],
)
def test_an_id_names_a_row_the_guards_saw(rule: str, name: str, right: str) -> None:
    """T3, T4, T5, T16, T19: the level in force, a peer who is enrolled, a house, a receiver, a return to use."""
    check_told(saying(READY, **{name: right}), actor=somebody("supervisor"))

    assert misfits(**{name: STRANGER}) == [f"data.{name}"]


def test_who_provides_something_else_is_not_the_peer() -> None:
    """T4: a therapist of the client's is enrolled with, and is no peer."""
    facts = replace(READY, enrollments=(enrollment("therapy", provider_id=STRANGER), enrollment("peer_support")))

    check_told(saying(facts, peer=PEER), actor=somebody("supervisor"))
    with pytest.raises(Invalid):
        check_told(saying(facts, peer=STRANGER), actor=somebody("supervisor"))


def test_all_misfits_are_told_together() -> None:
    assert misfits(peer=STRANGER, return_to_use=STRANGER) == ["data.peer", "data.return_to_use"]


def test_a_hold_is_looked_at_within_the_organizations_days() -> None:
    """T11: from today to the thirtieth day."""
    today = AT.date()

    for days in (0, 30):
        check_told(saying(READY, review_date=today + timedelta(days=days)), actor=somebody("case_manager"))
    assert misfits(review_date=today + timedelta(days=31)) == ["data.review_date"]
    assert misfits(review_date=str(today - timedelta(days=1))) == ["data.review_date"]
    strict = saying(replace(READY, policy=Policy(hold_review_days=7)), review_date=today + timedelta(days=8))
    with pytest.raises(Invalid):
        check_told(strict, actor=somebody("case_manager"))


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("capacity_override_reason", {"supervisor"}),
        ("divergence_reason", {"therapist", "supervisor"}),
        ("supervisor_justification", {"supervisor"}),
    ],
)
def test_some_words_are_only_somebodys_to_say(name: str, roles: set[str]) -> None:
    """G5, G6, CLN-30: a divergence is a clinician's, a place too many and a justification a supervisor's."""
    for role in ROLES:
        facts = saying(READY, **{name: "For a good reason."})
        if role in roles:
            check_told(facts, actor=somebody(role))
            continue
        with pytest.raises(NotPermitted) as refused:
            check_told(facts, actor=somebody(role))
        assert refused.value.extra == {"field": f"data.{name}", "who": sorted(roles)}


@pytest.mark.parametrize("justification", [None, "", "x" * 19, " " * 40])
def test_a_return_to_use_alone_ends_no_treatment(justification: str | None) -> None:
    """CLN-30: only with a supervisor's separate justification."""
    facts = saying(READY, **RTU_ONLY, supervisor_justification=justification)

    with pytest.raises(Refused) as refused:
        check_told(facts, actor=somebody(Role.SUPERVISOR))

    assert refused.value.code == "rtu_discharge_needs_supervisor"


@pytest.mark.parametrize(
    "told",
    [
        {**RTU_ONLY, "supervisor_justification": "x" * 20},
        {**RTU_ONLY, "causes": ["return_to_use", "violence_or_threat"]},
        {**RTU_ONLY, "discharge_reason": "other"},
    ],
)
def test_a_justified_or_otherwise_caused_end_passes(told: dict[str, Any]) -> None:
    """CLN-30: the stated cause is what counts."""
    check_told(saying(READY, **told), actor=somebody("supervisor"))


def test_a_last_contact_is_no_later_than_the_organizations_today() -> None:
    """T14, T15: at three in the afternoon UTC it is tomorrow in Auckland already."""
    tomorrow = AT.date() + timedelta(days=1)

    check_told(saying(READY, last_contact=AT.date()), actor=somebody("case_manager"))
    check_told(saying(replace(READY, zone="Pacific/Auckland"), last_contact=tomorrow), actor=somebody("case_manager"))
    assert misfits(last_contact=str(tomorrow)) == ["data.last_contact"]


def test_a_hold_that_is_looked_at_today_means_the_organizations_today() -> None:
    """T11: in the evening in Los Angeles it is tomorrow in UTC."""
    evening = datetime(2026, 1, 6, 3, tzinfo=UTC)
    facts = replace(READY, at=evening, zone="America/Los_Angeles")

    check_told(saying(facts, review_date="2026-01-05"), actor=somebody("case_manager"))
    with pytest.raises(Invalid):
        check_told(saying(facts, review_date="2026-02-05"), actor=somebody("case_manager"))
