"""Services of somebody who died, where another organization's episode is still open: they end, nothing else (T17)."""

from __future__ import annotations

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from programs.models import Enrollment, HouseAgreement, Program
from programs.rules.kinds import Kind
from referrals.models import Referral
from tests.factories import episodes, people, programs

RULES = "a" * 64


@pytest.fixture
def stay(cast, api) -> Enrollment:
    """Return a planned stay in South's house, beside South's open episode of a client who died at North."""
    client = people.client(cast.north)
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.CARE)
    episode = episodes.episode(client, at_other=cast.south)
    programs.notice(client, cast.south)
    house = programs.program(cast.south, kind=Kind.SOBER_LIVING, house_rules_hash=RULES)
    planned = programs.enrollment(episode, house, provider_id=cast.at_south[Role.HOUSE_MANAGER].id)
    assert api(cast.therapist).post(f"clients/{client.id}/death/").status_code == 200
    return planned


def test_nothing_is_begun_for_the_dead(cast, api, stay) -> None:
    web, episode = api(cast.at_south[Role.CASE_MANAGER]), str(stay.episode_id)
    therapy, elsewhere = programs.program(cast.south, kind=Kind.THERAPY), programs.program(cast.north)

    answers = [
        web.post("enrollments/", {"episode": episode, "program": str(therapy.id)}),
        web.post(f"enrollments/{stay.id}/transitions/", {"verb": "activate"}),
        web.post(f"enrollments/{stay.id}/house-agreements/", {"rules_hash": RULES}),
        web.post("referrals/", {"episode": episode, "program": str(elsewhere.id), "reason": "Asks."}),
    ]

    assert [each.json()["code"] for each in answers] == ["client_deceased"] * 4
    assert (Enrollment.objects.get().stage, Program.objects.get(pk=therapy.id).places_taken) == ("planned", 0)
    assert not HouseAgreement.objects.exists()
    assert not Referral.objects.exists()


def test_what_the_dead_took_part_in_may_end(cast, api, stay) -> None:
    web, path = api(cast.at_south[Role.CASE_MANAGER]), f"enrollments/{stay.id}/transitions/"

    ahead = web.get(path).json()
    ended = web.post(path, {"verb": "end", "data": {"end_reason": "other"}})

    assert [each["verb"] for each in ahead["transitions"]] == ["end"]
    assert (ended.status_code, Enrollment.objects.get().stage) == (201, "ended")
