"""The lead stage and the enrollments beside it never contradict each other: by the doors, and by PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from casemgmt.accounts.roles import Role
from casemgmt.clients.services import record_death
from casemgmt.episodes.models import Episode
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.episodes.stages import BEFORE_CARE, CARE, TERMINAL, Stage
from casemgmt.kernel.actor import Actor
from casemgmt.outbox.models import OutboxEvent
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind
from tests.factories import episodes, pathway, people, programs

END = {"verb": "end", "data": {"end_reason": "moved_on"}}


@pytest.fixture
def episode(cast) -> Any:
    """Return an episode at North that leads with peer support."""
    return episodes.episode(people.client(cast.north), stage=Stage.PEER_SUPPORT)


@pytest.fixture
def leading(cast, episode) -> Any:
    """Return the one enrollment of that kind, which runs."""
    program = programs.program(cast.north, capacity_total=2)
    return programs.enrollment(episode, program, stage=EnrollmentStage.ACTIVE, provider_id=cast.peer.id)


def codes(answer: Any) -> list[str]:
    """Return the codes of the guards that refused."""
    assert (answer.status_code, answer.json()["code"]) == (409, "transition_blocked")
    return [each["code"] for each in answer.json()["failed_guards"]]


def stage_of(enrollment: Enrollment) -> str:
    """Return where an enrollment stands now."""
    return str(Enrollment.objects.get(pk=enrollment.pk).stage)


def path(enrollment: Enrollment) -> str:
    """Return where an enrollment is moved."""
    return f"enrollments/{enrollment.id}/transitions/"


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.THERAPIST])
def test_the_last_enrollment_of_the_leads_kind_does_not_end_before_the_pathway_moves(cast, api, leading, role) -> None:
    """STG-01, G6: refused by name and with the way out, and nothing happened; looking ahead says the same."""
    web = api(cast.at_north[role])
    before = EnrollmentMove.objects.count()

    refused = web.post(path(leading), END)
    ahead = {each["verb"]: each for each in web.get(path(leading)).json()["transitions"]}

    assert codes(refused) == ["lead_stage_needs_it"]
    assert "Move the episode first" in refused.json()["failed_guards"][0]["remedy"]
    assert ahead["end"]["status"] == ahead["hold"]["status"] == "blocked"
    assert (stage_of(leading), EnrollmentMove.objects.count()) == ("active", before)
    assert Program.objects.get().places_taken == 1
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_who_does_not_decide_enrollments_is_told_so_first(cast, api, leading, role) -> None:
    refused = api(cast.at_north[role]).post(path(leading), END)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_another_of_its_kind_lets_it_go(cast, api, episode, leading) -> None:
    """STG-01: a planned one of the same kind is enough."""
    programs.enrollment(episode, programs.program(cast.north, name="Other"), provider_id=cast.peer.id)

    assert api(cast.case_manager).post(path(leading), END).status_code == 201


def test_one_of_another_kind_ends_freely(cast, api, episode, leading) -> None:
    beside = programs.enrollment(episode, programs.program(cast.north, kind=Kind.THERAPY), stage=EnrollmentStage.ACTIVE)

    assert api(cast.therapist).post(path(beside), END).status_code == 201


def test_the_leads_only_service_pauses_with_the_episode_not_by_itself(cast, api, episode, leading) -> None:
    """STG-01, T11: a pause of the lead is a hold of the episode, which has a reason and a review date."""
    web = api(cast.case_manager)

    refused = web.post(path(leading), {"verb": "hold"})
    pathway.step(episode, Stage.ON_HOLD, actor=cast.case_manager)

    assert codes(refused) == ["lead_stage_needs_it"]
    assert refused.json()["failed_guards"][0]["remedy"].startswith("Put the episode on hold")
    assert stage_of(leading) == "on_hold"
    assert codes(web.post(path(leading), END)) == ["lead_stage_needs_it"]  # the hold resumes to it


def test_a_death_told_by_a_machine_ends_it_with_its_episode(cast, leading) -> None:
    """STG-01, T17: until somebody records the death there, the enrollment of the lead stage stays beside it."""
    record_death(client_id=leading.client_id, died_on=None, actor=Actor.system("import_fhir"))
    connection.check_constraints()
    assert stage_of(leading) == "active"

    order = MoveOrder("record_death", {"death_source": "family"})
    move_episode(episode_id=leading.episode_id, order=order, actor=cast.supervisor)
    connection.check_constraints()

    assert stage_of(leading) == "ended"


def run(*statements: str) -> None:
    """Run statements and then everything that is judged at commit."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.check_constraints()


END_SQL = """
UPDATE programs_enrollment SET stage = 'ended', ended_at = now() WHERE id = '{id}';
INSERT INTO programs_enrollmentmove
  (enrollment_id, verb, rule, from_stage, to_stage, at, effective_at, actor_kind, reason, given, facts, request_id)
  VALUES ('{id}', 'end', 'x', 'active', 'ended', now(), now(), 'x', '', '{{}}', '{{}}', '');
"""


def test_by_sql_the_last_one_does_not_end_either(leading) -> None:
    """STG-01: PostgreSQL refuses what the doors refuse."""
    with pytest.raises(DatabaseError, match="last programs_enrollment would end"):
        run(END_SQL.format(id=leading.id))

    assert stage_of(leading) == "active"


def test_by_sql_the_last_one_does_not_end_during_a_hold_nor_move_to_another_episode(cast, episode, leading) -> None:
    """STG-01: nor may it be taken away by another column."""
    other = episodes.episode(people.client(cast.north), stage=Stage.INTAKE)
    elsewhere = programs.program(cast.north, kind=Kind.OTHER)
    for change in (f"episode_id = '{other.id}'", f"program_id = '{elsewhere.id}'"):
        with pytest.raises(DatabaseError, match="last programs_enrollment would end"):
            run(f"UPDATE programs_enrollment SET {change} WHERE id = '{leading.id}'")
    pathway.step(episode, Stage.ON_HOLD, actor=cast.case_manager)

    with pytest.raises(DatabaseError, match="last programs_enrollment would end"):
        run(END_SQL.format(id=leading.id).replace("'active', 'ended'", "'on_hold', 'ended'"))


def test_by_sql_an_ended_episode_gets_no_open_enrollment(cast) -> None:
    """STG-01: whatever ended it."""
    open_one = programs.enrollment(episodes.episode(people.client(cast.north)), programs.program(cast.north))
    for stage in TERMINAL:
        ended = episodes.episode(people.client(cast.north), stage=stage)
        with pytest.raises(DatabaseError, match="is open and its episode has ended"):
            run(f"UPDATE programs_enrollment SET episode_id = '{ended.id}' WHERE id = '{open_one.id}'")


@pytest.mark.parametrize(("stage", "teds"), [("completed", 1), ("discharged", 2), ("transferred", 4)])
def test_by_sql_no_episode_ends_over_an_open_enrollment(episode, leading, stage, teds) -> None:
    """STG-01: a closed episode has no open enrollment, whoever closes it."""
    with pytest.raises(DatabaseError, match="has ended and a programs_enrollment of it is open"):
        run(
            f"UPDATE episodes_episode SET stage = '{stage}', ended_at = now(), teds_code = {teds}"
            f" WHERE id = '{episode.id}'",
            "INSERT INTO episodes_stagemove (episode_id, verb, rule, definition, from_stage, to_stage, enters,"
            " direction, at, effective_at, actor_kind, actor_roles, on_behalf_of, reason, given, facts, request_id)"
            f" VALUES ('{episode.id}', 'x', 'x', '', 'peer_support', '{stage}', '{stage}', '', now(), now(), 'x',"
            " '{}', '', '', '{}', '{}', '')",
        )

    assert str(Episode.objects.get(pk=episode.id).stage) == "peer_support"


def test_postgresql_and_python_know_the_same_stages(db) -> None:
    """STG-01: the promises name stages by their words; a new terminal stage has to be told to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE proname LIKE 'programs_%ended%' OR proname LIKE '%fits_episode'"
        )
        sources = [source for (source,) in cursor.fetchall()]

    assert len(sources) == 2
    for source in sources:
        assert all(f"'{stage.value}'" in source for stage in TERMINAL)
        assert not any(f"'{stage.value}'" in source for stage in (*BEFORE_CARE, *CARE))


@pytest.mark.parametrize("kind", list(Kind))
def test_before_care_nothing_is_the_leads(cast, api, kind) -> None:
    """STG-01: at intake any enrollment may end."""
    episode = episodes.episode(people.client(cast.north))
    enrollment = programs.enrollment(episode, programs.program(cast.north, kind=kind), stage=EnrollmentStage.ACTIVE)

    assert api(cast.case_manager).post(path(enrollment), END).status_code == 201
