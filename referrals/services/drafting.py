"""Drafting referrals and editing drafts. Doors. Lock order: Episode before Referral."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.utils import IntegrityError

from casemgmt.accounts.roles import PROPOSERS
from casemgmt.calendars.services import calendar_of
from casemgmt.chart.services.entries import require_living
from casemgmt.clients.services import require_role
from casemgmt.consent.words import Category
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from programs.models import Program
from referrals import telling
from referrals.consequences import ReferralOrder
from referrals.models import Referral
from referrals.standing import Side, side_of
from referrals.steps import event_of, write_move
from referrals.words import EMERGENT, UNANSWERED, UNSENT, ReferralStage, Urgency

DRAFTED = register_topic("referral.drafted")
CHANGED = register_topic("referral.changed")

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
    (`episode_ended`, `duplicate_referral`, `referral_parked`, `too_many_referrals`, REF-05), Invalid
    `referral_within_organization`, Refused `housing_moud_mismatch` (CLN-10).
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
    _require_moud(program, new.categories, new.told)
    at, policy = clock.now(), policy_of(episode.organization_id)
    _require_not_parked(episode, program, at=at)
    _require_few(episode, program, most=policy.referral_at_once_count)
    referral = _create(new, episode, program, at=at, actor=actor)
    drafted = Change("draft", "", ReferralStage.DRAFT.value, "9-draft", DRAFTED, at, None)
    write_move(referral, drafted, ReferralOrder("draft"), actor=actor)
    emit(event_of(DRAFTED, referral), actor=actor)
    calendar = calendar_of(referral.receiver_id)
    telling.ask(referral, telling.DRAFTED, at=at, calendar=calendar, policy=policy, actor=actor)
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

    Raises NotVisible, NotPermitted, StaleVersion, Refused (`use_crisis_path`, `housing_moud_mismatch`), Conflict
    `referral_not_draft`.
    """
    referral: Referral = Referral.objects.visible_to(actor).lock(referral_id)
    require_role(actor, PROPOSERS)
    if side_of(referral, actor) is not Side.SENDER:
        raise NotPermitted("Only the sender edits a referral.", code="not_your_side")
    referral.require_version(version)
    if referral.stage not in UNSENT:
        raise Conflict("What was sent stays as it was sent.", code="referral_not_draft")
    _require_no_emergency(changes.get("urgency", ""))
    told = {name: changes.get(name, getattr(referral, name)) for name in ("categories", "told")}
    _require_moud(referral.program, told["categories"], told["told"])
    fields = [name for name in EDITABLE if name in changes]
    for name in fields:
        setattr(referral, name, changes[name])
    referral.save_changes(*fields, at=clock.now())
    emit(event_of(CHANGED, referral), actor=actor)
    return referral


def _require_no_emergency(urgency: str) -> None:
    if urgency == EMERGENT:
        sentence = "An emergency is no referral. Use the crisis path."
        raise Refused(sentence, code="use_crisis_path")


def _require_moud(program: Program, categories: Collection[str], told: Mapping[str, str]) -> None:
    """CLN-10: nobody who takes medication for opioid use disorder is sent to a house that refuses it."""
    if program.accepts_moud is False and (Category.MOUD in categories or told.get(Category.MOUD)):
        sentence = "The house takes nobody on medication for opioid use disorder. Choose another one."
        raise Refused(sentence, code="housing_moud_mismatch")


def _require_not_parked(episode: Episode, program: Program, *, at: datetime) -> None:
    """F3: after some declines the program is not asked again for a while."""
    before = Referral.objects.filter(client_id=episode.client_id, program=program, parked_until__gt=at)
    until = before.filter(organization_id=episode.organization_id).aggregate(until=Max("parked_until"))["until"]
    if until is not None:
        sentence = "The program declined not long ago. Ask another one, or wait."
        raise Conflict(sentence, code="referral_parked", until=until.isoformat())


def _require_few(episode: Episode, program: Program, *, most: int) -> None:
    """REF-05: a client is not broadcast; the episode is locked, so two drafts at once are counted one by one."""
    waiting = Referral.objects.filter(episode=episode, kind=program.kind, stage__in=[*UNSENT, *UNANSWERED])
    if waiting.count() >= most:
        sentence = f"{most} referrals of this kind wait already. Take one back first."
        raise Conflict(sentence, code="too_many_referrals", most=most)
