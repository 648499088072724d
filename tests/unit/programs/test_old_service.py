"""What becomes of the service of a stage that is left, judged without a database (T9)."""

from __future__ import annotations

import pytest

from casemgmt.kernel.errors import Refusal
from programs.rules.old_service import OldService, settle, usual

END, CONTINUE = OldService.END, OldService.CONTINUE
NO = (Refusal("STG-01", "x", "x", "x"),)


@pytest.mark.parametrize(
    ("origin", "target", "expected"),
    [
        ("iop", "therapy", END),
        ("iop", "sober_living", END),
        ("iop", "peer_support", END),
        ("therapy", "aftercare", END),
        ("therapy", "iop", CONTINUE),
        ("therapy", "sober_living", CONTINUE),
        ("peer_support", "aftercare", CONTINUE),
        ("peer_support", "therapy", CONTINUE),
        ("sober_living", "aftercare", CONTINUE),
        ("sober_living", "iop", CONTINUE),
        ("aftercare", "peer_support", CONTINUE),
    ],
)
def test_treatment_that_was_stepped_down_from_ends_and_a_home_or_a_peer_stays(origin, target, expected) -> None:
    """T9: the old service gets an end date or continues as enrollment; a step up adds to what is there."""
    assert usual(origin, target) is expected


@pytest.mark.parametrize("customary", list(OldService))
def test_custom_gives_way_only_where_the_other_choice_keeps_the_rules(customary) -> None:
    """STG-01: what nobody told breaks no combination rule if there is a choice that keeps them."""
    other = CONTINUE if customary is END else END
    against_custom = {"ended": NO if customary is END else (), "continued": NO if customary is CONTINUE else ()}

    assert settle("", customary=customary, ended=(), continued=()).choice is customary
    assert settle("", customary=customary, **against_custom).choice is other
    assert settle("", customary=customary, **against_custom).refusals == ()
    assert settle("", customary=customary, ended=NO, continued=NO).refusals == NO


@pytest.mark.parametrize("told", list(OldService))
def test_what_was_told_is_kept_to_and_may_be_refused(told) -> None:
    """T9: who says `end` or `continue` is not silently overruled."""
    against = {"ended": NO if told is END else (), "continued": NO if told is CONTINUE else ()}

    for customary in OldService:
        free = settle(told.value, customary=customary, ended=(), continued=())
        assert (free.choice, free.refusals) == (told, ())
        assert settle(told.value, customary=customary, **against).refusals == NO
