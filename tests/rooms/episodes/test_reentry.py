"""Coming back (T18, CLN-31): at any time, linked to the last episode, what holds on holding on, the screen anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Consent
from casemgmt.episodes.guards import safety_for, treat
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.opening import open_episode
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import WorkItem
from tests.factories import episodes, people, readiness

DAY = timedelta(days=1)
ENDS = [Stage.COMPLETED, Stage.DISCHARGED, Stage.TRANSFERRED, Stage.CANCELLED]


def come_back(api, actor, ended: Episode, **more: Any) -> Any:
    body = {"client": str(ended.client_id), "source": "self", "reason": "Wants to go on.", "previous": str(ended.id)}
    return api(actor).post("episodes/", {name: value for name, value in (body | more).items() if value is not None})


def left(cast) -> Episode:
    """Return an episode that was completed a day after the consent to service was signed."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    assert ended.ended_at is not None
    assert ended.client.consents.get().signed_at < ended.ended_at - DAY / 2
    return ended


def guards_of(cast, episode: Episode) -> set[str]:
    """Return the codes of what stands against entering therapy, of consent and safety."""
    facts = gather(episode, at=clock.now())
    found: set[str] = set()
    for guard in (treat, safety_for(Stage.THERAPY)):
        answer = guard(facts)
        found |= {each.code for each in (answer if isinstance(answer, tuple) else (answer,)) if each}
    return found


@pytest.mark.parametrize("stage", ENDS)
def test_whoever_left_comes_back_at_once_to_a_new_episode(cast, api, stage) -> None:
    """T18, CLN-31: linked, no cool-down; the old one stays as it is; first on the list."""
    ended = readiness.ready_episode(cast, stage=stage)
    before = Episode.objects.filter(pk=ended.pk).values().get()

    answer = come_back(api, cast.case_manager, ended, asked_by="client")

    assert answer.status_code == 201, answer.content
    assert (answer.json()["previous_id"], answer.json()["stage"]) == (str(ended.id), "intake")
    row = StageMove.objects.latest("seq")
    assert (row.verb, row.rule, row.on_behalf_of, row.reason) == ("reopen", "T18", "client", "Wants to go on.")
    assert Episode.objects.filter(pk=ended.pk).values().get() == before
    item = WorkItem.objects.open().get(kind="reentry_priority")
    assert (str(item.source_id), item.priority, item.due_at) == (answer.json()["id"], 1, row.at)


def test_who_left_again_is_on_no_list_of_those_who_came_back(cast, api) -> None:
    """T18, T7: the end of the episode takes it off."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    again = come_back(api, cast.case_manager, ended).json()["id"]

    left_again = {"verb": "cancel", "data": {"cancel_reason": "withdrew"}}
    assert api(cast.case_manager).post(f"episodes/{again}/transitions/", left_again).status_code == 201

    assert not WorkItem.objects.open().filter(source_id=again).exists()


def test_who_was_here_names_the_last_episode(cast, api) -> None:
    """T18: the refusal says which; nothing is opened."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)

    answer = come_back(api, cast.case_manager, ended, previous=None)

    assert (answer.status_code, answer.json()["code"], answer.json()["previous"]) == (
        400,
        "previous_missing",
        str(ended.id),
    )
    assert Episode.objects.count() == 1


def test_only_the_clients_last_ended_episode_here_is_come_back_to(cast, api) -> None:
    """T18: neither an older one, nor another client's, nor one elsewhere."""
    older = episodes.episode(readiness.ready_client(cast), stage=Stage.DISCHARGED)
    Episode.objects.filter(pk=older.pk).update(opened_at=older.opened_at - 9 * DAY)
    last = episodes.episode(older.client, stage=Stage.COMPLETED)
    others = episodes.episode(people.client(cast.north), stage=Stage.COMPLETED)
    elsewhere = episodes.episode(people.client(cast.south), stage=Stage.COMPLETED)

    answers = [
        come_back(api, cast.case_manager, last, previous=str(wrong.id)).status_code
        for wrong in (older, others, elsewhere)
    ]

    assert answers == [400, 400, 400]
    assert Episode.objects.count() == 4
    assert come_back(api, cast.case_manager, last).status_code == 201


def test_who_never_was_here_comes_back_to_nothing(cast, api) -> None:
    """T18, T1."""
    elsewhere = episodes.episode(people.client(cast.south), stage=Stage.COMPLETED)
    client = people.client(cast.north)
    body = {"client": str(client.id), "source": "self", "reason": "Asks.", "previous": str(elsewhere.id)}

    assert api(cast.case_manager).post("episodes/", body).status_code == 400
    assert Episode.objects.filter(client=client).count() == 0


def test_nobody_comes_back_from_a_death(cast, api) -> None:
    """T18: also where the death was taken back and the episode not yet corrected."""
    ended = readiness.ready_episode(cast, stage=Stage.DECEASED)

    refused = come_back(api, cast.case_manager, ended)
    unnamed = come_back(api, cast.case_manager, ended, previous=None)

    assert [(each.status_code, each.json()["code"]) for each in (refused, unnamed)] == [(422, "client_deceased")] * 2
    assert Episode.objects.count() == 1


def test_one_episode_is_open_at_a_time(cast, api) -> None:
    """CLN-50, T18."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    come_back(api, cast.case_manager, ended)

    again = come_back(api, cast.case_manager, ended)

    assert (again.status_code, again.json()["code"]) == (409, "episode_already_open")
    assert Episode.objects.count() == 2


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER])
def test_staff_who_do_not_open_do_not_reopen(cast, api, role) -> None:
    """T18: case manager and up, for the client who asks."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)

    assert come_back(api, cast.at_north[role], ended).status_code == 403
    assert Episode.objects.count() == 1


@pytest.mark.parametrize(("days", "codes"), [(30, set()), (31, {"treatment_consent_outdated"})])
def test_the_consent_to_service_holds_on_for_thirty_days(cast, travel, days, codes) -> None:
    """T18: G3 is reused inside the organization's days, and asked again after them."""
    ended = left(cast)
    travel(ended.ended_at + days * DAY - timedelta(minutes=1))

    back = open_episode(
        client_id=ended.client_id, source="self", reason="Back.", previous_id=ended.id, actor=cast.case_manager
    )

    assert guards_of(cast, back) - {"safety_screen_outdated"} == codes


def test_the_organization_says_how_long_it_holds_on(cast) -> None:
    """T18."""
    set_number(name="reentry_reuse_days", value=0, reason="Always anew.", actor=cast.supervisor)
    ended = left(cast)

    back = open_episode(
        client_id=ended.client_id, source="self", reason="Back.", previous_id=ended.id, actor=cast.case_manager
    )

    assert "treatment_consent_outdated" in guards_of(cast, back)


def test_a_consent_signed_after_the_end_counts_however_late(cast, travel) -> None:
    """CLN-31: no repeat of a valid consent."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    signed = ended.client.consents.get()
    Consent.objects.create(
        client=signed.client,
        organization=signed.organization,
        type=signed.type,
        status=signed.status,
        signer_name=signed.signer_name,
        signer_relationship=signed.signer_relationship,
        signature_method=signed.signature_method,
        signed_at=ended.ended_at,
    )
    travel(ended.ended_at + 90 * DAY)

    back = open_episode(
        client_id=ended.client_id, source="self", reason="Back.", previous_id=ended.id, actor=cast.case_manager
    )

    assert "treatment_consent_outdated" not in guards_of(cast, back)


def test_the_card_says_how_to_come_back_and_counts_nothing(cast, api) -> None:
    """T14, T15, CLN-31."""
    ended = readiness.ready_episode(cast, stage=Stage.COMPLETED)
    open_one = readiness.ready_episode(cast)

    card = api(cast.case_manager).get(f"episodes/{ended.id}/reentry-card/")
    refused = api(cast.case_manager).get(f"episodes/{open_one.id}/reentry-card/")

    assert card.json() == {
        "episode_id": str(ended.id),
        "organization": "North",
        "phone": cast.north.phone,
        "open_to_return": True,
        "reuse_until": card.json()["reuse_until"],
        "always_anew": ["safety_screen"],
    }
    assert (refused.status_code, refused.json()["code"]) == (422, "episode_open")
    assert api(cast.outsider).get(f"episodes/{ended.id}/reentry-card/").status_code == 404


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_peers_and_houses_are_not_told_of_earlier_episodes(cast, api, role) -> None:
    """CLN-31: nothing to count, no link, no code of how it ended."""
    ended = readiness.ready_episode(cast, stage=Stage.DISCHARGED)
    back = come_back(api, cast.case_manager, ended).json()["id"]
    web = api(cast.at_north[role])

    listed = web.get(f"episodes/?client={ended.client_id}").json()["results"]
    hidden = [web.get(f"episodes/{ended.id}/{path}").status_code for path in ("", "moves/", "stage/", "reentry-card/")]

    assert [(each["id"], each["previous_id"]) for each in listed] == [(back, None)]
    assert hidden == [404] * 4
    seen = api(cast.therapist).get(f"episodes/?client={ended.client_id}").json()["results"]
    assert len(seen) == 2


def test_an_ended_episode_shows_its_code_and_how_long_it_was(cast, api) -> None:
    """CLN-40, CLN-50."""
    ended = readiness.ready_episode(cast, stage=Stage.TRANSFERRED)
    Episode.objects.filter(pk=ended.pk).update(opened_at=ended.opened_at - 9 * DAY)
    cancelled = readiness.ready_episode(cast, stage=Stage.CANCELLED)
    running = readiness.ready_episode(cast)

    def shown(episode: Episode) -> tuple[Any, ...]:
        found = api(cast.case_manager).get(f"episodes/{episode.id}/").json()
        return tuple(found[name] for name in ("teds_code", "teds_label", "positive_conclusion", "length_of_stay_days"))

    assert shown(ended) == (4, "Transferred to another treatment program or facility", True, 9)
    assert (shown(cancelled), shown(running)) == ((None, "", None, None), (None, "", None, None))
    peers = api(cast.peer).get(f"episodes/{ended.id}/").json()
    assert (peers["teds_code"], peers["teds_label"], peers["positive_conclusion"]) == (None, "", None)
