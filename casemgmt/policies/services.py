"""Reading the numbers of an organization, and setting one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.outbox.emit import emit

from .catalog import NUMBERS, Number, Policy
from .models import PolicySetting

SET = register_topic("policy.set")


def policy_of(organization_id: UUID) -> Policy:
    """Return the numbers that hold for an organization now. One query."""
    rows = PolicySetting.objects.in_force(organization_id).values_list("name", "value")
    return Policy(**{name: value for name, value in rows if name in NUMBERS})


def policies_of(organization_ids: Collection[UUID]) -> dict[UUID, Policy]:
    """Return the numbers that hold for each of these organizations now. One query."""
    found: dict[UUID, dict[str, int]] = {each: {} for each in organization_ids}
    for row in PolicySetting.objects.in_force_at(organization_ids):
        if row.name in NUMBERS:
            found[row.organization_id][row.name] = row.value
    return {each: Policy(**numbers) for each, numbers in found.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """A number as it stands at an organization: since when (aware UTC) and by whom, None while it is the default."""

    number: Number
    value: int
    set_at: datetime | None = None
    set_by_id: UUID | None = None


def standing_of(organization_id: UUID) -> list[Standing]:
    """Return every number as it stands at an organization, in the catalog's order. One query."""
    last = {each.name: each for each in PolicySetting.objects.in_force(organization_id)}
    return [_standing(number, last.get(number.name)) for number in NUMBERS.values()]


def _standing(number: Number, setting: PolicySetting | None) -> Standing:
    if setting is None:
        return Standing(number, number.default)
    return Standing(number, setting.value, setting.at, setting.set_by_id)


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
