"""Every kind of thing with a client's information that leaves, what notice it carries, and on what basis. Pure.

To let something new leave, add it to `words.Artifact` and here, and show how to make one to the test that
walks this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .notices import LONG
from .words import Artifact, Basis


@dataclass(frozen=True, slots=True)
class Outbound:
    """What one kind of artifact carries (P2-30) and which bases of the accounting it may have (P2-55)."""

    notice: int
    bases: frozenset[str]


ARTIFACTS: Mapping[str, Outbound] = {
    Artifact.REFERRAL_PACKET.value: Outbound(LONG, frozenset({Basis.CONSENT.value})),
    Artifact.ORAL.value: Outbound(LONG, frozenset({Basis.CONSENT.value})),
    Artifact.EMERGENCY_CONTENT.value: Outbound(LONG, frozenset({Basis.EMERGENCY.value})),
    Artifact.ACCOUNTING_JSON.value: Outbound(LONG, frozenset({Basis.PATIENT_ACCESS.value})),
    Artifact.ACCOUNTING_PDF.value: Outbound(LONG, frozenset({Basis.PATIENT_ACCESS.value})),
}
