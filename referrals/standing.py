"""How a referral stands to those who act on it: on which side, what guards judge, what it would disclose. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from casemgmt.consent.packets import SERVICES
from casemgmt.consent.permits import Verdict, Wish


class Side(StrEnum):
    """On which side of a referral somebody stands. Roles are held in one organization, so the side decides first."""

    SENDER = "sender"
    RECEIVER = "receiver"
    GROUND = "ground"  # nobody decides: what the referral stood on fell away


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """What the guards of one referral judge. `verdict` is about sending; None where nothing is to be sent."""

    side: Side
    verdict: Verdict | None = None
    receiver_ready: bool = True
    client_alive: bool = True

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


def wish_of(referral: Any) -> Wish:
    """Return the disclosure that a referral is: what its sender chose, else what its kind of service needs (P2-40)."""
    service = SERVICES[referral.kind]
    return Wish(
        client_id=referral.client_id,
        discloser_id=referral.organization_id,
        recipient_id=referral.receiver_id,
        recipient_class=service.recipient_class,
        categories=frozenset(referral.categories) or service.always,
        purpose=service.purpose,
    )
