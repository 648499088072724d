"""`manage.py verify_ledgers` names the first row that cannot be true, for every ledger (F2).

Each test is somebody who owns the database, switches its triggers off and drops a constraint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.management import execute_from_command_line
from django.db import connections, transaction

from casemgmt.clients.models import Client
from casemgmt.episodes.amending import Correction
from casemgmt.episodes.corrections import correct_move
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import Stage
from casemgmt.ledgers import ledgers
from casemgmt.safety.models import AlertMove
from programs.models import EnrollmentMove
from referrals.models import ReferralMove
from tests import cast as people
from tests import database
from tests.factories import alerts, episodes, readiness

CHECKS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype IN ('c', 'u') AND conrelid = ANY (%s::regclass[])
"""
TABLES = [each.model._meta.db_table for each in ledgers()]
TOUCHED = [*TABLES, "episodes_episode"]

Tamper = Callable[..., None]


@pytest.fixture
def tamper(committed_db) -> Iterator[Tamper]:
    """Return a function that runs a statement as the owner, past every trigger, CHECK and UNIQUE of the ledgers."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(CHECKS, [TOUCHED])
        kept = cursor.fetchall()

    def run(statement: str, *given: object) -> None:
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            for table in TOUCHED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table, name, _ in kept:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            cursor.execute(statement, given)

    yield run
    database.empty_all_tables()
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for table, name, definition in kept:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for table in TOUCHED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def rows(tamper) -> list[int]:
    """Return the rows of one episode: intake, therapy, on hold, the hold corrected in time; all is whole."""
    with transaction.atomic():
        cast = people.gather()
        episode = readiness.ready_episode(cast, stage=Stage.THERAPY)
        move_episode(
            episode_id=episode.id, order=MoveOrder("hold", readiness.told(cast, episode)), actor=cast.therapist
        )
        last = StageMove.objects.latest("seq")
        earlier = last.effective_at - timedelta(hours=2)
        wanted = Correction(move=last.seq, reason="Yesterday.", effective_at=earlier)
        correct_move(episode_id=episode.id, correction=wanted, actor=cast.supervisor)
        episodes.episode(Client.objects.get(), stage=Stage.COMPLETED)
    return list(StageMove.objects.order_by("seq").values_list("seq", flat=True))


@pytest.fixture
def verify(capsys) -> Callable[[], tuple[int, str]]:
    """Return a function that runs the command and tells its exit code and what it printed."""

    def run() -> tuple[int, str]:
        code = 0
        try:
            execute_from_command_line(["manage.py", "verify_ledgers"])
        except SystemExit as left:
            code = int(left.code or 0)
        return code, capsys.readouterr().out

    return run


def test_whole_ledgers_are_told_with_their_rows(rows, verify) -> None:
    """F2, T20: a correction breaks nothing; every ledger has its line."""
    code, out = verify()

    assert code == 0
    assert f"episodes_stagemove: {len(rows)} rows, whole" in out
    assert all(f"{table}: " in out for table in TABLES)
    assert len(TABLES) >= 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("from_stage = 'waitlist' WHERE seq = {hold}", "row {hold} does not start where the row before it ended"),
        (
            "from_stage = 'completed' WHERE seq = {hold}",
            "row {hold} does not start where the row before it ended",
        ),
        (
            "to_stage = 'cancelled', enters = 'cancelled' WHERE seq = {therapy}",
            "row {hold} does not start where the row before it ended",
        ),
        ("enters = 'aftercare' WHERE seq = {therapy}", "row {therapy} enters another stage than it leads to"),
        ("enters = 'therapy' WHERE seq = {corrected}", "row {corrected} leads to on_hold, and the replay to therapy"),
        ("enters = 'intake' WHERE seq = {corrected}", "row {corrected} leads from therapy to intake, and no step does"),
        (
            "effective_at = at - interval '9 days' WHERE seq = {hold}",
            "row {hold} holds from before the row in whose succession it stands",
        ),
        (
            "effective_at = effective_at - interval '9 days' WHERE seq = {corrected}",
            "row {corrected} holds from before the row in whose succession it stands",
        ),
        (
            "effective_at = at + interval '1 hour' WHERE seq = {hold}",
            "row {hold} holds from later than it was recorded",
        ),
        (
            "at = at - interval '9 days' WHERE seq = {corrected}",
            "row {corrected} was recorded before the row before it",
        ),
        (
            "supersedes_id = {other} WHERE seq = {corrected}",
            "row {corrected} supersedes row {other}, which is no earlier row of its episode",
        ),
    ],
)
def test_a_broken_row_is_named(rows, tamper, verify, change, sentence) -> None:
    """F2: chain, legality, effective order, what a correction supersedes and enters."""
    names = dict(zip(("intake", "therapy", "hold", "corrected", "other"), rows, strict=False))

    tamper(f"UPDATE episodes_stagemove SET {change.format(**names)}")
    code, out = verify()

    assert (code, f"episodes_stagemove: {sentence.format(**names)}\n" in out) == (1, True), out


def test_a_step_that_does_not_exist_is_named(rows, tamper, verify) -> None:
    """F2, STG-10: though the chain holds."""
    seq = rows[1]

    tamper("UPDATE episodes_stagemove SET to_stage = 'waitlist', enters = 'waitlist' WHERE seq = %s", seq)
    tamper("UPDATE episodes_stagemove SET from_stage = 'waitlist' WHERE seq = %s", rows[2])
    code, out = verify()

    wanted = f"row {rows[2]} tells a step from waitlist to on_hold, which does not exist"
    assert (code, wanted in out) == (1, True), out


def test_a_row_that_was_superseded_twice_is_named(rows, tamper, verify) -> None:
    """F2, T20: the second of the two."""
    tamper(
        "INSERT INTO episodes_stagemove (episode_id, verb, rule, definition, from_stage, to_stage, enters, direction,"
        " at, effective_at, actor_kind, actor_roles, on_behalf_of, reason, given, facts, request_id, supersedes_id)"
        " SELECT episode_id, verb, rule, definition, to_stage, to_stage, enters, direction, at, effective_at,"
        " actor_kind, actor_roles, on_behalf_of, reason, given, facts, request_id, supersedes_id"
        " FROM episodes_stagemove WHERE seq = %s",
        rows[3],
    )
    code, out = verify()

    last = StageMove.objects.latest("seq").seq
    wanted = f"row {last} supersedes row {rows[2]}, which row {rows[3]} had superseded"
    assert (code, wanted in out) == (1, True), out


def test_the_first_of_several_is_named(rows, tamper, verify) -> None:
    """F2."""
    tamper("UPDATE episodes_stagemove SET enters = 'aftercare' WHERE seq = %s", rows[-1])
    tamper("UPDATE episodes_stagemove SET enters = 'aftercare' WHERE seq = %s", rows[1])
    code, out = verify()

    assert (code, f"row {rows[1]} enters another stage" in out, f"row {rows[-1]} " in out) == (1, True, False)


def test_a_deleted_row_is_missed(rows, tamper, verify) -> None:
    """F2."""
    tamper("DELETE FROM episodes_stagemove WHERE seq = %s", rows[0])
    code, out = verify()

    assert (code, f"row {rows[1]} does not start where the row before it ended" in out) == (1, True), out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("stage = 'iop', held_stage = ''", "has a stage that its last row does not tell"),
        ("held_stage = 'iop'", "is not as its ledger tells: held_stage"),
        ("opened_at = opened_at - interval '1 day'", "is not as its ledger tells: opened_at"),
        ("ended_at = now()", "is not as its ledger tells: ended_at"),
        ("teds_code = 1", "is not as its ledger tells: teds_code"),
    ],
)
def test_an_episode_that_its_ledger_does_not_tell_is_named(rows, tamper, verify, change, sentence) -> None:
    """F2: the columns follow the ledger."""
    episode = Episode.objects.open().get()

    tamper(f"UPDATE episodes_episode SET {change} WHERE id = %s", episode.id)
    code, out = verify()

    assert (code, f"episodes_stagemove: subject {episode.id} {sentence}\n" in out) == (1, True), out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("from_stage = 'x'", "does not start where the row before it ended"),
        ("to_stage = 'x'", "has a stage that its last row does not tell"),
    ],
)
@pytest.mark.parametrize("model", [EnrollmentMove, ReferralMove, AlertMove])
def test_every_other_ledger_is_proved_too(tamper, verify, model, change, sentence) -> None:
    """F2: enrollments, referrals, alerts."""
    with transaction.atomic():
        cast = people.gather()
        episode = readiness.ready_episode(cast)
        readiness.handed_over(cast, episode)
        alerts.alert(episode.client, cast.north)
    table, row = model._meta.db_table, model.objects.order_by("seq").first()
    assert row is not None
    last = model.objects.filter(**{_subject(model): getattr(row, _subject(model))}).latest("seq").seq
    assert verify()[0] == 0

    tamper(f"UPDATE {table} SET {change} WHERE seq = %s", last)
    code, out = verify()

    assert (code, f"{table}: " in out, sentence in out or "does not exist" in out) == (1, True, True), out


def _subject(model: type) -> str:
    return next(each.subject for each in ledgers() if each.model is model)
