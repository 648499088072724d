"""Whom to ask instead when a referral comes to nothing (F3: reroute). Suggests; asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from casemgmt.accounts.roles import PROPOSERS
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from programs.models import Program
from programs.rules.kinds import ProgramStatus
from referrals.models import Referral
from referrals.standing import Side, side_of
from referrals.words import OPEN

MOST = 10
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A program that may be asked instead, and why it is on the list. `places`: open, full or unknown."""

    program: Program
    places: str
    because: tuple[str, ...]


def suggest(*, referral_id: UUID, actor: Actor) -> list[Suggestion]:
    """Return programs of the same kind that take people and were not asked about this client; places first, by name.

    Raises NotVisible, NotPermitted (the sender's side asks on). Three queries.
    """
    referral = Referral.objects.visible_to(actor).select_related("program").fetch(referral_id)
    require_role(actor, PROPOSERS)
    if side_of(referral, actor) is not Side.SENDER:
        raise NotPermitted("The sender looks for somebody else.", code="not_your_side")
    programs = Program.objects.visible_to(actor).filter(
        kind=referral.kind, status=ProgramStatus.ACTIVE, published=True, organization__joined=True
    )
    asked = Referral.objects.filter(client_id=referral.client_id, organization_id=referral.organization_id)
    not_now = asked.filter(Q(stage__in=OPEN) | Q(parked_until__gt=clock.now()) | Q(pk=referral.pk))
    programs = programs.exclude(pk__in=not_now.values("program_id")).exclude(organization_id=referral.organization_id)
    if _needs_moud(referral):
        programs = programs.exclude(accepts_moud=False)  # CLN-10
    found = [
        _suggestion(each, referral)
        for each in programs.select_related("organization").order_by("name", "id")[:LOOKED_AT]
    ]
    order = {"open": 0, "unknown": 1, "full": 2}
    return sorted(found, key=lambda each: (order[each.places], -len(each.because), each.program.name))[:MOST]


def _suggestion(program: Program, referral: Referral) -> Suggestion:
    because = ["same_kind"]
    if program.city and program.city == referral.program.city:
        because.append("same_city")
    if set(program.modalities) & set(referral.program.modalities):
        because.append("shared_modality")
    if (program.level_of_care_code, program.level_of_care_edition) == (
        referral.program.level_of_care_code,
        referral.program.level_of_care_edition,
    ) and program.level_of_care_code:
        because.append("same_level_of_care")
    places = "unknown" if program.places_open is None else "open" if program.places_open else "full"
    return Suggestion(program, places, tuple(because))


def _needs_moud(referral: Referral) -> bool:
    return "moud" in referral.categories or bool(referral.told.get("moud"))
