"""Reading the numbers of an organization, and setting one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .catalog import NUMBERS, Policy
from .models import PolicySetting

SET = register_topic("policy.set")


def policy_of(organization_id: UUID) -> Policy:
    """Return the numbers that hold for an organization now. One query."""
    rows = PolicySetting.objects.in_force(organization_id).values_list("name", "value")
    return Policy(**{name: value for name, value in rows if name in NUMBERS})


@transaction.atomic
def set_number(*, name: str, value: int, reason: str, actor: Actor) -> PolicySetting:
    """Set one number of the actor's organization, from now on.

    Raises NotPermitted (a supervisor signs the numbers), Invalid `unknown_number`, `out_of_bounds`.
    """
    if actor.organization_id is None or actor.id is None or not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])
    number = NUMBERS.get(name)
    if number is None:
        raise Invalid("There is no such number.", code="unknown_number", fields={"name": ["No number of ours."]})
    if not number.low <= value <= number.high:
        bound = " Law or payer set the bound." if number.law else ""
        sentence = f"From {number.low} to {number.high} {number.unit} ({number.rule}).{bound}"
        raise Invalid(code="out_of_bounds", fields={"value": [sentence]})
    setting = PolicySetting.objects.create(
        organization_id=actor.organization_id,
        name=name,
        value=value,
        reason=reason,
        set_by_id=actor.id,
        request_id=request_id.get(),
    )
    payload: dict[str, Scalar] = {"name": name, "value": value}
    emit(Event(SET, actor.organization_id, None, actor.organization_id, payload), actor=actor)
    return setting
