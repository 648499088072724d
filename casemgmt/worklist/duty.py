"""Whose work is whose: which roles may do the work of a role. Pure."""

from __future__ import annotations

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, RECEIVES_REFERRALS, Role

# The role itself and those above it (table 1.9). Nobody stands in for a privacy officer.
DOES_WORK_OF: dict[str, frozenset[str]] = {
    Role.PEER_SPECIALIST: CASE_MANAGER_AND_UP | {Role.PEER_SPECIALIST.value},
    Role.HOUSE_MANAGER: CASE_MANAGER_AND_UP | {Role.HOUSE_MANAGER.value},
    Role.CASE_MANAGER: CASE_MANAGER_AND_UP,
    Role.THERAPIST: CLINICIANS,
    Role.SUPERVISOR: frozenset({Role.SUPERVISOR.value}),
    Role.INTAKE: RECEIVES_REFERRALS,
    Role.PRIVACY_OFFICER: frozenset({Role.PRIVACY_OFFICER.value}),
    Role.ADMIN: frozenset({Role.ADMIN.value}),
}


def may_do_work_of(role: str, *, roles: frozenset[str]) -> bool:
    """True when somebody who holds `roles` may do what is there to do for `role`."""
    return not DOES_WORK_OF[role].isdisjoint(roles)
