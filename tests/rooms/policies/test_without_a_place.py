"""Numbers and those who belong nowhere; numbers of several organizations; a number that this release does not know."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.policies.api.views import PoliciesView
from casemgmt.policies.catalog import NUMBERS, Policy
from casemgmt.policies.models import PolicySetting
from casemgmt.policies.services import policies_of, policy_of, set_number

REASON = "The supervisor is here twice a day."


@pytest.mark.parametrize("lost", ["organization_id", "id"])
def test_who_has_no_organization_or_is_no_person_signs_no_number(cast, lost) -> None:
    """Fails closed, whatever roles such an actor was given."""
    nobody = replace(cast.supervisor, **{lost: None})

    with pytest.raises(NotPermitted):
        set_number(name="cosign_hours", value=12, reason=REASON, actor=nobody)
    assert not PolicySetting.objects.exists()


def test_who_has_no_organization_reads_no_numbers() -> None:
    """Fails closed: also a principal that no log-in gives today."""
    view = PoliciesView(request=SimpleNamespace(actor=Actor.anonymous()))

    with pytest.raises(NotPermitted):
        view.standing()


def test_numbers_of_several_organizations_are_those_of_each_and_of_no_other(cast) -> None:
    for actor, value in ((cast.supervisor, 12), (replace(cast.supervisor, organization_id=cast.south.id), 6)):
        set_number(name="cosign_hours", value=value, reason=REASON, actor=actor)

    found = policies_of([cast.north.id, cast.east.id])

    assert found == {cast.north.id: replace(Policy(), cosign_hours=12), cast.east.id: Policy()}


def test_a_number_that_a_later_release_brought_is_passed_over(cast, monkeypatch) -> None:
    """While a deployment goes on, a process of the release before may read it."""
    set_number(name="cosign_hours", value=12, reason=REASON, actor=cast.supervisor)
    monkeypatch.delitem(NUMBERS, "cosign_hours")

    assert policy_of(cast.north.id) == Policy()
    assert policies_of([cast.north.id]) == {cast.north.id: Policy()}
