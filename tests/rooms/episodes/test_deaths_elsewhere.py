"""A client in the care of two organizations dies: everything stops at once, and each ends its own episode (T17)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from casemgmt.access.models import Reason
from casemgmt.access.services import grant
from casemgmt.clients.models import Client
from casemgmt.clients.services import record_death
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.worklist.models import WorkItem
from programs.rules.kinds import Kind
from tests.factories import episodes, programs, readiness

DIED = {"verb": "record_death", "data": {"death_source": "family"}}


def settle() -> None:
    """Keep here what a transaction keeps at its end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def here(cast) -> Episode:
    """The client's episode at North."""
    return readiness.ready_episode(cast)


@pytest.fixture
def there(cast, here) -> Episode:
    """The same client's episode at South, in therapy with an enrollment."""
    with transaction.atomic():
        grant(client_id=here.client_id, organization_id=cast.south.id, reason=Reason.CARE, actor=cast.supervisor)
        made = episodes.episode(here.client, stage=Stage.THERAPY, at_other=cast.south)
        program = programs.program(cast.south, kind=Kind.THERAPY)
        programs.enrollment(made, program, provider_id=cast.at_south["therapist"].id)
    settle()
    return made


def standing(episode: Episode) -> tuple[str, int, int]:
    """Return an episode's stage, its open enrollments and its rows."""
    found = Episode.objects.get(pk=episode.pk)
    return str(found.stage), found.enrollments.open().count(), found.moves.count()


def test_one_organizations_death_asks_the_other_for_its_own(cast, api, here, there) -> None:
    """T17, STG-11, STG-01."""
    before = standing(there)

    answer = api(cast.therapist).post(f"episodes/{here.id}/transitions/", DIED)
    settle()

    assert answer.status_code == 201, answer.content
    assert (standing(here)[:2], standing(there)) == (("deceased", 0), before)
    asked = StageProposal.objects.get(episode=there)
    assert (asked.verb, asked.proposed_by_kind, asked.status) == ("record_death", "system", "proposed")
    work = WorkItem.objects.open().get(organization_id=cast.south.id, source_id=asked.id)
    assert work.kind == "stage_proposed"

    told = {"data": {"death_source": "other_provider"}}
    done = api(cast.at_south["therapist"]).post(f"proposals/{asked.id}/confirmations/", told)
    settle()
    assert done.status_code == 200, done.content
    assert standing(there)[:2] == ("deceased", 0)
    assert not WorkItem.objects.open().filter(pk=work.pk).exists()


def test_nothing_else_happens_to_the_dead(cast, api, here, there) -> None:
    """T17: of all steps the death is left, and the list of steps says so."""
    api(cast.therapist).post(f"episodes/{here.id}/transitions/", DIED)
    web, before = api(cast.at_south["therapist"]), standing(there)

    moved = web.post(f"episodes/{there.id}/transitions/", {"verb": "hold", "data": {"hold_reason": "hospital"}})
    asked = web.post(f"episodes/{there.id}/proposals/", {"verb": "enter_iop", "reason": "No."})
    ahead = web.get(f"episodes/{there.id}/transitions/").json()["transitions"]

    assert [(each.status_code, each.json()["code"]) for each in (moved, asked)] == [(422, "client_deceased")] * 2
    assert [each["verb"] for each in ahead] == ["record_death"]
    assert standing(there) == before


def test_a_death_beside_ones_own_open_episode_is_recorded_there(cast, api, here) -> None:
    """T17: the client's page does not leave an episode open behind a death."""
    answer = api(cast.therapist).post(f"clients/{here.client_id}/death/")

    assert (answer.status_code, answer.json()["code"]) == (409, "episode_open")
    assert answer.json()["episode"] == str(here.id)
    assert not Client.objects.get(pk=here.client_id).deceased
    assert not StageProposal.objects.exists()


def test_a_death_that_an_episode_tells_is_not_taken_back_beside_it(cast, api, here) -> None:
    """T20: the ledger is corrected, and takes the death back with it."""
    api(cast.therapist).post(f"episodes/{here.id}/transitions/", DIED)

    answer = api(cast.supervisor).delete(f"clients/{here.client_id}/death/")

    assert (answer.status_code, answer.json()["code"]) == (409, "episode_deceased")
    assert Client.objects.get(pk=here.client_id).deceased
    assert standing(here)[0] == "deceased"


def test_an_import_that_tells_of_a_death_asks_everybody(cast, here, there) -> None:
    """T17: a machine decides for nobody, and is not refused."""
    record_death(client_id=here.client_id, died_on=None, actor=Actor.system("import_fhir"))
    settle()

    assert [standing(each)[:2] for each in (here, there)] == [("intake", 5), ("therapy", 1)]
    asked = StageProposal.objects.order_by("episode__opened_at")
    assert {(each.episode_id, each.verb) for each in asked} == {(each.id, "record_death") for each in (here, there)}


def test_an_error_taken_back_asks_the_other_no_longer(cast, api, here, there) -> None:
    """T20."""
    api(cast.therapist).post(f"episodes/{here.id}/transitions/", DIED)
    row = StageMove.objects.filter(episode=here).latest("seq").seq
    wrong = {"move": row, "reason": "Another person of that name.", "entered_in_error": True}

    answer = api(cast.supervisor).post(f"episodes/{here.id}/corrections/", wrong)
    settle()

    assert answer.status_code == 201, answer.content
    assert StageProposal.objects.get(episode=there).status == "moot"
    assert not Client.objects.get(pk=here.client_id).deceased
    assert standing(there)[0] == "therapy"
    assert not WorkItem.objects.open().filter(organization_id=cast.south.id, kind="stage_proposed").exists()
