"""Who may do whose work: the role itself and those above it (table 1.9)."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.worklist.duty import DOES_WORK_OF, may_do_work_of


def test_every_role_s_work_has_somebody_who_does_it() -> None:
    assert set(DOES_WORK_OF) == set(Role.values)
    assert all(role in does for role, does in DOES_WORK_OF.items())


@pytest.mark.parametrize(
    ("role", "by", "may"),
    [
        (Role.PEER_SPECIALIST, Role.CASE_MANAGER, True),
        (Role.CASE_MANAGER, Role.THERAPIST, True),
        (Role.THERAPIST, Role.SUPERVISOR, True),
        (Role.INTAKE, Role.CASE_MANAGER, True),
        (Role.CASE_MANAGER, Role.PEER_SPECIALIST, False),
        (Role.THERAPIST, Role.CASE_MANAGER, False),
        (Role.SUPERVISOR, Role.THERAPIST, False),
        (Role.PRIVACY_OFFICER, Role.SUPERVISOR, False),
        (Role.HOUSE_MANAGER, Role.PEER_SPECIALIST, False),
        (Role.CASE_MANAGER, Role.ADMIN, False),
    ],
)
def test_work_goes_up_never_down(role, by, may) -> None:
    assert may_do_work_of(role, roles=frozenset({by.value})) is may
