"""Attempts to reach a client, as G12 counts them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.chart.models import ContactAttempt
from casemgmt.episodes.models import Episode
from casemgmt.episodes.plan_guards import sought
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from tests.factories import chart, people
from tests.factories import episodes as spells


@pytest.fixture
def episode(cast) -> Episode:
    """Return an episode of North in therapy."""
    return spells.episode(people.client(cast.north), stage=Stage.THERAPY)


def ago(days: int) -> str:
    return (clock.now() - timedelta(days=days)).isoformat()


def attempts(episode: Episode) -> list[tuple[int, str]]:
    """Return what the pathway counts: how many days ago, and how."""
    facts = gather(Episode.objects.get(pk=episode.pk), at=clock.now())
    return [((clock.now() - each.at).days, each.channel) for each in facts.contacts]


def out_of_reach(episode: Episode) -> bool:
    """True when G12 lets the client be called out of reach."""
    return sought(gather(Episode.objects.get(pk=episode.pk), at=clock.now())) is None


def test_three_attempts_by_two_channels_over_two_weeks(cast, api, episode) -> None:
    """G12: counted from what is recorded, whoever of the team tried."""
    api(cast.peer).post("contact-attempts/", chart.contact(episode, channel="visit", at=ago(15)))
    api(cast.case_manager).post("contact-attempts/", chart.contact(episode, at=ago(7)))
    assert not out_of_reach(episode)

    made = api(cast.at_north[Role.HOUSE_MANAGER]).post("contact-attempts/", chart.contact(episode))

    assert made.status_code == 201
    assert attempts(episode) == [(15, "visit"), (7, "phone"), (0, "phone")]
    assert out_of_reach(episode)


def test_whoever_was_reached_is_sought_anew(cast, api, episode) -> None:
    """G12: attempts before the client was last reached count no more; order of recording does not matter."""
    web = api(cast.case_manager)
    for days, more in ((20, {}), (15, {"channel": "letter"}), (1, {}), (10, {"reached": True})):
        web.post("contact-attempts/", chart.contact(episode, at=ago(days), **more))

    assert attempts(episode) == [(1, "phone")]
    assert not out_of_reach(episode)


def test_what_was_amended_or_withdrawn_counts_as_it_is_now(cast, api, episode) -> None:
    """G12: a call entered in error is no attempt; one that did reach the client begins the count anew."""
    web = api(cast.case_manager)
    made = [web.post("contact-attempts/", chart.contact(episode, at=ago(days))).json()["id"] for days in (9, 6, 3)]

    web.post(f"contact-attempts/{made[2]}/withdrawal/", {"reason": "another client's"})
    assert [days for days, _ in attempts(episode)] == [9, 6]
    reached = {"channel": "phone", "reached": True, "reason": "they did answer"}
    answer = web.post(f"contact-attempts/{made[0]}/amendments/", reached)

    assert answer.status_code == 201
    assert ContactAttempt.objects.get(pk=answer.json()["id"]).at == ContactAttempt.objects.get(pk=made[0]).at
    assert [days for days, _ in attempts(episode)] == [6]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"at": "2126-01-01T00:00:00Z"}, "at"),
        ({"channel": "pigeon"}, "channel"),
        ({"reached": None}, "reached"),
        ({"note": "x" * 2001}, "note"),
        ({"place": "x"}, "place"),
    ],
)
def test_what_does_not_fit_is_told_by_field(cast, api, episode, more, field) -> None:
    """G12: nobody was called tomorrow."""
    refused = api(cast.case_manager).post("contact-attempts/", chart.contact(episode, **more))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not ContactAttempt.objects.exists()


def test_outreach_after_the_end_is_recorded(cast, api) -> None:
    ended = spells.episode(people.client(cast.north), stage=Stage.DISCHARGED)

    assert api(cast.case_manager).post("contact-attempts/", chart.contact(ended)).status_code == 201


def test_who_records_attempts(cast, api, episode) -> None:
    answers = {role: api(cast.at_north[role]).post("contact-attempts/", chart.contact(episode)) for role in Role}

    refused = {role: answer.status_code for role, answer in answers.items() if answer.status_code != 201}
    assert refused == {Role.PRIVACY_OFFICER: 403, Role.INTAKE: 404, Role.ADMIN: 404}
    assert api(cast.outsider).post("contact-attempts/", chart.contact(episode)).status_code == 404
    assert ContactAttempt.objects.count() == 5


def test_who_reads_them(cast, api, episode) -> None:
    """A peer reads no note but their own, a house no attempt but its own (table 1.9)."""
    house = cast.at_north[Role.HOUSE_MANAGER]
    theirs = api(cast.therapist).post("contact-attempts/", chart.contact(episode, note="Clinical.")).json()["id"]
    own = api(cast.peer).post("contact-attempts/", chart.contact(episode, note="Mine.")).json()["id"]
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)

    notes = {each: api(cast.peer).get(f"contact-attempts/{each}/").json()["note"] for each in (theirs, own)}

    assert notes == {theirs: None, own: "Mine."}
    assert api(cast.case_manager).get(f"contact-attempts/{own}/").json()["note"] == "Mine."
    for stranger in (house, cast.at_south[Role.SUPERVISOR], cast.outsider):
        assert api(stranger).get(f"contact-attempts/{theirs}/").status_code == 404
    refused = api(cast.peer).post(f"contact-attempts/{theirs}/withdrawal/", {"reason": "no"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_the_list_is_paged_latest_first(cast, api, episode) -> None:
    web = api(cast.case_manager)
    for days in (3, 1, 2):
        web.post("contact-attempts/", chart.contact(episode, at=ago(days), note=str(days)))
    address = f"contact-attempts/?client={episode.client_id}&episode={episode.id}&limit=2"

    first = web.get(address).json()
    second = web.get(f"{address}&cursor={first['next']}").json()

    assert [row["note"] for row in first["results"] + second["results"]] == ["1", "2", "3"]
    assert second["next"] is None
