"""Whether what is told with a step fits what is known, and who may tell it. Pure; the guards judge everything else.

Ids that are told name rows the guards saw: an open enrollment, an accepted referral, a recorded return to use, the
signed level of care. Anything else is told back field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from casemgmt.accounts.roles import CLINICIANS, Role
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, Refused

from .facts import Facts
from .stages import Stage

# Words that only some roles may say, whatever else the step allows them (G5, G6, CLN-30).
SPOKEN_BY: dict[str, frozenset[str]] = {
    "divergence_reason": CLINICIANS,
    "capacity_override_reason": frozenset({Role.SUPERVISOR.value}),
    "supervisor_justification": frozenset({Role.SUPERVISOR.value}),
}


def check_told(facts: Facts, *, actor: Actor) -> None:
    """Raise unless everything told fits the facts and is the actor's to tell.

    Raises NotPermitted (with `field` and `who`), Invalid (`fields` by `data.<name>`), Refused
    `rtu_discharge_needs_supervisor`.
    """
    told = facts.told
    for name, roles in SPOKEN_BY.items():
        if told.get(name) and not actor.has_role(*roles):
            raise NotPermitted("Somebody else has to say this.", field=f"data.{name}", who=sorted(roles))
    misfits = {f"data.{name}": [text] for name, check in CHECKS.items() if (text := _asked(check, facts, name))}
    if misfits:
        raise Invalid(fields=misfits)
    require_justified(facts)


def require_justified(facts: Facts) -> None:
    """Raise Refused `rtu_discharge_needs_supervisor` when a return to use alone would end treatment (CLN-30)."""
    if _ends_for_return_to_use(facts.told) and not facts.says(
        "supervisor_justification", facts.policy.skip_reason_characters
    ):
        sentence = (
            "A return to use alone does not end treatment. A supervisor signs a separate justification, told as "
            f"`supervisor_justification` in {facts.policy.skip_reason_characters} characters or more (CLN-30)."
        )
        raise Refused(sentence, code="rtu_discharge_needs_supervisor")


def _ends_for_return_to_use(told: Mapping[str, Any]) -> bool:
    ended = told.get("discharge_reason") == "terminated_by_facility"
    return ended and set(told.get("causes") or ()) == {"return_to_use"}


def _asked(check: Callable[[Facts, Any], str], facts: Facts, name: str) -> str:
    value = facts.told.get(name)
    return "" if value in (None, "", []) else check(facts, value)


def _peer(facts: Facts, value: Any) -> str:
    """T4: the peer of an open enrollment."""
    providers = {each.provider_id for each in facts.enrollments if each.kind == Stage.PEER_SUPPORT}
    return "" if str(value) in providers else "No open peer support enrollment names this person."


def _residence(facts: Facts, value: Any) -> str:
    """T5: the residence of an open enrollment."""
    programs = {each.program_id for each in facts.enrollments if each.kind == Stage.SOBER_LIVING}
    return "" if str(value) in programs else "No open enrollment is in this residence."


def _receiver(facts: Facts, value: Any) -> str:
    """T16: an organization that accepted a referral."""
    accepted = {each.organization_id for each in facts.accepted_elsewhere()}
    return "" if str(value) in accepted else "This organization has not accepted a referral of the client."


def _level_of_care(facts: Facts, value: Any) -> str:
    """T3: the level of care in force."""
    signed = facts.level_of_care
    return "" if signed and str(value) == signed.id else "This is not the level of care in force for this episode."


def _return_to_use(facts: Facts, value: Any) -> str:
    """T19: a return to use that is on record."""
    return "" if str(value) in facts.returns_to_use else "No such return to use is on record for this episode."


def _review_date(facts: Facts, value: Any) -> str:
    """T11: a hold is looked at again in time."""
    days, day = facts.policy.hold_review_days, as_date(value)
    if facts.at is None or day is None:
        return ""
    today = facts.today
    return "" if today <= day <= today + timedelta(days=days) else f"Within {days} days from today (T11)."


def _last_contact(facts: Facts, value: Any) -> str:
    """T14, T15: the length of stay ends with it (CLN-50)."""
    day = as_date(value)
    return "" if facts.at is None or day is None or day <= facts.today else "Not in the future."


def as_date(value: Any) -> date | None:
    """Return a calendar date that came typed or as a proposal stored it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


CHECKS: dict[str, Callable[[Facts, Any], str]] = {
    "level_of_care": _level_of_care,
    "peer": _peer,
    "residence": _residence,
    "receiving_organization": _receiver,
    "return_to_use": _return_to_use,
    "review_date": _review_date,
    "last_contact": _last_contact,
}
