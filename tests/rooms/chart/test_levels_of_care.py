"""Levels of care: signed by clinicians, amended by another row, asked for by the pathway (CLN-04, G5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.utils import IntegrityError

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.chart.models import LevelOfCareAssessment
from casemgmt.episodes.guards import level_for
from casemgmt.episodes.models import Episode
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.errors import Refusal
from tests.factories import chart, people
from tests.factories import episodes as spells


@pytest.fixture
def episode(cast) -> Episode:
    """Return an episode of North at intake."""
    return spells.episode(people.client(cast.north))


def test_a_clinician_signs_a_level_of_care(cast, api, episode) -> None:
    """CLN-04: code, edition, who decided, when, and the rationale."""
    before = clock.now()

    made = api(cast.therapist).post("levels-of-care/", chart.level(episode))

    assert made.status_code == 201
    told = made.json()
    assert (told["edition"], told["code"], told["rationale"]) == (4, "2.1", "Nine hours fit.")
    assert (told["recorded_by_id"], told["client_id"]) == (str(cast.therapist.id), str(episode.client_id))
    row = LevelOfCareAssessment.objects.get()
    assert (row.assessed_at, row.line_id, row.organization_id) == (before, row.id, cast.north.id)
    assert AuditEvent.objects.get(action="level_of_care.signed").object_id == row.id
    assert api(cast.supervisor).post("levels-of-care/", chart.level(episode, code="1.5")).status_code == 201


def test_only_clinicians_sign(cast, api, episode) -> None:
    """CLN-04: a level of care is a clinician's to decide (table 1.9)."""
    roles = [role for role in Role if role not in (Role.THERAPIST, Role.SUPERVISOR)]

    answers = {role: api(cast.at_north[role]).post("levels-of-care/", chart.level(episode)) for role in roles}

    assert {role: (answer.status_code, answer.json()["code"]) for role, answer in answers.items()} == {
        Role.CASE_MANAGER: (403, "not_permitted"),
        Role.PEER_SPECIALIST: (403, "outside_peer_scope"),
        Role.HOUSE_MANAGER: (403, "not_permitted"),
        Role.PRIVACY_OFFICER: (403, "not_permitted"),
        Role.INTAKE: (404, "not_found"),
        Role.ADMIN: (404, "not_found"),
    }
    assert api(cast.outsider).post("levels-of-care/", chart.level(episode)).status_code == 404
    assert not LevelOfCareAssessment.objects.exists()


def test_a_peer_decides_no_level_of_care(cast, api, episode) -> None:
    """PEER-02: `outside_peer_scope`, to sign as to amend."""
    web = api(cast.peer)
    level_id = api(cast.therapist).post("levels-of-care/", chart.level(episode)).json()["id"]

    assert web.post("levels-of-care/", chart.level(episode)).json()["code"] == "outside_peer_scope"
    assert web.get(f"levels-of-care/{level_id}/").status_code == 404
    assert LevelOfCareAssessment.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"edition": 3, "code": "1.5"}, "code"),
        ({"edition": 4, "code": "3.3"}, "code"),
        ({"edition": 4, "code": "9"}, "code"),
        ({"edition": 5}, "edition"),
        ({"rationale": "   "}, "rationale"),
        ({"rationale": "x" * 4001}, "rationale"),
        ({"assessed_at": "2126-01-01T00:00:00Z"}, "assessed_at"),
        ({"mood": "x"}, "mood"),
    ],
)
def test_what_does_not_fit_is_told_by_field(cast, api, episode, more, field) -> None:
    refused = api(cast.therapist).post("levels-of-care/", chart.level(episode, **more))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not LevelOfCareAssessment.objects.exists()


def test_the_table_itself_refuses_a_code_of_another_edition(cast, episode) -> None:
    """CLN-04: whoever writes, 1.5 is no level of the third edition."""
    row = LevelOfCareAssessment(
        edition=3,
        code="1.5",
        rationale="x",
        assessed_at=clock.now(),
        client=episode.client,
        episode=episode,
        organization=cast.north,
        recorded_by_id=cast.therapist.id,
    )
    row.line_id = row.id

    with pytest.raises(IntegrityError, match="chart_level_known"):
        row.save(force_insert=True)


def test_nothing_is_signed_for_an_episode_that_has_ended(cast, api) -> None:
    ended = spells.episode(people.client(cast.north), stage=Stage.COMPLETED)

    refused = api(cast.therapist).post("levels-of-care/", chart.level(ended))

    assert (refused.status_code, refused.json()["code"]) == (422, "episode_ended")
    assert not LevelOfCareAssessment.objects.exists()


def test_an_amendment_is_a_new_row_as_old_as_the_first(cast, api, episode) -> None:
    """CLN-04: a correction does not make an assessment fresh."""
    web = api(cast.therapist)
    assessed_at = clock.now() - timedelta(days=5)
    old = web.post("levels-of-care/", chart.level(episode, assessed_at=assessed_at.isoformat())).json()
    corrected = {"edition": 4, "code": "1.5", "rationale": "Typed wrongly.", "reason": "typed wrongly"}

    made = web.post(f"levels-of-care/{old['id']}/amendments/", corrected)

    assert made.status_code == 201
    told = made.json()
    assert (told["supersedes_id"], told["line_id"], told["code"]) == (old["id"], old["id"], "1.5")
    assert LevelOfCareAssessment.objects.get(pk=told["id"]).assessed_at == assessed_at
    seen = web.get(f"levels-of-care/{old['id']}/").json()
    assert (seen["code"], seen["superseded_by_id"]) == ("2.1", told["id"])
    address = f"levels-of-care/?client={episode.client_id}"
    assert [row["id"] for row in web.get(address).json()["results"]] == [told["id"]]
    assert len(web.get(f"{address}&amended=true").json()["results"]) == 2
    again = web.post(f"levels-of-care/{old['id']}/amendments/", corrected)
    assert (again.status_code, again.json()["code"]) == (409, "already_amended")
    assert LevelOfCareAssessment.objects.count() == 2


def test_a_level_entered_in_error_holds_no_longer_and_stays_readable(cast, api, episode) -> None:
    web = api(cast.therapist)
    level_id = web.post("levels-of-care/", chart.level(episode)).json()["id"]

    gone = web.post(f"levels-of-care/{level_id}/withdrawal/", {"reason": "another client's"})

    assert (gone.status_code, gone.json()["withdrawn"]) == (201, True)
    assert web.get(f"levels-of-care/{level_id}/").json()["code"] == "2.1"
    twice = web.post(f"levels-of-care/{gone.json()['id']}/withdrawal/", {"reason": "again"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_withdrawn")
    assert LevelOfCareAssessment.objects.in_force().count() == 0


def stands_against(episode: Episode, stage: Stage) -> str | None:
    """Return the code with which G5 refuses a stage now."""
    facts = gather(Episode.objects.get(pk=episode.pk), at=clock.now())
    answer = level_for(stage)(facts)
    return answer.code if isinstance(answer, Refusal) else None


@pytest.mark.parametrize(("days", "code"), [(14, None), (15, "level_of_care_outdated")])
def test_the_pathway_asks_for_a_fresh_level(cast, api, episode, days, code) -> None:
    """CLN-04, G5: an assessment holds for 14 days, then somebody assesses anew."""
    web = api(cast.therapist)
    assert stands_against(episode, Stage.IOP) == "level_of_care_missing"
    assessed_at = clock.now() - timedelta(days=days)

    web.post("levels-of-care/", chart.level(episode, assessed_at=assessed_at.isoformat()))

    assert stands_against(episode, Stage.IOP) == code


def test_a_newer_level_takes_the_place_of_an_older(cast, api, episode) -> None:
    """G5: the latest assessment speaks, not the one that was recorded last."""
    web = api(cast.therapist)
    web.post("levels-of-care/", chart.level(episode, code="2.1"))
    yesterday = clock.now() - timedelta(days=1)

    web.post("levels-of-care/", chart.level(episode, code="1.5", assessed_at=yesterday.isoformat()))

    assert stands_against(episode, Stage.THERAPY) == "level_of_care_differs"
    assert stands_against(episode, Stage.IOP) is None


def test_who_reads_levels_of_care(cast, api, episode) -> None:
    level_id = api(cast.therapist).post("levels-of-care/", chart.level(episode)).json()["id"]
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)

    seen = {role: api(cast.at_north[role]).get(f"levels-of-care/{level_id}/").status_code for role in Role}

    readers = (Role.CASE_MANAGER, Role.THERAPIST, Role.SUPERVISOR, Role.PRIVACY_OFFICER)
    assert seen == {role: 200 if role in readers else 404 for role in Role}
    for stranger in (cast.outsider, cast.at_south[Role.SUPERVISOR]):
        assert api(stranger).get(f"levels-of-care/{level_id}/").status_code == 404
        assert api(stranger).get(f"levels-of-care/?client={episode.client_id}").json()["results"] == []


def test_another_organization_signs_nothing_here(cast, api, episode) -> None:
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)

    refused = api(cast.at_south[Role.THERAPIST]).post("levels-of-care/", chart.level(episode))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert not LevelOfCareAssessment.objects.exists()


def test_a_repeated_request_signs_once(cast, api, episode) -> None:
    web = api(cast.therapist)

    answers = [web.post("levels-of-care/", chart.level(episode), Idempotency_Key="one") for _ in range(3)]

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert LevelOfCareAssessment.objects.count() == 1


def test_the_list_is_paged(cast, api, episode) -> None:
    web = api(cast.therapist)
    for days in range(3):
        at = clock.now() - timedelta(days=days)
        web.post("levels-of-care/", chart.level(episode, assessed_at=at.isoformat(), rationale=f"{days}"))
    address = f"levels-of-care/?client={episode.client_id}&limit=2"

    first = web.get(address).json()
    second = web.get(f"{address}&cursor={first['next']}").json()

    assert [row["rationale"] for row in first["results"] + second["results"]] == ["0", "1", "2"]
    assert second["next"] is None
    assert web.get("levels-of-care/").status_code == 400  # of which client
