"""Every pair of stages × every role, over HTTP, by ORM and by raw SQL, is as the table says (STG-12, F24)."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from casemgmt.accounts.roles import SEES_RECORDS, Role
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import TERMINAL, Stage
from casemgmt.episodes.teds import code_of
from casemgmt.kernel import clock
from casemgmt.outbox.models import OutboxEvent
from tests.factories import episodes, people, readiness
from tests.unit.episodes.table import VERB_INTO, expected

STAGES = [stage.value for stage in Stage]


@pytest.mark.parametrize("origin", STAGES)
def test_over_http(cast, api, origin) -> None:
    """STG-10, STG-12: what the table does not have is refused and leaves nothing behind."""
    episode = readiness.ready_episode(cast, stage=Stage(origin))
    if episode.is_open:
        readiness.handed_over(cast, episode)
    webs, told = {role: api(cast.at_north[role]) for role in Role}, readiness.told(cast, episode)
    path, before = f"episodes/{episode.id}/transitions/", (StageMove.objects.count(), OutboxEvent.objects.count())

    for target, role in product(VERB_INTO, Role):
        wanted = expected(origin, target, held="therapy")
        sight = role.value in SEES_RECORDS
        with transaction.atomic():
            data = told if target != "therapy" or not episode.is_open else {**told, **leading_to_therapy(cast, episode)}
            answer = webs[role].post(path, {"verb": VERB_INTO[target], "data": data, "reason": "test"})
            after = (StageMove.objects.count(), OutboxEvent.objects.count())
            transaction.set_rollback(True)

        status = 404 if not sight else 409 if wanted is None else 201 if role.value in wanted[1] else 403
        assert answer.status_code == status, (origin, target, role, answer.content)
        if status == 201:
            assert (answer.json()["rule"], answer.json()["to_stage"]) == (wanted[0], target)
        else:
            code = {404: "not_found", 409: "wrong_stage", 403: "not_permitted"}[status]
            assert answer.json()["code"] == code
            assert after == before


def leading_to_therapy(cast, episode) -> dict[str, str]:
    """Sign the level of care that therapy asks for, and return how it is told (G5)."""
    return {"level_of_care": str(readiness.level_signed(cast, episode, "1.5").id)}


@pytest.mark.parametrize(("level", "elsewhere"), [("2.1", "therapy"), ("1.5", "iop")])
@pytest.mark.parametrize("origin", STAGES)
def test_the_list_of_transitions_is_the_table_for_each_role(cast, api, origin, level, elsewhere) -> None:
    """STG-12: one list per role; a verb with special cases ends with its plain one. One level leads to one stage."""
    episode = readiness.ready_episode(cast, stage=Stage(origin), level=level)
    if episode.is_open:
        readiness.handed_over(cast, episode)

    for role in (Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PEER_SPECIALIST, Role.HOUSE_MANAGER):
        listed = api(cast.at_north[role]).get(f"episodes/{episode.id}/transitions/").json()
        seen = {option["target"]: option["status"] for option in listed["transitions"]}

        wanted = {target: expected(origin, target, held="therapy") for target in VERB_INTO}
        assert set(seen) == {target for target, rule in wanted.items() if rule is not None}
        decides = {target for target, status in seen.items() if status == "allowed"}
        assert decides - {elsewhere} == {
            target for target, rule in wanted.items() if rule and role.value in rule[1] and target != elsewhere
        }


def test_by_patch_there_is_no_way(cast, api) -> None:
    episode = readiness.ready_episode(cast)

    answer = api(cast.supervisor).patch(f"episodes/{episode.id}/", {"stage": "iop"}, If_Match='"1"')

    assert answer.status_code == 405


def test_by_assignment_there_is_no_way(db) -> None:
    with pytest.raises(AttributeError):
        Episode().stage = Stage.IOP


@pytest.fixture
def committed_episode(committed_db):
    with transaction.atomic():
        return episodes.episode(people.client(people.organization()))


def run(statement: str, given: list | None = None) -> None:
    """Run one statement in a transaction of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)


@pytest.mark.parametrize("target", [stage for stage in STAGES if stage != "intake"])
def test_by_update_alone_the_commit_fails(committed_episode, target) -> None:
    ended, code = "now()" if target in TERMINAL else "NULL", code_of(target, {"discharge_reason": "other"})
    held = "iop" if target == "on_hold" else ""

    with pytest.raises(DatabaseError, match="disagrees with its ledger"):
        run(
            f"UPDATE episodes_episode SET stage = %s, ended_at = {ended}, held_stage = %s, teds_code = %s",
            [target, held, code],
        )

    assert str(Episode.objects.get().stage) == "intake"


@pytest.mark.parametrize(("origin", "target"), list(product(STAGES, STAGES)))
def test_by_sql_only_the_tables_pairs_enter_the_ledger(db, origin, target) -> None:
    episode = episodes.episode(people.client(people.organization()))
    legal = any(expected(origin, target, held=held) for held in ("iop", "therapy", "aftercare"))
    row = (
        "INSERT INTO episodes_stagemove (episode_id, verb, rule, definition, from_stage, to_stage, enters, direction,"
        " at, effective_at, actor_kind, actor_roles, on_behalf_of, reason, given, facts, request_id)"
        " VALUES (%s, 'x', 'x', '', %s, %s, %s, '', now(), now(), 'x', '{}', '', '', '{}', '{}', '')"
    )

    if legal:
        run(row, [episode.id, origin, target, target])
    else:
        with pytest.raises(DatabaseError, match="stage_move_allowed"):
            run(row, [episode.id, origin, target, target])

    assert StageMove.objects.filter(verb="x").count() == int(legal)
    transaction.set_rollback(True)  # the row disagrees with the stage: it must not meet the check at the test's end


def test_a_stray_ledger_row_fails_the_commit(committed_episode) -> None:
    at = clock.now()

    with pytest.raises(DatabaseError, match="disagrees with its ledger"), transaction.atomic():
        StageMove.objects.create(
            episode=committed_episode,
            verb="x",
            rule="x",
            from_stage="intake",
            to_stage="iop",
            enters="iop",
            at=at,
            effective_at=at,
            actor_kind="x",
        )

    assert StageMove.objects.count() == 1


def test_a_row_that_does_not_follow_the_one_before_fails_the_commit(committed_episode) -> None:
    at = clock.now()
    fields = {"episode": committed_episode, "verb": "x", "rule": "x", "at": at, "effective_at": at, "actor_kind": "x"}

    def stray() -> None:
        with transaction.atomic():
            StageMove.objects.create(from_stage="therapy", to_stage="iop", enters="iop", **fields)
            run("UPDATE episodes_episode SET stage = 'iop'")

    with pytest.raises(DatabaseError, match="does not follow"):
        stray()

    assert StageMove.objects.count() == 1
    assert str(Episode.objects.get().stage) == "intake"
