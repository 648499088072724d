"""Nobody is asked to call a client who died."""

from __future__ import annotations

from casemgmt.accounts.roles import Role
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import episodes, people
from tests.factories.worklist import item


def test_a_death_learned_after_the_end_takes_the_outreach_off_the_list(cast, api) -> None:
    """STG-14: what was to happen with the client stops; the ended episode stays as it was."""
    client, other = people.client(cast.north), people.client(cast.north)
    episode = episodes.episode(client, stage=Stage.DISCHARGED)
    outreach = item(cast.north, client, kind=ItemKind.OUTREACH_DUE, source_id=episode.id)
    elsewhere = item(cast.south, client)
    about_another = item(cast.north, other)

    answer = api(cast.supervisor).post(f"clients/{client.id}/death/", {})

    assert answer.status_code == 200, answer.content
    assert list(WorkItem.objects.open()) == [about_another]
    for each in (outreach, elsewhere):
        each.refresh_from_db()
        assert (each.outcome, each.done_by, each.version) == ("client_died", cast.supervisor.id, 2)
    after = Episode.objects.get(pk=episode.pk)
    assert (after.stage, after.version) == (Stage.DISCHARGED, 1)


def test_what_is_about_the_record_or_for_those_who_cared_stays(cast, api) -> None:
    client = people.client(cast.north)
    kept = [
        item(cast.north, client, kind=ItemKind.STAGE_CORRECTED),
        item(cast.north, client, kind=ItemKind.CLIENT_DIED, hours=2),
        item(cast.south, client, kind=ItemKind.REFERRAL_STOPPED, role=Role.INTAKE),
    ]

    api(cast.supervisor).post(f"clients/{client.id}/death/", {})

    assert set(WorkItem.objects.open()) == set(kept)


def test_what_a_death_closed_is_not_taken_back(cast, api) -> None:
    client = people.client(cast.north)
    work = item(cast.north, client)
    web = api(cast.supervisor)
    web.post(f"clients/{client.id}/death/", {})

    answer = web.post(f"work-items/{work.id}/reopen/", {"reason": "not_settled"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_by_hand")
