"""Each guard of entering care, branch by branch (G1-G7, T9). No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from casemgmt.episodes import guards
from casemgmt.episodes.facts import Facts, ScoreFact, TriageFact
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.lifecycle import Guard, judge
from casemgmt.policies.catalog import Policy

from .known import AT, NOTHING, OUTDATED, READY, REFERRAL, THERE, ago, alerted, enrollment, saying, signed

TO_IOP = guards.safety_for(Stage.IOP)
TO_PEER = guards.safety_for(Stage.PEER_SUPPORT)
WITH_THERAPY = replace(READY, enrollments=(*READY.enrollments, enrollment("therapy", "active")))


def codes(guard: Guard, facts: Facts) -> list[str]:
    """Return what a guard refuses with; each refusal has a sentence and a remedy."""
    refusals = judge((guard,), facts)
    assert all(each.sentence and each.remedy for each in refusals)
    return [each.code for each in refusals]


@pytest.mark.parametrize("missing", ["has_name", "has_birth_date", "has_contact_route", "has_residence_state"])
def test_the_record_is_complete(missing: str) -> None:
    """G1: name, date of birth, a contact route and the state of residence, each of them."""
    assert codes(guards.identity, READY) == []
    assert codes(guards.identity, replace(READY, **{missing: False})) == ["identity_incomplete"]


def test_a_program_gives_its_notice_and_others_have_none() -> None:
    """G2: the notice is asked for only where the organization is a Part 2 program."""
    assert codes(guards.notice, READY) == []
    assert codes(guards.notice, replace(READY, notice_delivered=False)) == ["part2_notice_missing"]
    assert codes(guards.notice, replace(READY, notice_delivered=False, notice_required=False)) == []


def test_the_client_consents_to_service() -> None:
    """G3."""
    assert codes(guards.treat, READY) == []
    assert codes(guards.treat, replace(READY, treatment_consent=False)) == ["treatment_consent_missing"]


@pytest.mark.parametrize(
    ("screens", "refused"),
    [
        ({"cssrs": TriageFact("none", ago(days=7)), "phq9_item_9": None}, []),
        ({"cssrs": None, "phq9_item_9": ScoreFact(0, ago(days=7))}, []),
        ({"cssrs": TriageFact("none", ago(days=8)), "phq9_item_9": ScoreFact(0, ago(days=1))}, []),
        ({"cssrs": TriageFact("none", ago(days=7, seconds=1)), "phq9_item_9": None}, ["safety_screen_outdated"]),
        (OUTDATED, ["safety_screen_outdated"]),
    ],
)
def test_a_safety_screen_is_a_week_old_at_most(screens: dict, refused: list[str]) -> None:
    """G4: by C-SSRS or by the ninth item of the PHQ-9, on every way in."""
    for guard in (TO_IOP, TO_PEER, guards.safety_stepping_up):
        assert codes(guard, replace(READY, **screens)) == refused


def test_the_organization_says_how_old_a_screen_may_be() -> None:
    """G4: the number is the organization's."""
    strict = replace(READY, policy=Policy(safety_screen_valid_days=1))

    assert codes(TO_IOP, strict) == ["safety_screen_outdated"]


def test_nothing_is_recent_where_nobody_says_what_time_it_is() -> None:
    """G4, G5: an unknown is never a yes."""
    assert codes(TO_IOP, replace(READY, at=None)) == ["safety_screen_outdated"]
    assert codes(guards.level_for(Stage.IOP), replace(READY, at=None)) == ["level_of_care_outdated"]


def test_an_open_critical_alert_blocks_every_way_in() -> None:
    """G4: critical is never relaxed, not for T8 either."""
    for guard in (TO_IOP, TO_PEER, guards.safety_stepping_up):
        assert codes(guard, alerted("critical")) == ["critical_alert_open"]
    assert codes(TO_PEER, alerted("critical", WITH_THERAPY)) == ["critical_alert_open"]


def test_an_open_high_alert_asks_for_clinical_care() -> None:
    """G4: the target is clinical, or a clinical enrollment is active."""
    assert codes(TO_PEER, alerted("high")) == ["high_alert_open"]
    assert codes(TO_IOP, alerted("high")) == []
    assert codes(guards.safety_for(Stage.THERAPY), alerted("high")) == []
    assert codes(TO_PEER, alerted("high", WITH_THERAPY)) == []
    planned = replace(READY, enrollments=(enrollment("iop", "planned"),))
    assert codes(TO_PEER, alerted("high", planned)) == ["high_alert_open"]


def test_a_step_up_is_not_held_back_by_a_high_alert() -> None:
    """G4 relaxed for T8: an open high alert is a reason for more support, not against it."""
    assert codes(guards.safety_stepping_up, alerted("high")) == []


def test_lower_alerts_do_not_block() -> None:
    """G4."""
    assert codes(TO_PEER, alerted("moderate")) == codes(TO_PEER, alerted("low")) == []


def test_a_missing_screen_and_an_alert_are_told_together() -> None:
    """G4: both are named, so that one visit mends both."""
    assert codes(TO_PEER, alerted("high", NOTHING)) == ["safety_screen_outdated", "high_alert_open"]


@pytest.mark.parametrize(
    ("target", "edition", "code", "refused"),
    [
        (Stage.IOP, 3, "2.1", []),
        (Stage.IOP, 4, "2.1", []),
        (Stage.IOP, 4, "1.5", ["level_of_care_differs"]),
        (Stage.IOP, 4, "2.5", ["level_of_care_differs"]),
        (Stage.THERAPY, 3, "1", []),
        (Stage.THERAPY, 4, "1.5", []),
        (Stage.THERAPY, 4, "1.0", ["level_of_care_differs"]),
        (Stage.THERAPY, 3, "1.5", ["level_of_care_differs"]),
        (Stage.THERAPY, 4, "1", ["level_of_care_differs"]),
    ],
)
def test_the_signed_level_leads_to_the_stage(target: Stage, edition: int, code: str, refused: list[str]) -> None:
    """G5: IOP is 2.1; therapy is 1 in the third edition and 1.5 in the fourth."""
    assert codes(guards.level_for(target), signed(code, edition=edition)) == refused


def test_a_level_is_signed_and_two_weeks_old_at_most() -> None:
    """G5: a reason does not stand in for a clinician's signature or its age."""
    guard, reason = guards.level_for(Stage.IOP), "Nobody is free to assess until next week."

    assert codes(guard, signed("2.1", days=14)) == []
    assert codes(guard, signed("2.1", days=14.1)) == ["level_of_care_outdated"]
    assert codes(guard, replace(READY, level_of_care=None)) == ["level_of_care_missing"]
    assert codes(guard, saying(signed("2.1", days=15), divergence_reason=reason)) == ["level_of_care_outdated"]
    assert codes(guard, replace(signed("2.1", days=5), policy=Policy(loc_valid_days=4))) == ["level_of_care_outdated"]


@pytest.mark.parametrize(
    ("reason", "refused"),
    [
        ("x" * 20, []),
        ("x" * 19, ["level_of_care_differs"]),
        (" " * 30, ["level_of_care_differs"]),
        (None, ["level_of_care_differs"]),
    ],
)
def test_another_stage_than_the_level_says_takes_a_documented_reason(reason: str | None, refused: list[str]) -> None:
    """G5: documented divergence, at the length the organization asks for."""
    told = saying(signed("2.5"), divergence_reason=reason)

    assert codes(guards.level_for(Stage.IOP), told) == refused
    stricter = replace(told, policy=Policy(skip_reason_characters=21))
    assert codes(guards.level_for(Stage.IOP), stricter) == ["level_of_care_differs"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"provider_id": None}, "provider_missing"),
        ({"has_place": False}, "capacity_full"),
        ({"organization_id": "elsewhere"}, "referral_not_accepted"),
        ({"kind": "other"}, "provider_missing"),
    ],
)
def test_somebody_takes_the_client_and_has_room(fields: dict, code: str) -> None:
    """G6: a provider, a place, and an accepted referral where the program is another organization's."""
    facts = replace(READY, enrollments=(replace(enrollment("iop"), **fields),))

    assert codes(guards.provider_for("iop"), facts) == [code]
    assert codes(guards.provider_for("iop"), READY) == []


def test_another_organization_accepted_and_may_know() -> None:
    """G6: its acceptance counts for the kind it accepted, and only while a consent covers it."""
    there = replace(READY, enrollments=(enrollment("therapy", organization_id=THERE),))
    guard = guards.provider_for("therapy")

    assert codes(guard, there) == []
    assert codes(guard, replace(there, referrals=(replace(REFERRAL, covered=False),))) == ["consent_not_covering"]
    assert codes(guard, replace(there, referrals=(replace(REFERRAL, stage="sent"),))) == ["referral_not_accepted"]
    assert codes(guard, replace(there, referrals=(replace(REFERRAL, kind="iop"),))) == ["referral_not_accepted"]


def test_a_full_program_takes_a_client_over_its_number_for_a_reason() -> None:
    """G6: capacity open or override."""
    full = replace(READY, enrollments=(enrollment("iop", has_place=False),))

    assert (
        codes(guards.provider_for("iop"), saying(full, capacity_override_reason="Mother of two, one bed more.")) == []
    )
    assert codes(guards.provider_for("iop"), saying(full, capacity_override_reason="  ")) == ["capacity_full"]


def test_one_enrollment_that_passes_is_enough_unless_another_was_named() -> None:
    """G6: judged on the peer who is named, where one is named."""
    ready, lacking = enrollment("peer_support", provider_id="a"), enrollment("peer_support", provider_id="b")
    facts = replace(READY, enrollments=(ready, replace(lacking, has_place=False)))

    assert codes(guards.provider_for("peer_support"), facts) == []
    assert codes(guards.provider_for("peer_support"), saying(facts, peer="a")) == []
    assert codes(guards.provider_for("peer_support"), saying(facts, peer="b")) == ["capacity_full"]


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, False),
        ({"cssrs": TriageFact("low", AT)}, False),
        ({"cssrs": TriageFact("moderate", AT)}, True),
        ({"cssrs": TriageFact("high", AT)}, True),
        ({"phq9": ScoreFact(19, AT)}, False),
        ({"phq9": ScoreFact(20, AT)}, True),
        ({"gad7": ScoreFact(14, AT)}, False),
        ({"gad7": ScoreFact(15, AT)}, True),
        ({"psychosis_or_mania": True}, True),
        ({"psychosis_or_mania": None}, False),
        ({"phq9": ScoreFact(15, AT), "policy": Policy(phq9_peer_alone_below_points=15)}, True),
        ({"gad7": ScoreFact(12, AT), "policy": Policy(gad7_peer_alone_below_points=12)}, True),
    ],
)
def test_peer_support_leads_only_where_it_is_safe(fields: dict, refused: bool) -> None:
    """G7: thresholds at their edges, and the organization's own (DG-02)."""
    assert codes(guards.peer_safe, replace(READY, **fields)) == ["peer_alone_unsafe"] * refused


@pytest.mark.parametrize(("severity", "refused"), [("critical", 1), ("high", 1), ("moderate", 0), ("low", 0)])
def test_a_peer_does_not_carry_an_open_alert_alone(severity: str, refused: int) -> None:
    """G7: also where clinical care runs beside it: as the lead it would still be the peer's."""
    assert codes(guards.peer_safe, alerted(severity)) == ["peer_alone_unsafe"] * refused
    assert codes(guards.peer_safe, alerted(severity, WITH_THERAPY)) == ["peer_alone_unsafe"] * refused


def test_a_step_down_rests_on_measures_of_the_last_two_weeks() -> None:
    """T9: the safety screen is no measure of progress."""
    assert codes(guards.measured_lately, replace(READY, measured_at={"gad7": ago(days=14)})) == []
    for measured in ({}, {"cssrs": AT}, {"gad7": ago(days=14, seconds=1), "cssrs": AT}):
        assert codes(guards.measured_lately, replace(READY, measured_at=measured)) == ["measures_outdated"]


@pytest.mark.parametrize(
    ("signed_at", "refused"),
    [
        (None, ["treatment_consent_outdated"]),
        (ago(days=10, seconds=1), ["treatment_consent_outdated"]),
        (ago(days=10), []),
        (ago(days=1), []),
    ],
)
def test_who_came_back_late_consents_anew(signed_at: datetime | None, refused: list[str]) -> None:
    """G3, T18: a consent counts that was signed since the episode before ended."""
    facts = replace(READY, consent_counts_from=ago(days=10), treatment_consent_at=signed_at)

    assert codes(guards.treat, facts) == refused
    assert codes(guards.treat, replace(facts, consent_counts_from=None)) == []


@pytest.mark.parametrize(
    ("opened_at", "refused"),
    [
        (None, ["safety_screen_outdated"]),
        (ago(days=1), ["safety_screen_outdated"]),
        (ago(days=2), []),
    ],
)
def test_who_came_back_is_screened_anew(opened_at: datetime | None, refused: list[str]) -> None:
    """G4, T18: a screen of this episode, however fresh the one before."""
    facts = replace(READY, opened_at=opened_at, came_back=True)

    assert codes(TO_IOP, facts) == refused
    assert codes(TO_IOP, replace(facts, came_back=False)) == []
