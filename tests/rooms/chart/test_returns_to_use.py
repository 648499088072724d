"""Returns to use: recorded by anybody of the team, reviewed by a clinician, moving nobody (CLN-30, CLN-31)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.chart.models import ReturnToUse
from casemgmt.episodes.models import Episode, StageMove, StageProposal
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import ItemKind, Priority, WorkItem
from tests.factories import chart, people
from tests.factories import episodes as spells

AFTERNOON = datetime(2027, 6, 1, 20, tzinfo=UTC)  # 15:00 in Chicago


@pytest.fixture
def episode(cast) -> Episode:
    """Return an episode of North in aftercare."""
    return spells.episode(people.client(cast.north), stage=Stage.AFTERCARE)


def reviews_due() -> list[WorkItem]:
    """Return the reviews that clinicians have before them."""
    return chart.open_items(ItemKind.RETURN_TO_USE_REVIEW)


def test_it_opens_a_review_and_moves_nobody(cast, api, episode, travel) -> None:
    """CLN-30: a review is due in 24 hours; the episode stays where it is."""
    travel(AFTERNOON)
    moves = StageMove.objects.count()

    made = api(cast.case_manager).post("returns-to-use/", chart.used_again(episode, client_wishes="A new start."))

    assert made.status_code == 201
    assert (made.json()["client_wishes"], made.json()["do_first"]) == ("A new start.", None)
    row = ReturnToUse.objects.get()
    (item,) = reviews_due()
    assert (item.source_id, item.role, item.priority) == (row.line_id, Role.THERAPIST, Priority.TODAY)
    assert item.due_at == row.recorded_at + timedelta(hours=24)
    episode = Episode.objects.get(pk=episode.pk)
    assert (episode.stage, episode.version, StageMove.objects.count()) == (Stage.AFTERCARE, 1, moves)
    assert not StageProposal.objects.exists()
    assert AuditEvent.objects.get(action="return_to_use.recorded").object_id == row.id


@pytest.mark.parametrize("danger", [{"overdose": True}, {"injecting": True}])
def test_an_overdose_or_injecting_is_reviewed_the_same_day(cast, api, episode, travel, danger) -> None:
    """CLN-30: by the end of the day where the organization is, before everything else."""
    travel(AFTERNOON)

    api(cast.peer).post("returns-to-use/", chart.used_again(episode, **danger))

    (item,) = reviews_due()
    assert (item.due_at, item.priority) == (datetime(2027, 6, 2, 5, tzinfo=UTC), Priority.NOW)


def test_a_stricter_organization_reviews_sooner(cast, api, episode, travel) -> None:
    """CLN-30: the hours are the organization's number, for an urgent one too."""
    travel(AFTERNOON)
    set_number(name="return_to_use_review_hours", value=2, reason="we can", actor=cast.supervisor)
    at = clock.now()

    api(cast.peer).post("returns-to-use/", chart.used_again(episode))
    api(cast.peer).post("returns-to-use/", chart.used_again(episode, overdose=True))

    assert [item.due_at for item in reviews_due()] == [at + timedelta(hours=2)] * 2


def test_after_an_overdose_help_comes_first(cast, api, episode) -> None:
    """CLN-31: 911 or a medical evaluation before everything else."""
    made = api(cast.at_north[Role.HOUSE_MANAGER]).post("returns-to-use/", chart.used_again(episode, overdose=True))

    assert next(iter(made.json())) == "do_first"
    assert "call 911" in made.json()["do_first"]


@pytest.mark.parametrize("name", ["naloxone_offered", "safety_plan_checked", "overdose", "still_using", "source"])
@pytest.mark.parametrize("value", ["left out", None])
def test_what_has_to_be_said_has_to_be_said(cast, api, episode, name, value) -> None:
    """CLN-30: whether naloxone was offered and the safety plan looked at is never left open."""
    body = chart.used_again(episode, **{name: value})
    if value is not None:
        del body[name]

    refused = api(cast.therapist).post("returns-to-use/", body)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [name])
    assert (ReturnToUse.objects.count(), reviews_due()) == (0, [])


def test_no_is_an_answer(cast, api, episode) -> None:
    """CLN-30: that naloxone was not offered is recorded as it is."""
    body = chart.used_again(episode, naloxone_offered=False, safety_plan_checked=False)

    made = api(cast.therapist).post("returns-to-use/", body).json()

    assert (made["naloxone_offered"], made["safety_plan_checked"]) == (False, False)


def test_today_is_the_organizations(cast, api, episode, travel) -> None:
    """CLN-30: 03:00 UTC is still the day before in Chicago; tomorrow has not been learned of."""
    travel(datetime(2027, 6, 2, 3, tzinfo=UTC))
    web = api(cast.therapist)

    refused = web.post("returns-to-use/", chart.used_again(episode, learned_on="2027-06-02"))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["learned_on"])
    assert not ReturnToUse.objects.exists()
    assert web.post("returns-to-use/", chart.used_again(episode, learned_on="2027-06-01")).status_code == 201


def test_who_may_record_one(cast, api, episode) -> None:
    """CLN-30: everybody of the team, peers and houses too (table 1.9)."""
    answers = {role: api(cast.at_north[role]).post("returns-to-use/", chart.used_again(episode)) for role in Role}

    refused = {role: answer.status_code for role, answer in answers.items() if answer.status_code != 201}
    assert refused == {Role.PRIVACY_OFFICER: 403, Role.INTAKE: 404, Role.ADMIN: 404}
    assert api(cast.outsider).post("returns-to-use/", chart.used_again(episode)).status_code == 404
    assert ReturnToUse.objects.count() == len(reviews_due()) == 5


def test_another_organization_records_nothing_here(cast, api, episode) -> None:
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)

    refused = api(cast.at_south[Role.SUPERVISOR]).post("returns-to-use/", chart.used_again(episode))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert (ReturnToUse.objects.count(), reviews_due()) == (0, [])


def test_a_peer_learns_that_and_when_and_no_more(cast, api, episode) -> None:
    """CLN-30: what a peer may know of somebody else's entry (table 1.9, note 1)."""
    whole = chart.used_again(episode, substance_class="opioid", client_wishes="Mine.", overdose=True)
    return_id = api(cast.therapist).post("returns-to-use/", whole).json()["id"]

    seen = api(cast.peer).get(f"returns-to-use/{return_id}/").json()

    assert (seen["learned_on"], seen["details_hidden"]) == (whole["learned_on"], True)
    hidden = ("substance_class", "overdose", "injecting", "still_using", "client_wishes", "source", "naloxone_offered")
    assert {seen[name] for name in hidden} == {None}
    own = api(cast.peer).post("returns-to-use/", whole).json()
    assert (own["client_wishes"], own["details_hidden"]) == ("Mine.", False)


def test_a_house_manager_sees_their_own_entry_only(cast, api, episode) -> None:
    """CLN-30: a house's view of a client is minimal (table 1.9, note 2)."""
    house = api(cast.at_north[Role.HOUSE_MANAGER])
    api(cast.therapist).post("returns-to-use/", chart.used_again(episode))
    own = house.post("returns-to-use/", chart.used_again(episode)).json()

    listed = house.get(f"returns-to-use/?client={episode.client_id}").json()["results"]

    assert [row["id"] for row in listed] == [own["id"]]
    for stranger in (cast.outsider, cast.at_north[Role.INTAKE], cast.at_north[Role.ADMIN]):
        assert api(stranger).get(f"returns-to-use/?client={episode.client_id}").json()["results"] == []


def test_an_ended_episode_has_none(cast, api) -> None:
    """CLN-31: whoever comes back begins a new episode."""
    ended = spells.episode(people.client(cast.north), stage=Stage.COMPLETED)

    refused = api(cast.therapist).post("returns-to-use/", chart.used_again(ended))

    assert (refused.status_code, refused.json()["code"]) == (422, "episode_ended")
    assert (ReturnToUse.objects.count(), reviews_due()) == (0, [])


def amended(web, made: dict, episode: Episode, **more):
    """Send an amendment of a return to use."""
    body = chart.used_again(episode, reason="learned more", **more)
    del body["episode"]
    return web.post(f"returns-to-use/{made['id']}/amendments/", body)


def test_what_turns_out_to_be_urgent_is_brought_forward(cast, api, episode, travel) -> None:
    """CLN-30: an overdose learned of later is reviewed the same day; nothing is ever put off."""
    travel(AFTERNOON)
    web = api(cast.peer)
    made = web.post("returns-to-use/", chart.used_again(episode)).json()

    later = amended(web, made, episode, overdose=True)

    assert (later.status_code, "call 911" in later.json()["do_first"]) == (201, True)
    (item,) = reviews_due()
    assert (item.source_id, item.due_at) == (ReturnToUse.objects.earliest("id").id, datetime(2027, 6, 2, 5, tzinfo=UTC))
    assert item.priority == Priority.NOW
    travel(AFTERNOON + timedelta(days=3))
    amended(api(cast.therapist), later.json(), episode)
    assert [each.due_at for each in reviews_due()] == [item.due_at]


def test_only_a_clinician_lowers_a_danger(cast, api, episode) -> None:
    """PEER-02: a peer who said overdose does not take it back; neither does a case manager."""
    web = api(cast.peer)
    made = web.post("returns-to-use/", chart.used_again(episode, overdose=True)).json()

    refused = amended(web, made, episode)
    withdrawn = web.post(f"returns-to-use/{made['id']}/withdrawal/", {"reason": "a mistake"})

    assert (refused.status_code, refused.json()["code"]) == (403, "outside_peer_scope")
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (403, "outside_peer_scope")
    assert amended(api(cast.case_manager), made, episode).status_code == 403
    assert (ReturnToUse.objects.count(), len(reviews_due())) == (1, 1)
    assert amended(api(cast.therapist), made, episode).status_code == 201


def test_a_peer_amends_what_they_recorded_and_nothing_else(cast, api, episode) -> None:
    made = api(cast.therapist).post("returns-to-use/", chart.used_again(episode)).json()

    refused = amended(api(cast.peer), made, episode)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert ReturnToUse.objects.count() == 1


def test_what_was_entered_in_error_asks_for_no_review(cast, api, episode) -> None:
    web = api(cast.case_manager)
    made = web.post("returns-to-use/", chart.used_again(episode)).json()

    gone = web.post(f"returns-to-use/{made['id']}/withdrawal/", {"reason": "another client's"})

    assert (gone.status_code, reviews_due()) == (201, [])
    refused = api(cast.therapist).post(f"returns-to-use/{made['id']}/reviews/", {"outcome": "pause"})
    assert (refused.status_code, refused.json()["code"]) == (409, "return_withdrawn")


def test_a_repeated_request_records_once(cast, api, episode) -> None:
    web = api(cast.peer)

    for _ in range(3):
        web.post("returns-to-use/", chart.used_again(episode), Idempotency_Key="one")

    assert (ReturnToUse.objects.count(), len(reviews_due())) == (1, 1)
