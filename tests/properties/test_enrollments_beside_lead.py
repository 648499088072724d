"""Random orders of planning, beginning, pausing, ending and moving never set the lead and its enrollments at odds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import CARE, TERMINAL, Stage
from casemgmt.kernel.errors import DomainError
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.combinations import SHIPPED, against_exclusion, against_lack
from programs.rules.kinds import Kind
from programs.services.enrollments import NewEnrollment, move_enrollment, plan_enrollment
from programs.services.steps import EnrollmentOrder
from tests.factories import episodes, pathway, people, programs, readiness

KINDS = [kind for kind in Kind if kind is not Kind.OTHER]
GIVEN = {"end": {"end_reason": "other"}}

plans = st.tuples(st.just("plan"), st.sampled_from(KINDS), st.booleans())
by_hand = st.tuples(
    st.just("hand"), st.sampled_from(["activate", "hold", "resume", "end"]), st.integers(min_value=0, max_value=7)
)
moves = st.tuples(
    st.just("move"),
    st.sampled_from([*CARE, *CARE, Stage.ON_HOLD, Stage.DISCHARGED]),
    st.sampled_from(["", "", "end", "continue"]),
)
orders = st.lists(st.one_of(plans, plans, by_hand, by_hand, moves), min_size=1, max_size=20)


class World:
    """One episode at North, two programs of each kind with two places, and what somebody does to it."""

    def __init__(self, cast: Any, programs_of: dict[tuple[Kind, bool], Program]) -> None:
        self.cast, self.programs = cast, programs_of
        self.episode = episodes.episode(people.client(cast.north, phone=None))
        programs.notice(self.episode.client, cast.north)

    def act(self, what: str, one: Any, two: Any) -> None:
        """Do one thing; a refusal is an answer, and leaves nothing behind."""
        before = self.picture()
        try:
            with transaction.atomic():
                getattr(self, what)(one, two)
        except DomainError:
            assert self.picture() == before
        self.judge()

    def plan(self, kind: Kind, number: bool) -> None:
        """Plan in one of the kind's programs."""
        provider = self.cast.at_north[readiness.PROVIDERS[kind]].id
        new = NewEnrollment(episode_id=self.episode.id, program_id=self.programs[kind, number].id, provider_id=provider)
        plan_enrollment(new=new, actor=self.cast.supervisor)

    def hand(self, verb: str, number: int) -> None:
        """Move one of the enrollments by hand."""
        rows = list(Enrollment.objects.filter(episode=self.episode).order_by("id"))
        if rows:
            order = EnrollmentOrder(verb, given=GIVEN.get(verb, {}))
            move_enrollment(enrollment_id=rows[number % len(rows)].id, order=order, actor=self.cast.supervisor)

    def move(self, stage: Stage, old_service: str) -> None:
        """Move the episode where its own chart lets it; G6 wants an open enrollment with a provider at the door."""
        episode = Episode.objects.get(pk=self.episode.pk)
        here, told = str(episode.stage), {"old_service": old_service} if old_service else {}
        if here in TERMINAL or here == stage or (stage not in CARE and here not in (*CARE, Stage.ON_HOLD)):
            return
        if stage in CARE and not self.open_ones().filter(program__kind=stage.value).exists():
            return
        pathway.step(episode, stage, actor=self.cast.supervisor, **told)

    def open_ones(self) -> Any:
        """Return the open enrollments."""
        return Enrollment.objects.open().filter(episode=self.episode)

    def picture(self) -> tuple[object, ...]:
        """Return everything that a refusal must leave alone."""
        return (
            list(Enrollment.objects.order_by("id").values_list("id", "stage", "version")),
            EnrollmentMove.objects.count(),
            str(Episode.objects.get(pk=self.episode.pk).stage),
            list(Program.objects.order_by("id").values_list("places_taken", flat=True)),
        )

    def judge(self) -> None:
        """Assert what holds at every moment."""
        connection.check_constraints()  # what PostgreSQL judges at commit
        episode = Episode.objects.get(pk=self.episode.pk)
        rows = [(row.program.kind, row) for row in self.open_ones().select_related("program")]
        kinds = {kind for kind, _ in rows}
        running = {kind for kind, row in rows if row.stage != EnrollmentStage.PLANNED}
        lead = episode.held_stage or str(episode.stage)
        assert not (str(episode.stage) in TERMINAL and rows), "an ended episode has an open enrollment"
        assert lead not in CARE or lead in kinds, "the lead has no open enrollment of its kind"
        if str(episode.stage) == Stage.ON_HOLD:
            assert all(row.stage != EnrollmentStage.ACTIVE or self.by_hand(row) for _, row in rows)
        for kind in running:
            assert not against_exclusion(kind, running, SHIPPED), "two run that exclude each other"
        for kind in kinds:
            assert not against_lack(kind, kinds - {kind}, SHIPPED), "one is alone that needs another"
        for program in Program.objects.all():
            assert program.places_taken == Enrollment.objects.open().filter(program=program).count()

    @staticmethod
    def by_hand(row: Enrollment) -> bool:
        """True when a person, not the pathway, moved it last."""
        last = row.moves.order_by("-seq").first()
        return last is not None and "episode_move" not in last.given


@pytest.fixture
def programs_of(cast) -> dict[tuple[Kind, bool], Program]:
    """Return two programs of each kind at North."""
    return {
        (kind, other): programs.program(cast.north, kind=kind, name=f"{kind} {other}", capacity_total=2)
        for kind in KINDS
        for other in (False, True)
    }


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(work=orders)
def test_the_lead_and_its_enrollments_agree_whatever_is_tried(cast, programs_of, work) -> None:
    """STG-01, G6: no lead without its enrollment, none open on an ended episode, no rule broken, no place lost."""
    with transaction.atomic():
        world = World(cast, programs_of)
        for what, one, two in work:
            world.act(what, one, two)
        transaction.set_rollback(True)
