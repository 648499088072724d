"""Each guard about houses, plans and endings, branch by branch (G8-G13, T14). No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from casemgmt.episodes import plan_guards
from casemgmt.episodes.facts import ContactFact, ScoreFact, TriageFact
from casemgmt.policies.catalog import Policy

from .known import AT, HERE, PLAN, READY, REFERRAL, SOUGHT, THERE, ago, alerted, enrollment, saying, with_house
from .test_guards import codes


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"narr_level": None}, "narr_level_missing"),
        ({"narr_level": ""}, "narr_level_missing"),
        ({"house_agreement_at": None}, "house_agreement_missing"),
        ({"consent_names_it": False}, "consent_not_naming_residence"),
        ({"consent_names_it": None}, "consent_not_naming_residence"),
        ({"accepts_moud": False}, "housing_moud_mismatch"),
        ({"accepts_moud": None}, "housing_moud_mismatch"),
    ],
)
def test_a_house_is_known_agreed_to_and_consented_to(fields: dict, code: str) -> None:
    """G8: an unknown is never a yes (P2-22, CLN-10)."""
    assert codes(plan_guards.house, READY) == []
    assert codes(plan_guards.house, with_house(**fields)) == [code]


def test_everything_that_a_house_lacks_is_told_together() -> None:
    """G8."""
    bare = with_house(narr_level=None, house_agreement_at=None, consent_names_it=None, accepts_moud=None)

    assert codes(plan_guards.house, bare) == [
        "narr_level_missing",
        "house_agreement_missing",
        "consent_not_naming_residence",
        "housing_moud_mismatch",
    ]


@pytest.mark.parametrize("wants", [False, None])
def test_medication_matters_only_to_who_takes_it(wants: bool | None) -> None:
    """G8: MOUD match."""
    assert codes(plan_guards.house, replace(with_house(accepts_moud=False), wants_moud=wants)) == []


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"phq9": ScoreFact(14, AT)}, 0),
        ({"phq9": ScoreFact(15, AT)}, 1),
        ({"phq9": ScoreFact(12, AT), "policy": Policy(phq9_house_alone_below_points=12)}, 1),
        ({"cssrs": TriageFact("low", AT)}, 0),
        ({"cssrs": TriageFact("moderate", AT)}, 1),
        ({"cssrs": TriageFact("high", AT)}, 1),
    ],
)
def test_a_house_is_not_the_only_support_of_who_needs_clinical_care(fields: dict, refused: int) -> None:
    """G8: an active clinical enrollment, not a planned one."""
    facts = replace(READY, **fields)
    beside = replace(facts, enrollments=(*facts.enrollments, enrollment("therapy", "active")))

    assert codes(plan_guards.house, facts) == ["clinical_care_missing"] * refused
    assert codes(plan_guards.house, beside) == []


def test_the_named_house_is_the_one_that_is_judged() -> None:
    """G8: of two planned houses the better one passes, unless the other was named."""
    good, bad = enrollment("sober_living", program_id="a"), enrollment("sober_living", program_id="b", narr_level=None)
    facts = replace(READY, enrollments=(bad, good))

    assert codes(plan_guards.house, facts) == []
    assert codes(plan_guards.house, saying(facts, residence="b")) == ["narr_level_missing"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"has_warning_signs": False}, "warning_signs_missing"),
        ({"first_checkup_on": None}, "first_checkup_missing"),
        ({"first_checkup_on": (AT + timedelta(days=91)).date()}, "first_checkup_missing"),
        ({"first_checkup_on": (AT - timedelta(days=1)).date()}, "first_checkup_missing"),
        ({"peer_offer": ""}, "peer_not_offered"),
        ({"refused_at": ago(days=1)}, "continuing_care_plan_missing"),
    ],
)
def test_aftercare_begins_with_a_plan(fields: dict, code: str) -> None:
    """G9: warning signs, a first check-up within 90 days, a peer offered; a refused plan is none."""
    assert codes(plan_guards.aftercare_plan, READY) == []
    assert codes(plan_guards.aftercare_plan, replace(READY, continuing_care=replace(PLAN, **fields))) == [code]


def test_the_first_checkup_may_be_on_the_ninetieth_day_and_the_peer_accepted() -> None:
    """G9: the edge of the window, and the organization's own."""
    last = replace(PLAN, first_checkup_on=(AT + timedelta(days=90)).date(), peer_offer="accepted")
    facts = replace(READY, continuing_care=last)

    assert codes(plan_guards.aftercare_plan, facts) == []
    sooner = replace(facts, policy=Policy(first_checkup_within_days=60))
    assert codes(plan_guards.aftercare_plan, sooner) == ["first_checkup_missing"]


def test_check_ins_are_planned_or_documented_as_not_wanted() -> None:
    """G9."""
    without = replace(READY, check_ins_planned=False)

    assert codes(plan_guards.aftercare_plan, without) == ["check_ins_not_planned"]
    unwanted = replace(without, continuing_care=replace(PLAN, check_ins_refused=True))
    assert codes(plan_guards.aftercare_plan, unwanted) == []


def test_without_a_plan_there_is_no_aftercare() -> None:
    """G9."""
    assert codes(plan_guards.aftercare_plan, replace(READY, continuing_care=None)) == ["continuing_care_plan_missing"]


@pytest.mark.parametrize(
    ("reason", "view", "refused"),
    [
        ("x" * 20, "Wants it.", 0),
        ("x" * 19, "Wants it.", 1),
        (" x" + " " * 30, "Wants it.", 1),
        ("x" * 20, " ", 1),
        ("x" * 20, None, 1),
        (None, "Wants it.", 1),
    ],
)
def test_a_skip_takes_a_full_reason_and_the_clients_view(reason: str | None, view: str | None, refused: int) -> None:
    """G10: twenty characters that are no blanks around nothing."""
    facts = saying(READY, skip_reason=reason, client_view=view)

    assert codes(plan_guards.skip_reasoned, facts) == ["skip_not_reasoned"] * refused


def test_an_organization_may_ask_for_a_longer_reason() -> None:
    """G10: the number is the organization's."""
    facts = saying(replace(READY, policy=Policy(skip_reason_characters=40)), skip_reason="x" * 39, client_view="Yes.")

    assert codes(plan_guards.skip_reasoned, facts) == ["skip_not_reasoned"]


def test_completion_takes_a_plan_given_or_refused() -> None:
    """G11: a plan that was written and not given does not count."""
    written = replace(PLAN, given_at=None)

    assert codes(plan_guards.continuing_care, READY) == []
    assert codes(plan_guards.continuing_care, replace(READY, continuing_care=written)) == ["continuing_care_not_given"]
    refused = replace(written, refused_at=AT)
    assert codes(plan_guards.continuing_care, replace(READY, continuing_care=refused)) == []
    assert codes(plan_guards.continuing_care, replace(READY, continuing_care=None)) == ["continuing_care_not_given"]


@pytest.mark.parametrize(("severity", "refused"), [("critical", 1), ("high", 1), ("moderate", 0)])
def test_nobody_is_completed_while_a_serious_alert_is_open(severity: str, refused: int) -> None:
    """T14."""
    assert codes(plan_guards.no_serious_alert, alerted(severity)) == ["serious_alert_open"] * refused


@pytest.mark.parametrize(
    ("attempts", "refused"),
    [
        (SOUGHT, 0),
        (SOUGHT[:2], 1),
        ((), 1),
        (tuple(replace(each, channel="phone") for each in SOUGHT), 1),
        (tuple(replace(each, at=max(each.at, ago(days=19))) for each in SOUGHT), 1),
        ((*SOUGHT, ContactFact(ago(days=1), "phone", reached=True)), 1),
    ],
)
def test_a_dropout_was_sought_three_times_by_two_ways_over_two_weeks(attempts: tuple, refused: int) -> None:
    """G12: each of the three counts; reaching the client begins the count anew."""
    assert codes(plan_guards.sought, replace(READY, contacts=attempts)) == ["contact_attempts_missing"] * refused


@pytest.mark.parametrize(
    "stricter",
    [Policy(dropout_attempts_count=4), Policy(dropout_channels_count=3), Policy(dropout_span_days=15)],
)
def test_an_organization_may_seek_longer(stricter: Policy) -> None:
    """G12: the numbers are the organization's."""
    assert codes(plan_guards.sought, replace(READY, policy=stricter)) == ["contact_attempts_missing"]


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, []),
        ({"stage": "sent"}, ["handover_not_accepted"]),
        ({"organization_id": HERE}, ["handover_not_accepted"]),
        ({"disclosed_at": None}, ["handover_not_disclosed"]),
    ],
)
def test_a_transfer_is_accepted_elsewhere_and_disclosed_with_the_notice(fields: dict, refused: list[str]) -> None:
    """G13."""
    assert codes(plan_guards.handover, replace(READY, referrals=(replace(REFERRAL, **fields),))) == refused


def test_the_named_receiver_is_the_one_that_is_judged() -> None:
    """G13: what went to one organization says nothing of another."""
    silent = replace(REFERRAL, organization_id="other", disclosed_at=None)
    facts = replace(READY, referrals=(REFERRAL, silent))

    assert (
        codes(plan_guards.handover, facts)
        == codes(plan_guards.handover, saying(facts, receiving_organization=THERE))
        == []
    )
    assert codes(plan_guards.handover, saying(facts, receiving_organization="other")) == ["handover_not_disclosed"]


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, ["first_checkup_missing"]), (0, []), (91, ["first_checkup_missing"])]
)
def test_the_first_checkup_lies_between_today_and_the_last_day(days: int, refused: list[str]) -> None:
    """G9: one whose day has passed is not to come any more."""
    plan = replace(PLAN, first_checkup_on=AT.date() + timedelta(days=days))

    assert codes(plan_guards.aftercare_plan, replace(READY, continuing_care=plan)) == refused


def test_days_are_counted_where_the_organization_is() -> None:
    """G9, G12: in the evening of the fifth in Los Angeles it is the sixth in UTC."""
    evening, zone = datetime(2026, 1, 6, 3, tzinfo=UTC), "America/Los_Angeles"
    here = replace(READY, at=evening, zone=zone)

    today = replace(PLAN, first_checkup_on=date(2026, 1, 5))
    assert codes(plan_guards.aftercare_plan, replace(here, continuing_care=today)) == []
    too_late = replace(PLAN, first_checkup_on=date(2026, 4, 6))
    assert codes(plan_guards.aftercare_plan, replace(here, continuing_care=too_late)) == ["first_checkup_missing"]
    calls = (
        ContactFact(datetime(2025, 12, 22, 15, tzinfo=UTC), "phone", reached=False),
        ContactFact(datetime(2025, 12, 30, 15, tzinfo=UTC), "letter", reached=False),
        ContactFact(datetime(2026, 1, 5, 2, tzinfo=UTC), "phone", reached=False),  # the evening of the fourth
    )
    assert codes(plan_guards.sought, replace(here, contacts=calls)) == ["contact_attempts_missing"]
    assert codes(plan_guards.sought, replace(here, contacts=calls, zone="UTC")) == []
