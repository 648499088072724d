"""Which enrollments may run together: reading an organization's rules, and setting one (STG-01, F1)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.outbox.emit import emit
from programs.models import CombinationRule
from programs.rules.combinations import Combination, in_force, rule_refusals

SET = register_topic("enrollment.combination_set")


def combinations_of(organization_id: UUID) -> tuple[Combination, ...]:
    """Return the rules that hold for an organization's episodes now, by name: its own and shipped ones. One query."""
    rows = CombinationRule.objects.last_of_each(organization_id)
    return in_force((row.rule, row.in_force) for row in rows)


@transaction.atomic
def set_combination(*, rule: Combination, reason: str, actor: Actor) -> CombinationRule:
    """Set a rule of the actor's organization, from now on; one of the same name, shipped or own, gives way to it.

    What runs already is not judged again. Raises NotPermitted (a supervisor signs it), Invalid (kinds that do not
    exist, a rule that contradicts the others).
    """
    organization_id, _ = _signed_for(actor)
    one_at_a_time(f"combinations:{organization_id}")  # two rules set at once could contradict each other
    others = [each for each in combinations_of(organization_id) if each.name != rule.name]
    refusals = rule_refusals(rule, others)
    if refusals:
        raise Invalid(fields=refusals)
    return _write(rule, holds=True, reason=reason, actor=actor)


@transaction.atomic
def set_combination_aside(*, name: str, reason: str, actor: Actor) -> CombinationRule:
    """Do without a rule from now on, a shipped one too. Raises NotPermitted, Invalid `unknown_combination`."""
    organization_id, _ = _signed_for(actor)
    one_at_a_time(f"combinations:{organization_id}")
    rule = next((each for each in combinations_of(organization_id) if each.name == name), None)
    if rule is None:
        raise Invalid(code="unknown_combination", fields={"name": ["No rule of this name holds."]})
    return _write(rule, holds=False, reason=reason, actor=actor)


def _signed_for(actor: Actor) -> tuple[UUID, UUID]:
    """Return the organization whose rules these are, and the supervisor who signs them."""
    if actor.organization_id is None or actor.id is None or not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])
    return actor.organization_id, actor.id


def _write(rule: Combination, *, holds: bool, reason: str, actor: Actor) -> CombinationRule:
    organization_id, set_by = _signed_for(actor)
    row: CombinationRule = CombinationRule.objects.create(
        organization_id=organization_id,
        name=rule.name,
        kind=rule.kind,
        relation=rule.relation,
        kinds=list(rule.kinds),
        sentence=rule.sentence,
        in_force=holds,
        reason=reason,
        set_by_id=set_by,
        request_id=request_id.get(),
    )
    payload: dict[str, Scalar] = {"name": rule.name, "in_force": holds, "seq": row.seq}
    emit(Event(SET, organization_id, None, organization_id, payload), actor=actor)
    return row
