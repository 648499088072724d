"""How a referral stands to those who act on it: on which side, what guards judge, what it would disclose. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from casemgmt.consent.packets import SERVICES
from casemgmt.consent.permits import Verdict, Wish
from casemgmt.kernel.actor import Actor


class Side(StrEnum):
    """On which side of a referral somebody stands. Roles are held in one organization, so the side decides first."""

    SENDER = "sender"
    RECEIVER = "receiver"
    GROUND = "ground"  # nobody decides: what the referral stood on fell away


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """What the guards of one referral judge. `verdict` is about sending; None where nothing is to be sent.

    `appointment_ahead` and `visit_was` are about the time that is told; `gives_up`: the client's no-shows are the
    reason that is told, and `no_shows` were counted. `outcome` and `client_confirmed` are what is told of the end.
    """

    side: Side
    verdict: Verdict | None = None
    receiver_ready: bool = True
    client_alive: bool = True
    appointment_ahead: bool = False
    visit_was: bool = False
    gives_up: bool = False
    no_shows: int = 0
    outcome: str = ""
    client_confirmed: bool = False

    def told(self) -> dict[str, Any]:
        """Return the facts as the ledger keeps them: codes and ids only."""
        known: dict[str, Any] = {"side": self.side.value}
        if self.verdict is not None:
            known |= {
                "consent_id": str(self.verdict.consent_id) if self.verdict.consent_id else None,
                "lacks": list(self.verdict.codes),
                "receiver_ready": self.receiver_ready,
                "client_alive": self.client_alive,
            }
        return known


def wish_of(referral: Any, *, told: frozenset[str] = frozenset()) -> Wish:
    """Return the disclosure that a referral is: what its sender chose, else what its kind of service needs (P2-40).

    `told`: these categories instead, which answer what the receiver asked.
    """
    service = SERVICES[referral.kind]
    return Wish(
        client_id=referral.client_id,
        discloser_id=referral.organization_id,
        recipient_id=referral.receiver_id,
        recipient_class=service.recipient_class,
        categories=told or frozenset(referral.categories) or service.always,
        purpose=service.purpose,
    )


def side_of(referral: Any, actor: Actor) -> Side:
    """Return on which side of a referral that the actor may see the actor stands."""
    if actor.is_system:
        return Side.GROUND
    return Side.SENDER if actor.organization_id == referral.organization_id else Side.RECEIVER
