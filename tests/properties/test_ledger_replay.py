"""The ledger is the truth (F2): whatever is moved, told late and corrected, replaying it gives the state, and the past
as it was known stays as it was known.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.episodes.amending import Correction
from casemgmt.episodes.corrections import correct_move
from casemgmt.episodes.history import Standing, places, replay
from casemgmt.episodes.ledger import rows_of
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.errors import DomainError
from casemgmt.kernel.events import Event
from casemgmt.kernel.lifecycle import verbs
from casemgmt.ledgers import first_broken, ledgers
from casemgmt.outbox.emit import emit
from tests.factories import episodes, people

HOUR = timedelta(hours=1)
REASONS = ["dropped_out", "incarcerated", "other"]

moves = st.tuples(st.just("move"), st.integers(0, 12), st.integers(0, 30), st.sampled_from(REASONS))
corrections = st.tuples(
    st.just("correct"),
    st.integers(0, 9),
    st.sampled_from([*Stage, "in_error", "in_error", "", ""]),
    st.integers(-20, 20),
)
work = st.lists(st.one_of(moves, corrections), min_size=1, max_size=14)


class World:
    """One episode at North, and what somebody tells of it; an hour goes by before each telling."""

    def __init__(self, cast: Any, travel: Any) -> None:
        self.cast, self.travel = cast, travel
        self.pk = episodes.episode(people.client(cast.north, phone=None)).pk
        self.believed: list[tuple[datetime, list[tuple[datetime, Standing]]]] = []

    @property
    def episode(self) -> Episode:
        """Return the episode as it stands."""
        return Episode.objects.get(pk=self.pk)

    def act(self, what: str, *how: Any) -> None:
        """Do one thing an hour later; a refusal is an answer, and leaves nothing behind."""
        self.travel(clock.now() + HOUR)
        before = self.picture()
        try:
            with transaction.atomic():
                getattr(self, what)(*how)
        except DomainError:
            assert self.picture() == before
        self.judge()

    def move(self, number: int, hours_ago: int, reason: str) -> None:
        """Take one of the verbs that start here, perhaps told late: the room's own steps, unguarded."""
        episode, at = self.episode, clock.now()
        possible = [each for each in verbs(Episode) if each.rules_from(str(episode.stage))]
        if not possible:
            return
        declared = possible[number % len(possible)]
        since = max(places(rows_of(episode))[-1].effective_at, at - hours_ago * HOUR)
        origin, told = str(episode.stage), {"discharge_reason": reason, "last_contact": "2026-01-02"}
        getattr(episode, declared.name)(at=at)
        episode.conclude(told, since=since)
        episode.save_changes(*Episode.moved_fields, at=at)
        row = StageMove.objects.create(
            episode=episode,
            verb=declared.name,
            rule="test",
            from_stage=origin,
            to_stage=declared.target,
            enters=declared.target,
            at=at,
            effective_at=since,
            actor_kind="staff",
            given=told,
        )
        payload = {"from": origin, "to": str(declared.target), "verb": declared.name, "move": row.seq}
        fact = Event(declared.topic, episode.id, episode.client_id, episode.organization_id, payload)
        emit(fact, actor=self.cast.supervisor)

    def correct(self, number: int, stage: str, hours: int) -> None:
        """Correct one of the rows, whether that is possible or not."""
        rows = rows_of(self.episode)
        row = rows[number % len(rows)]
        correction = Correction(
            move=row.seq,
            reason="Wrong.",
            stage="" if stage == "in_error" else str(stage),
            in_error=stage == "in_error",
            effective_at=row.effective_at + hours * HOUR if hours % 3 else None,
            given={"discharge_reason": "other"} if stage == Stage.DISCHARGED else {},
        )
        correct_move(episode_id=self.pk, correction=correction, actor=self.cast.supervisor)

    def picture(self) -> tuple[Any, ...]:
        """Return what a refusal must leave alone."""
        return Episode.objects.filter(pk=self.pk).values_list().get(), StageMove.objects.count()

    def judge(self) -> None:
        """Assert what holds at every moment."""
        connection.check_constraints()  # what PostgreSQL judges at commit
        episode, rows, now = self.episode, rows_of(self.episode), clock.now()
        found = replay(rows, as_of=now, known_at=now)
        assert (found.stage, found.held_stage) == (str(episode.stage), episode.held_stage)
        assert episode.ended_at == (None if episode.is_open else found.since)
        assert [first_broken(ledger) for ledger in ledgers() if ledger.model is StageMove] == [None]
        self.remember(rows, now)

    def remember(self, rows: list[Any], now: datetime) -> None:
        """Assert that time only goes on and that nothing believed earlier changed; keep what is believed now."""
        moments = [row.effective_at for row in rows] + [now]
        order = [row.seq for row in places(rows)]
        reached = [replay(rows, as_of=each, known_at=now).seq for each in sorted(moments)]
        indexes = [-1 if seq is None else order.index(seq) for seq in reached]
        assert indexes == sorted(indexes)
        for known_at, answers in self.believed:
            for as_of, answer in answers:
                assert replay(rows, as_of=as_of, known_at=known_at) == answer
        self.believed.append((now, [(each, replay(rows, as_of=each, known_at=now)) for each in moments]))


@pytest.mark.timeout(600)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(work=work)
def test_the_replayed_ledger_is_the_state_and_the_past_stays_as_it_was_known(cast, travel, work) -> None:
    """F2, T20: over random histories with late entries, holds and corrections."""
    with transaction.atomic():
        travel(clock.now())
        world = World(cast, travel)
        for what, *how in work:
            world.act(what, *how)
        transaction.set_rollback(True)
