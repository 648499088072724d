"""Planning enrollments, naming their providers, and moving them. Lock order: Episode, Enrollment, place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.chart.services.entries import require_living
from casemgmt.clients.services import require_role
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, GuardsFailed, Invalid, NotPermitted
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.lifecycle import Change, Option, options
from casemgmt.outbox.emit import emit
from programs.guards import EnrollmentFacts, plannable
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.combinations import Beside
from programs.rules.kinds import PROVIDES, ProgramStatus

from .combinations import combinations_of
from .holds import take_over_hold
from .places import free_places, take_place, take_place_beyond
from .steps import EnrollmentOrder, event_of, facts_of, write_move, write_step

PLANNED = register_topic("enrollment.planned")
PROVIDER_NAMED = register_topic("enrollment.provider_named")
CAPACITY_OVERRIDDEN = register_topic("enrollment.capacity_overridden")

END = "end"


@dataclass(frozen=True, slots=True)
class NewEnrollment:
    """What is told of a planned enrollment. `over_capacity_reason`: why a full program takes the client anyway.

    `place_held`: the caller took a place for the client before, by `take_place`, and hands it over now.
    """

    episode_id: UUID
    program_id: UUID
    provider_id: UUID | None = None
    reason: str = ""
    over_capacity_reason: str = ""
    place_held: bool = False


@transaction.atomic
def plan_enrollment(*, new: NewEnrollment, actor: Actor) -> Enrollment:
    """Plan a client's part in a program and hold a place for it.

    The actor works for the organization of the episode or of the program. Planning in another organization's program
    tells that organization nothing; it can begin only after an accepted referral (G6).

    Raises NotVisible, NotPermitted (also: only a supervisor of the program's organization takes somebody beyond its
    capacity), Invalid, Refused `client_deceased`, GuardsFailed (a combination rule), Conflict (`episode_ended`,
    `program_not_accepting`, `already_enrolled`, `capacity_full`).
    """
    episode: Episode = Episode.objects.visible_to(actor).lock(new.episode_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    if not episode.is_open:
        raise Conflict("The episode has ended.", code="episode_ended")
    require_living(episode)
    program = _program(new, episode, actor=actor)
    _require_provider(program, new.provider_id)
    _require_fit(program, episode)
    at = clock.now()
    try:
        with transaction.atomic():
            enrollment = Enrollment.objects.create(
                client_id=episode.client_id, episode=episode, program=program, provider_id=new.provider_id
            )
    except IntegrityError as error:
        raise Conflict("The client has an open enrollment there.", code="already_enrolled") from error
    _take_place(enrollment, new, at=at)
    change = Change("plan", "", EnrollmentStage.PLANNED.value, "STG-01", PLANNED, at, None)
    given = {"over_capacity_reason": enrollment.over_capacity_reason} if enrollment.over_capacity else {}
    write_move(enrollment, change, EnrollmentOrder("plan", given=given, reason=new.reason), actor=actor)
    emit(event_of(PLANNED, enrollment), actor=actor)
    if given:
        emit(event_of(CAPACITY_OVERRIDDEN, enrollment), actor=actor)
    return enrollment


def _program(new: NewEnrollment, episode: Episode, *, actor: Actor) -> Program:
    """Return the program if it takes people and the actor may plan in it."""
    program = Program.objects.visible_to(actor).select_related("organization").fetch(new.program_id)
    if not actor.is_system and actor.organization_id not in (episode.organization_id, program.organization_id):
        raise NotPermitted("Somebody of the episode's or the program's organization plans this.")
    signs = actor.has_role(Role.SUPERVISOR) and actor.organization_id == program.organization_id
    if new.over_capacity_reason and not signs:
        sentence = "A supervisor of the program's organization takes somebody beyond its capacity (G6)."
        raise NotPermitted(sentence, who=[Role.SUPERVISOR.value])
    if program.status != ProgramStatus.ACTIVE or not program.organization.joined:
        raise Conflict("The program takes nobody now.", code="program_not_accepting")
    return program


def _require_fit(program: Program, episode: Episode) -> None:
    """Raise GuardsFailed when a rule forbids the program's kind beside what is open in the locked episode (STG-01)."""
    open_ones = episode.enrollments.open().values_list("program__kind", "stage")
    facts = EnrollmentFacts(
        following=False,
        has_provider=False,
        notice_missing=False,
        own=False,
        referred=False,
        kind=program.kind,
        lead=episode.held_stage or str(episode.stage),
        beside=tuple(Beside(kind, str(stage)) for kind, stage in open_ones),
        combinations=combinations_of(episode.organization_id),
    )
    refusals = plannable(facts)
    if refusals:
        raise GuardsFailed(refusals, verb="plan", rule="STG-01")


def _take_place(enrollment: Enrollment, new: NewEnrollment, *, at: datetime) -> None:
    """Take the place that was kept for the client, else one; beyond the capacity only with a reason (G6)."""
    if take_over_hold(enrollment, place_held=new.place_held, at=at):
        enrollment.save(update_fields=["over_capacity_reason"])
        return
    if new.place_held or take_place(new.program_id):
        return
    if not new.over_capacity_reason:
        raise Conflict("The program has no free place.", code="capacity_full")
    take_place_beyond(new.program_id)
    enrollment.over_capacity_reason = new.over_capacity_reason
    enrollment.save(update_fields=["over_capacity_reason"])


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

    Raises NotVisible, NotPermitted (also: a third organization), StaleVersion, Invalid, Conflict `enrollment_ended`.
    """
    enrollment = lock_enrollment(enrollment_id, actor=actor)
    require_role(actor, CASE_MANAGER_AND_UP)
    _require_party(enrollment, actor=actor)
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
    enrollment = Enrollment.objects.visible_to(actor).select_related("program", "episode__client").fetch(enrollment_id)
    facts = facts_of(enrollment, at=clock.now())
    found = options(enrollment, actor=actor, facts=facts)
    return enrollment, [each for each in found if each.verb == END or not enrollment.episode.client.deceased]


@transaction.atomic
def move_enrollment(*, enrollment_id: UUID, order: EnrollmentOrder, actor: Actor) -> EnrollmentMove:
    """Move an enrollment through one verb and return its ledger row. That of who has died can only end (T17).

    Raises NotVisible, StaleVersion, WrongStage, NotPermitted (also: a third organization), GuardsFailed, Refused
    `client_deceased`, Invalid (`data_missing`, `effective_at_invalid`, `unknown_verb`).
    """
    enrollment = lock_enrollment(enrollment_id, actor=actor)
    _require_party(enrollment, actor=actor)
    if order.verb != END and enrollment.is_open:
        require_living(enrollment.episode)
    enrollment.require_version(order.version)
    at = clock.now()
    move = write_step(enrollment, order, facts=facts_of(enrollment, at=at), at=at, actor=actor)
    if not enrollment.is_open:
        free_places([enrollment])
    return move


def _require_party(enrollment: Enrollment, *, actor: Actor) -> None:
    """Raise NotPermitted unless the actor works for one of the two organizations: others may only see (1.9)."""
    parties = (enrollment.episode.organization_id, enrollment.program.organization_id)
    if not actor.is_system and actor.organization_id not in parties:
        raise NotPermitted("Somebody of the episode's or the program's organization does this.")


def lock_enrollment(enrollment_id: UUID, *, actor: Actor) -> Enrollment:
    """Return an enrollment with its program, locked after its episode: what runs beside it is judged (STG-01).

    Raises NotVisible.
    """
    visible = Enrollment.objects.visible_to(actor)
    episode: Episode = Episode.objects.lock(visible.fetch(enrollment_id).episode_id)
    enrollment = visible.select_related("program").lock(enrollment_id)
    enrollment.episode = episode
    return enrollment
