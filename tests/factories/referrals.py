"""Referrals at any stage, made the way people make them: through the doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from programs.models import Program
from programs.rules.kinds import Kind
from referrals.consequences import ReferralOrder
from referrals.models import Referral, ReferralLink
from referrals.services.drafting import NewReferral, draft_referral
from referrals.services.moving import move_referral
from tests.cast import Cast

from . import consent as consents
from . import episodes, people, programs

TOLD = {"level_of_care": "1", "risk_level": "low"}


@dataclass
class Case:
    """A client of North with an open episode, and a program of South that may help."""

    cast: Cast
    client: Client
    episode: Episode
    program: Program

    @property
    def sender(self) -> Actor:
        """North's case manager."""
        return self.cast.case_manager

    @property
    def receiver(self) -> Actor:
        """South's intake."""
        return self.cast.at_south[Role.INTAKE]

    def draft(self, **fields: Any) -> Referral:
        """Return a draft by North's case manager."""
        asked = {"reason": "Asks for weekly therapy", "told": TOLD, **fields}
        new = NewReferral(episode_id=self.episode.id, program_id=self.program.id, **asked)
        return draft_referral(new=new, actor=self.sender)

    def sent(self, **fields: Any) -> Referral:
        """Return a referral that a consent covers and that was sent."""
        consents.consent(self.client, recipients=[self.cast.south])
        referral = self.draft(**fields)
        self.move(referral.id, "send", self.sender)
        return Referral.objects.get(pk=referral.id)

    def accepted(self) -> Referral:
        """Return a referral that South's intake accepted."""
        referral = self.sent()
        self.move(referral.id, "accept", self.receiver)
        return Referral.objects.get(pk=referral.id)

    def started(self) -> Referral:
        """Return a referral whose client came to the first visit just now."""
        referral = self.accepted()
        self.move(referral.id, "start", self.receiver, first_visit_at=clock.now())
        return Referral.objects.get(pk=referral.id)

    def move(self, referral_id: UUID, verb: str, actor: Actor, **given: Any) -> None:
        """Move a referral."""
        move_referral(referral_id=referral_id, order=ReferralOrder(verb, given), actor=actor)


def case(cast: Cast, *, kind: Kind = Kind.THERAPY, phone: str | None = "+13165550100") -> Case:
    """Return a case of North with South's program of a kind; where tests commit, a ledger agrees at each commit."""
    with transaction.atomic():
        return _case(cast, kind=kind, phone=phone)


@transaction.atomic
def another(first: Case) -> Case:
    """Return a case of one more client for the same program."""
    client = people.client(first.cast.north, phone=None)
    return Case(first.cast, client, episodes.episode(client), first.program)


def _case(cast: Cast, *, kind: Kind, phone: str | None) -> Case:
    client = people.client(cast.north, phone=phone)
    return Case(cast, client, episodes.episode(client), programs.program(cast.south, kind=kind))


def link(referral: Referral) -> ReferralLink:
    """Return a link that waits to be opened by nobody: its token and PIN were never known."""
    nothing = sha256(referral.id.bytes).hexdigest()
    return ReferralLink.objects.create(
        referral=referral,
        recipient_name="Dr. Who",
        token_hash=nothing,
        pin_hash=nothing,
        expires_at=clock.now() + timedelta(days=1),
    )
