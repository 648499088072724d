"""Moving referrals. Doors. Lock order: Consent and Episode before Referral."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from casemgmt.kernel.lifecycle import Option, options
from casemgmt.kernel.wall import acting_as
from programs.rules.kinds import ProgramStatus
from referrals.consequences import ReferralOrder
from referrals.models import Referral, ReferralMove
from referrals.standing import ReferralFacts, Side, side_of, wish_of
from referrals.steps import write_step
from referrals.words import UNSENT, FailReason

HOUSE = Actor.system("referrals")
JUDGED = ("await_consent", "make_ready", "send", "answer_info")  # verbs that a consent decides
FURTHEST = timedelta(days=366)  # how far ahead a first visit may lie


def look_ahead(*, referral_id: UUID, actor: Actor) -> tuple[Referral, list[Option]]:
    """Return a referral and what each verb that starts at its stage means for this actor, on its side, now.

    Raises NotVisible.
    """
    referral = Referral.objects.visible_to(actor).select_related("client", "receiver", "program").fetch(referral_id)
    facts = ReferralFacts(side_of(referral, actor), no_shows=referral.no_shows, appointment_ahead=True, visit_was=True)
    if facts.side is Side.SENDER and referral.stage in UNSENT:
        consents = Consent.objects.to_disclose(client_id=referral.client_id, organization_id=referral.organization_id)
        facts = _about_sending(facts, referral, list(consents), at=clock.now())
    return referral, options(referral, actor=actor, facts=facts)


@transaction.atomic
def move_referral(*, referral_id: UUID, order: ReferralOrder, actor: Actor) -> ReferralMove:
    """Move a referral through one verb and return its ledger row.

    Sending judges the consents in this transaction and holds them to its end: whoever revokes one on another
    connection waits and then stops the referral, or came first and is seen (P2-18).

    Raises NotVisible, StaleVersion, WrongStage, NotPermitted (also `not_your_side`), ConsentNotCovering (422, with what
    is missing), GuardsFailed, Refused `packet_empty`, Conflict `capacity_full`, Invalid (`data_missing`,
    `unknown_verb`).
    """
    consents = _lock_above(referral_id, order.verb, actor=actor)
    rows = Referral.objects.visible_to(actor).select_related("client", "organization", "receiver", "program")
    referral = rows.lock(referral_id)
    referral.require_version(order.version)
    at = clock.now()
    facts = _about_told(ReferralFacts(side_of(referral, actor)), referral, order, at=at)
    if order.verb in JUDGED:
        facts = _about_sending(facts, referral, consents, at=at, told=_told(order))
    with acting_as(HOUSE):  # a step changes what the other organization sees and has to do
        return write_step(referral, order, facts=facts, at=at, actor=actor)


def _lock_above(referral_id: UUID, verb: str, *, actor: Actor) -> list[Consent]:
    """Lock what the written order puts before a referral and the verb will need; return the consents held to send.

    An acceptance proposes a move of the episode, which must stand still meanwhile, or a move would be proposed for one
    that is just ending. Client, episode and sender of a referral never change, so they may be read before the lock.
    """
    if verb not in (*JUDGED, "accept"):
        return []
    seen = Referral.objects.visible_to(actor).fetch(referral_id)
    if verb in JUDGED:
        return Consent.objects.held(client_id=seen.client_id, organization_id=seen.organization_id)
    with acting_as(HOUSE):  # the receiver does not see the sender's episode
        Episode.objects.lock(seen.episode_id)
    return []


def _about_sending(
    facts: ReferralFacts,
    referral: Referral,
    consents: list[Consent],
    *,
    at: datetime,
    told: frozenset[str] = frozenset(),
) -> ReferralFacts:
    return replace(
        facts,
        verdict=judge(wish_of(referral, told=told), consents, at=at),
        receiver_ready=referral.program.status == ProgramStatus.ACTIVE,
        client_alive=not referral.client.deceased,
    )


def _about_told(facts: ReferralFacts, referral: Referral, order: ReferralOrder, *, at: datetime) -> ReferralFacts:
    """Add what the guards are told; raise Invalid for a time that is none."""
    ahead, was = _time(order, "appointment_at"), _time(order, "first_visit_at")
    return replace(
        facts,
        no_shows=referral.no_shows,
        gives_up=order.given.get("fail_reason") == FailReason.NO_SHOW,
        outcome=str(order.given.get("outcome", "")),
        client_confirmed=order.given.get("client_confirmed") is True,
        appointment_ahead=ahead is not None and at < ahead <= at + FURTHEST,
        visit_was=was is not None and referral.sent_at is not None and referral.sent_at <= was <= at,
    )


def _time(order: ReferralOrder, name: str) -> datetime | None:
    told = order.given.get(name)
    if told is None:
        return None
    if not isinstance(told, datetime) or told.tzinfo is None:
        raise Invalid(fields={f"data.{name}": ["A time with its zone."]})
    return told


def _told(order: ReferralOrder) -> frozenset[str]:
    """Return the categories of an answer; empty with any other verb."""
    return frozenset(order.given.get("told") or ()) if order.verb == "answer_info" else frozenset()
