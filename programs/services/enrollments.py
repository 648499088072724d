"""Planning enrollments, naming their providers, and moving them. Lock order: Episode, Enrollment, place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.episodes.services import gather
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change, Option, advance, options
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit
from programs.guards import EnrollmentFacts
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import PROVIDES, ProgramStatus

from .places import free_places, take_place

PLANNED = register_topic("enrollment.planned")
PROVIDER_NAMED = register_topic("enrollment.provider_named")


@dataclass(frozen=True, slots=True)
class EnrollmentOrder:
    """What somebody wants of an enrollment: a verb, what its rule needs, since when (aware UTC, None: now), and why."""

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    effective_at: datetime | None = None
    version: int | None = None


@transaction.atomic
def plan_enrollment(
    *, episode_id: UUID, program_id: UUID, actor: Actor, provider_id: UUID | None = None, reason: str = ""
) -> Enrollment:
    """Plan a client's part in a program and hold a place for it.

    The actor works for the organization of the episode or of the program. Planning in another organization's program
    tells that organization nothing; it can begin only after an accepted referral (G6).

    Raises NotVisible, NotPermitted, Invalid, Conflict (`episode_ended`, `program_not_accepting`, `already_enrolled`,
    `capacity_full`).
    """
    episode = Episode.objects.visible_to(actor).lock(episode_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if not episode.is_open:
        raise Conflict("The episode has ended.", code="episode_ended")
    program = Program.objects.visible_to(actor).select_related("organization").fetch(program_id)
    if not actor.is_system and actor.organization_id not in (episode.organization_id, program.organization_id):
        raise NotPermitted("Somebody of the episode's or the program's organization plans this.")
    if program.status != ProgramStatus.ACTIVE or not program.organization.joined:
        raise Conflict("The program takes nobody now.", code="program_not_accepting")
    _require_provider(program, provider_id)
    at = clock.now()
    try:
        with transaction.atomic():
            enrollment = Enrollment.objects.create(
                client_id=episode.client_id, episode=episode, program=program, provider_id=provider_id
            )
    except IntegrityError as error:
        raise Conflict("The client has an open enrollment there.", code="already_enrolled") from error
    take_place(program.id)
    change = Change("plan", "", EnrollmentStage.PLANNED.value, "STG-01", PLANNED, at, None)
    _write_move(enrollment, change, EnrollmentOrder("plan", reason=reason), actor=actor)
    emit(event_of(PLANNED, enrollment), actor=actor)
    return enrollment


def _require_provider(program: Program, provider_id: UUID | None) -> None:
    """Raise Invalid unless the person works for the program's organization in a role that provides its kind."""
    if provider_id is None:
        return
    fitting = Membership.objects.filter(
        user_id=provider_id,
        user__is_active=True,
        organization_id=program.organization_id,
        role__in=PROVIDES[program.kind],
        ended_at__isnull=True,
    )
    if not fitting.exists():
        sentence = "Nobody of the program's organization in a role that provides this."
        raise Invalid(fields={"provider": [sentence]}, who=sorted(PROVIDES[program.kind]))


@transaction.atomic
def name_provider(*, enrollment_id: UUID, provider_id: UUID | None, version: int | None, actor: Actor) -> Enrollment:
    """Say who provides the service; None takes the name back while nothing has begun.

    Raises NotVisible, NotPermitted, StaleVersion, Invalid, Conflict `enrollment_ended`.
    """
    enrollment = _lock(enrollment_id, actor=actor)
    require_role(actor, CASE_MANAGER_AND_UP)
    enrollment.require_version(version)
    if not enrollment.is_open:
        raise Conflict("The enrollment has ended.", code="enrollment_ended")
    if provider_id is None and enrollment.stage != EnrollmentStage.PLANNED:
        raise Invalid(fields={"provider": ["What has begun has somebody who provides it."]})
    _require_provider(enrollment.program, provider_id)
    enrollment.provider_id = provider_id
    enrollment.save_changes("provider", at=clock.now())
    emit(event_of(PROVIDER_NAMED, enrollment), actor=actor)
    return enrollment


def look_ahead(*, enrollment_id: UUID, actor: Actor) -> tuple[Enrollment, list[Option]]:
    """Return an enrollment and what each verb that starts at its stage means for this actor now. Raises NotVisible."""
    enrollment = Enrollment.objects.visible_to(actor).select_related("program", "episode").fetch(enrollment_id)
    facts = facts_of(enrollment, at=clock.now())
    return enrollment, options(enrollment, actor=actor, facts=facts)


@transaction.atomic
def move_enrollment(*, enrollment_id: UUID, order: EnrollmentOrder, actor: Actor) -> EnrollmentMove:
    """Move an enrollment through one verb and return its ledger row.

    Raises NotVisible, StaleVersion, WrongStage, NotPermitted, GuardsFailed, Invalid (`data_missing`,
    `effective_at_invalid`, `unknown_verb`).
    """
    enrollment = _lock(enrollment_id, actor=actor)
    enrollment.require_version(order.version)
    at = clock.now()
    move = write_step(enrollment, order, facts=facts_of(enrollment, at=at), at=at, actor=actor)
    if not enrollment.is_open:
        free_places([enrollment.program_id])
    return move


def _lock(enrollment_id: UUID, *, actor: Actor) -> Enrollment:
    return Enrollment.objects.visible_to(actor).select_related("program", "episode").lock(enrollment_id)


def facts_of(enrollment: Enrollment, *, at: datetime) -> EnrollmentFacts:
    """Return what the guards of an enrollment judge, as of `at`; the pathway's facts say what other rooms know."""
    known = gather(enrollment.episode, at=at)
    program = enrollment.program
    return EnrollmentFacts(
        following=False,
        has_provider=enrollment.provider_id is not None,
        notice_missing=known.notice_required and not known.notice_delivered,
        own=program.organization_id == enrollment.episode.organization_id,
        referred=any(
            each.organization_id == str(program.organization_id)
            and each.kind == program.kind
            and each.stage == "accepted"
            and each.covered
            for each in known.referrals
        ),
    )


def write_step(
    enrollment: Enrollment, order: EnrollmentOrder, *, facts: EnrollmentFacts, at: datetime, actor: Actor
) -> EnrollmentMove:
    """Judge one verb of a locked enrollment, save it, write its ledger row and tell. Inner; frees no place."""
    require_atomic()
    change = advance(enrollment, order.verb, actor=actor, at=at, facts=facts, given=order.given)
    enrollment.save_changes(*Enrollment.moved_fields, at=at)
    move = _write_move(enrollment, change, order, actor=actor)
    emit(event_of(change.topic, enrollment), actor=actor)
    return move


def _write_move(enrollment: Enrollment, change: Change, order: EnrollmentOrder, *, actor: Actor) -> EnrollmentMove:
    effective_at = order.effective_at or change.at
    last = enrollment.moves.order_by("-seq").values_list("effective_at", flat=True).first() if change.source else None
    if effective_at > change.at or (last is not None and effective_at < last):
        sentence = "Not later than now and not before the last move."
        raise Invalid(code="effective_at_invalid", fields={"effective_at": [sentence]})
    return EnrollmentMove.objects.create(
        enrollment=enrollment,
        verb=change.verb,
        rule=change.rule,
        from_stage=change.source,
        to_stage=change.target,
        at=change.at,
        effective_at=effective_at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        reason=order.reason,
        given=dict(order.given),
        facts=asdict(change.facts) if change.facts is not None else {},
        request_id=request_id.get(),
    )


def event_of(topic: str, enrollment: Enrollment) -> Event:
    """Return a fact about an enrollment; its program must be loaded."""
    program = enrollment.program
    payload = {"kind": program.kind, "program_id": str(program.id), "episode_id": str(enrollment.episode_id)}
    return Event(topic, enrollment.id, enrollment.client_id, program.organization_id, payload)
