"""The words of care teams agree with those of the rooms they are about."""

from __future__ import annotations

from casemgmt.accounts.roles import Role
from casemgmt.care_team.words import ENDED, TOLD_REASONS, EndReason, TeamRole
from casemgmt.episodes.stages import TERMINAL


def test_the_stages_that_end_a_team_are_those_that_end_an_episode() -> None:
    assert {str(stage) for stage in TERMINAL} == ENDED


def test_a_role_on_a_team_is_a_role_in_the_organization_that_meets_clients() -> None:
    elsewhere = {Role.INTAKE.value, Role.PRIVACY_OFFICER.value, Role.ADMIN.value}

    assert set(Role.values) - set(TeamRole.values) == elsewhere


def test_what_follows_from_a_fact_is_not_told_by_a_person() -> None:
    assert set(EndReason) - set(TOLD_REASONS) == {EndReason.EPISODE_ENDED, EndReason.CLIENT_DIED}
