"""A role is held in one organization: seeing a client of another does not let anybody change them (table 1.9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.episodes.models import StageMove, StageProposal
from casemgmt.kernel import clock
from tests.factories import people, readiness


@pytest.fixture
def shared(cast):
    """An episode of North whose client South may see by an explicit decision."""
    episode = readiness.ready_episode(cast)
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)
    return episode


def test_another_organization_that_sees_a_client_changes_nothing(cast, api, shared) -> None:
    made = api(cast.case_manager).post(f"episodes/{shared.id}/proposals/", {"verb": "enter_iop"}).json()
    web = api(people.staff(Role.THERAPIST, Role.SUPERVISOR, at=cast.south))
    client = shared.client_id
    assert web.get(f"clients/{client}/").status_code == 200

    answers = [
        web.patch(f"clients/{client}/", {"city": "X"}, If_Match='"1"'),
        web.post(f"clients/{client}/contact-points/", {"kind": "phone", "value": "316 555 0177"}),
        web.post(f"clients/{client}/death/"),
        web.post(f"episodes/{shared.id}/transitions/", {"verb": "cancel", "data": {"cancel_reason": "withdrew"}}),
        web.post(f"episodes/{shared.id}/proposals/", {"verb": "enter_therapy"}),
        web.post(f"proposals/{made['id']}/confirmations/"),
        web.post(f"proposals/{made['id']}/dismissals/", {"reason": "no"}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "not_permitted")] * 7
    assert (StageMove.objects.count(), ContactPoint.objects.count()) == (1, 1)
    assert StageProposal.objects.get().status == "proposed"
    assert Client.objects.get(pk=client).version == 1


def test_nobody_is_born_or_dies_in_the_future(cast, api) -> None:
    web, day = api(cast.therapist), str((clock.now() + timedelta(days=2)).date())
    client = people.client(cast.north)

    answers = [
        web.post("clients/", {"given_name": "A", "family_name": "B", "birth_date": day}),
        web.patch(f"clients/{client.id}/", {"birth_date": day}, If_Match='"1"'),
        web.post(f"clients/{client.id}/death/", {"died_on": day}),
    ]

    assert [list(answer.json()["fields"]) for answer in answers] == [["birth_date"], ["birth_date"], ["died_on"]]
    assert Client.objects.get().deceased is False


def test_a_death_learned_outside_the_pathway_is_noted_once(cast, api) -> None:
    client = people.client(cast.north)

    peer = api(cast.peer).post(f"clients/{client.id}/death/")
    first = api(cast.therapist).post(f"clients/{client.id}/death/", {"died_on": "2026-01-04"})
    again = api(cast.therapist).post(f"clients/{client.id}/death/")

    assert peer.status_code == 403
    assert (first.status_code, first.json()["deceased_on"]) == (200, "2026-01-04")
    assert (again.status_code, again["ETag"]) == (200, first["ETag"])


def test_a_number_nobody_owns_is_told_by_the_field_it_came_in(cast, api) -> None:
    client = people.client(cast.north, phone=None)

    answer = api(cast.case_manager).post(f"clients/{client.id}/contact-points/", {"kind": "phone", "value": "555-1"})

    assert (answer.json()["code"], list(answer.json()["fields"])) == ("phone_invalid", ["value"])
