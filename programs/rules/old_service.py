"""What becomes of a stage's service when the pathway leads on (T9, STG-01). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices

from casemgmt.episodes.stages import direction
from casemgmt.kernel.errors import Refusal

from .kinds import Kind


class OldService(TextChoices):
    """Whether the enrollments of the stage that was left end, or go on beside the new lead."""

    END = "end"
    CONTINUE = "continue"


PAUSED_WITH_EPISODE = "episode_on_hold"  # the ledger's word for a pause that ends with the episode's hold (T11, T12)
# A home and a peer stay when the lead moves on; what was stepped down from ends.
STAYS = frozenset({Kind.PEER_SUPPORT.value, Kind.SOBER_LIVING.value})


@dataclass(frozen=True, slots=True)
class Settled:
    """What happens to the old service, and what stands against that."""

    choice: OldService
    refusals: tuple[Refusal, ...] = ()


def usual(origin: str, target: str) -> OldService:
    """Return what happens between two stages of care when nobody says: a step up adds to what is there (T8)."""
    if origin in STAYS or direction(origin, target) == "step_up":
        return OldService.CONTINUE
    return OldService.END


def settle(told: str, *, customary: OldService, ended: tuple[Refusal, ...], continued: tuple[Refusal, ...]) -> Settled:
    """Return what happens to the old service. `ended` and `continued` are the rules that each choice would break.

    What was told is kept to and may be refused. What nobody told follows custom, unless only the other choice keeps
    the rules.
    """
    against = {OldService.END: ended, OldService.CONTINUE: continued}
    if told in OldService.values:
        choice = OldService(told)
        return Settled(choice, against[choice])
    other = OldService.CONTINUE if customary is OldService.END else OldService.END
    choice = other if against[customary] and not against[other] else customary
    return Settled(choice, against[choice])
