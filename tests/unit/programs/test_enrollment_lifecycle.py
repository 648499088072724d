"""The state chart of enrollments, without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import GuardsFailed, Invalid, NotPermitted, WrongStage
from casemgmt.kernel.lifecycle import advance, pairs
from programs.guards import EnrollmentFacts
from programs.models import Enrollment

AT = datetime(2026, 3, 1, 15, tzinfo=UTC)
READY = EnrollmentFacts(following=False, has_provider=True, notice_missing=False, own=True, referred=False)
NOTHING = EnrollmentFacts(following=False, has_provider=False, notice_missing=True, own=False, referred=False)
ALONG = EnrollmentFacts(following=True, has_provider=False, notice_missing=True, own=False, referred=False)
CASE_MANAGER = Actor(ActorKind.STAFF, roles=frozenset({"case_manager"}))
PEER = Actor(ActorKind.STAFF, roles=frozenset({"peer_specialist"}))


def test_the_pairs_are_those_of_the_chart() -> None:
    assert pairs(Enrollment) == [
        ("active", "ended"),
        ("active", "on_hold"),
        ("on_hold", "active"),
        ("on_hold", "ended"),
        ("planned", "active"),
        ("planned", "ended"),
    ]


def test_everything_that_is_missing_is_named_at_once() -> None:
    enrollment = Enrollment()

    with pytest.raises(GuardsFailed) as refused:
        advance(enrollment, "activate", actor=CASE_MANAGER, at=AT, facts=NOTHING)

    codes = [refusal.code for refusal in refused.value.refusals]
    assert codes == ["provider_missing", "part2_notice_missing", "referral_not_accepted"]
    assert enrollment.stage == "planned"


def test_what_follows_the_pathway_is_not_judged_again() -> None:
    enrollment = Enrollment()

    change = advance(enrollment, "activate", actor=CASE_MANAGER, at=AT, facts=ALONG)

    assert (change.rule, enrollment.stage, enrollment.started_at) == ("STG-01", "active", AT)


def test_by_hand_an_end_needs_a_reason() -> None:
    with pytest.raises(Invalid) as refused:
        advance(Enrollment(), "end", actor=CASE_MANAGER, at=AT, facts=READY)

    assert refused.value.code == "data_missing"


def test_a_hold_resumes_and_an_end_is_final() -> None:
    enrollment = Enrollment()
    for verb in ("activate", "hold", "resume"):
        advance(enrollment, verb, actor=CASE_MANAGER, at=AT, facts=READY)
    advance(enrollment, "end", actor=CASE_MANAGER, at=AT, facts=READY, given={"end_reason": "completed"})

    assert (enrollment.stage, enrollment.ended_at) == ("ended", AT)
    with pytest.raises(WrongStage):
        advance(enrollment, "activate", actor=CASE_MANAGER, at=AT, facts=READY)


def test_a_peer_may_not_move_it() -> None:
    with pytest.raises(NotPermitted):
        advance(Enrollment(), "activate", actor=PEER, at=AT, facts=READY)
