"""Drafting referrals and moving them. Doors. Lock order: Consent and Episode before Referral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.roles import PROPOSERS
from casemgmt.chart.services.entries import require_living
from casemgmt.clients.services import require_role
from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change, Option, options
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from programs.models import Program
from programs.rules.kinds import ProgramStatus

from .consequences import ReferralOrder
from .models import Referral, ReferralMove
from .standing import ReferralFacts, Side, wish_of
from .steps import event_of, write_move, write_step
from .words import EMERGENT, ReferralStage, Urgency

DRAFTED = register_topic("referral.drafted")
CHANGED = register_topic("referral.changed")
HOUSE = Actor.system("referrals")

EDITABLE = ("urgency", "reason", "categories", "told")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReferral:
    """What a sender asks for: the episode, the program, why, how soon, and what to tell beside the default.

    `categories` empty: what the kind of service needs (P2-40). `told` maps a category to the sender's words.
    """

    episode_id: UUID
    program_id: UUID
    reason: str
    urgency: str = Urgency.ROUTINE.value
    categories: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def draft_referral(*, new: NewReferral, actor: Actor) -> Referral:
    """Draft a referral of a client to a program of another organization; nothing leaves yet.

    Raises NotVisible, NotPermitted, Refused (`use_crisis_path`, REF-03; `client_deceased`, T17), Conflict
    (`episode_ended`, `duplicate_referral`, REF-05), Invalid `referral_within_organization`.
    """
    episode = Episode.objects.visible_to(actor).told_to(actor).lock(new.episode_id)
    require_role(actor, PROPOSERS)
    if actor.organization_id != episode.organization_id:
        raise NotPermitted("Somebody of the episode's organization refers.")
    _require_no_emergency(new.urgency)
    if not episode.is_open:
        raise Conflict("The episode has ended.", code="episode_ended")
    require_living(episode)
    program = Program.objects.visible_to(actor).fetch(new.program_id)
    if program.organization_id == episode.organization_id:
        sentence = "Inside one organization nobody is referred. Plan an enrollment."
        raise Invalid(sentence, code="referral_within_organization")
    at = clock.now()
    referral = _create(new, episode, program, at=at, actor=actor)
    drafted = Change("draft", "", ReferralStage.DRAFT.value, "9-draft", DRAFTED, at, None)
    write_move(referral, drafted, ReferralOrder("draft"), actor=actor)
    emit(event_of(DRAFTED, referral), actor=actor)
    return referral


def _create(new: NewReferral, episode: Episode, program: Program, *, at: datetime, actor: Actor) -> Referral:
    try:
        with transaction.atomic():
            return Referral.objects.create(
                client_id=episode.client_id,
                episode=episode,
                organization_id=episode.organization_id,
                receiver_id=program.organization_id,
                program=program,
                kind=program.kind,
                urgency=new.urgency,
                reason=new.reason,
                categories=list(new.categories),
                told=dict(new.told),
                created_by=actor.id,
                moved_at=at,
            )
    except IntegrityError as error:
        sentence = "The client has an open referral to this program."
        raise Conflict(sentence, code="duplicate_referral") from error


@transaction.atomic
def change_draft(*, referral_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Referral:
    """Edit a draft (fields of EDITABLE), for example to leave out what no consent covers.

    Raises NotVisible, NotPermitted, StaleVersion, Refused `use_crisis_path`, Conflict `referral_not_draft`.
    """
    referral: Referral = Referral.objects.visible_to(actor).lock(referral_id)
    require_role(actor, PROPOSERS)
    if side_of(referral, actor) is not Side.SENDER:
        raise NotPermitted("Only the sender edits a referral.", code="not_your_side")
    referral.require_version(version)
    if referral.stage != ReferralStage.DRAFT:
        raise Conflict("What was sent stays as it was sent.", code="referral_not_draft")
    _require_no_emergency(changes.get("urgency", ""))
    fields = [name for name in EDITABLE if name in changes]
    for name in fields:
        setattr(referral, name, changes[name])
    referral.save_changes(*fields, at=clock.now())
    emit(event_of(CHANGED, referral), actor=actor)
    return referral


def look_ahead(*, referral_id: UUID, actor: Actor) -> tuple[Referral, list[Option]]:
    """Return a referral and what each verb that starts at its stage means for this actor, on its side, now.

    Raises NotVisible.
    """
    referral = Referral.objects.visible_to(actor).select_related("client", "receiver", "program").fetch(referral_id)
    facts = ReferralFacts(side_of(referral, actor))
    if facts.side is Side.SENDER and referral.stage == ReferralStage.DRAFT:
        consents = Consent.objects.to_disclose(client_id=referral.client_id, organization_id=referral.organization_id)
        facts = _about_sending(facts, referral, list(consents), at=clock.now())
    return referral, options(referral, actor=actor, facts=facts)


@transaction.atomic
def move_referral(*, referral_id: UUID, order: ReferralOrder, actor: Actor) -> ReferralMove:
    """Move a referral through one verb and return its ledger row.

    Sending judges the consents in this transaction and holds them to its end: whoever revokes one on another
    connection waits and then stops the referral, or came first and is seen (P2-18).

    Raises NotVisible, StaleVersion, WrongStage, NotPermitted (also `not_your_side`), ConsentNotCovering (422, with what
    is missing), GuardsFailed, Refused `packet_empty`, Invalid (`data_missing`, `unknown_verb`).
    """
    consents = _lock_above(referral_id, order.verb, actor=actor)
    rows = Referral.objects.visible_to(actor).select_related("client", "organization", "receiver", "program")
    referral = rows.lock(referral_id)
    referral.require_version(order.version)
    at = clock.now()
    facts = ReferralFacts(side_of(referral, actor))
    if order.verb == "send":
        facts = _about_sending(facts, referral, consents, at=at)
    with acting_as(HOUSE):  # a step changes what the other organization sees and has to do
        return write_step(referral, order, facts=facts, at=at, actor=actor)


def side_of(referral: Referral, actor: Actor) -> Side:
    """Return on which side of a referral that the actor may see the actor stands."""
    if actor.is_system:
        return Side.GROUND
    return Side.SENDER if actor.organization_id == referral.organization_id else Side.RECEIVER


def _lock_above(referral_id: UUID, verb: str, *, actor: Actor) -> list[Consent]:
    """Lock what the written order puts before a referral and the verb will need; return the consents held to send.

    An acceptance proposes a move of the episode, which must stand still meanwhile, or a move would be proposed for one
    that is just ending. Client, episode and sender of a referral never change, so they may be read before the lock.
    """
    if verb not in ("send", "accept"):
        return []
    seen = Referral.objects.visible_to(actor).fetch(referral_id)
    if verb == "send":
        return Consent.objects.held(client_id=seen.client_id, organization_id=seen.organization_id)
    with acting_as(HOUSE):  # the receiver does not see the sender's episode
        Episode.objects.lock(seen.episode_id)
    return []


def _about_sending(facts: ReferralFacts, referral: Referral, consents: list[Consent], *, at: datetime) -> ReferralFacts:
    return replace(
        facts,
        verdict=judge(wish_of(referral), consents, at=at),
        receiver_ready=referral.receiver.joined and referral.program.status == ProgramStatus.ACTIVE,
        client_alive=not referral.client.deceased,
    )


def _require_no_emergency(urgency: str) -> None:
    if urgency == EMERGENT:
        sentence = "An emergency is no referral. Use the crisis path."
        raise Refused(sentence, code="use_crisis_path")
