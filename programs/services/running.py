"""Who runs an organization's entries of the directory, and by which standards a reader judges them. Inner functions."""

from __future__ import annotations

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.policies.catalog import Policy
from casemgmt.policies.services import policy_of
from programs.rules.listing import Standards

RUNS_THE_DIRECTORY = frozenset({Role.SUPERVISOR.value, Role.ADMIN.value})


def own_organization(actor: Actor) -> Organization:
    """Return the organization whose entries the actor runs. Raises NotPermitted."""
    if actor.organization_id is None or not actor.has_role(*RUNS_THE_DIRECTORY):
        raise NotPermitted(who=sorted(RUNS_THE_DIRECTORY))
    return Organization.objects.get(pk=actor.organization_id)


def standards_for(actor: Actor) -> Standards:
    """Return now, and what the actor's organization calls old (the defaults for machines). Two queries."""
    policy = policy_of(actor.organization_id) if actor.organization_id else Policy()
    return Standards(
        at=clock.now(),
        warn_days=policy.listing_warn_days,
        hide_days=policy.listing_hide_days,
        confirm_days=policy.capacity_confirm_days,
    )
