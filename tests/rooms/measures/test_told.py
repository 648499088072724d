"""What a recording and an amendment tell, and what the pathway's guards may know of the answers."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client
from casemgmt.episodes.facts import Facts, ScoreFact, TriageFact
from casemgmt.episodes.services import gather
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.measures import services
from casemgmt.measures.facts import for_episode
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.models import Response
from casemgmt.measures.services import amend_response
from tests.factories import episodes, people

from .pathway import answer, answers


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North."""
    return people.client(cast.north)


@pytest.fixture
def told(monkeypatch) -> list[Event]:
    """Return the facts as they leave the room, in their order."""
    found: list[Event] = []
    leave = services.emit

    def listen(event: Event, *, actor: Actor) -> None:
        found.append(event)
        leave(event, actor=actor)

    monkeypatch.setattr(services, "emit", listen)
    return found


def test_a_recording_tells_ids_and_risk_flags_and_no_answer(cast, client, told) -> None:
    """MSR-05: the flag of item 9 leaves the room whatever the total; other flags and all numbers stay in it."""
    row = answer(client, cast.peer, "phq9", item_9=3)
    calm = answer(client, cast.peer, "gad7", item_1=3, item_2=3, item_3=3, item_4=3)

    assert [(each.topic, each.subject_id, each.client_id, each.organization_id) for each in told] == [
        ("measure.recorded", made.id, client.id, cast.north.id) for made in (row, calm)
    ]
    assert told[0].payload == {
        "instrument": "phq9",
        "response_id": str(row.id),
        "risk": "phq9_item_9,phq9_item_9_daily",
        "supersedes": None,
    }
    assert calm.flags == ["gad7_positive"]
    assert told[1].payload["risk"] == ""


@pytest.mark.parametrize(
    ("given", "risk"),
    [
        ({}, ""),
        ({"item_1": 1}, "cssrs_low"),
        ({"item_6": 1, "item_6_recent": 0}, "cssrs_moderate"),
        ({"item_6": 1, "item_6_recent": 1}, "cssrs_high"),
    ],
)
def test_the_triage_of_the_screener_is_told(cast, client, told, given, risk) -> None:
    """MSR-06: none, low, moderate, high."""
    answer(client, cast.peer, "cssrs", **given)

    assert told[0].payload["risk"] == risk


def test_an_amendment_tells_what_it_comes_to_and_names_what_it_corrects(cast, client, told) -> None:
    """MSR-02: taking a flag away is told like any other amendment; nothing is closed by it here."""
    old = answer(client, cast.therapist, "phq9", item_9=1)

    new = amend_response(response_id=old.id, items=answers("phq9"), reason="misread", actor=cast.therapist)

    assert told[1].topic == "measure.amended"
    assert told[1].payload == {
        "instrument": "phq9",
        "response_id": str(new.id),
        "risk": "",
        "supersedes": str(old.id),
    }


def test_the_guards_know_the_last_answers_in_force(cast, client) -> None:
    """MSR-05, MSR-06: what safety and the pathway judge is the last answer, as it was amended."""
    episode = episodes.episode(client)
    at = clock.now()
    answer(client, cast.therapist, "phq9", days_ago=3, item_1=3, item_9=2)
    wrong = answer(client, cast.therapist, "phq9", days_ago=2, item_1=1, item_9=1)
    amend_response(response_id=wrong.id, items=answers("phq9", item_1=2), reason="misread", actor=cast.therapist)
    answer(client, cast.peer, "cssrs", days_ago=1, item_1=1)
    answer(client, cast.peer, "gad7", days_ago=9, item_7=3)
    answer(client, cast.peer, "ruler_hope", days_ago=4)

    facts = for_episode(episode, at=at)

    ago = {days: at - timedelta(days=days) for days in (1, 2, 4, 9)}
    assert {name: each and asdict(each) for name, each in facts.items() if name != "measured_at"} == {
        "cssrs": {"level": "low", "at": ago[1]},
        "phq9": {"value": 2, "at": ago[2]},
        "phq9_item_9": {"value": 0, "at": ago[2]},
        "gad7": {"value": 3, "at": ago[9]},
    }
    assert facts["measured_at"] == {"phq9": ago[2], "cssrs": ago[1], "gad7": ago[9], "ruler_hope": ago[4]}


def test_the_readings_have_the_fields_that_the_guards_read() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)

    assert asdict(ScoreFact(3, at)) == {"value": 3, "at": at}
    assert asdict(TriageFact("low", at)) == {"level": "low", "at": at}


def test_nothing_answered_is_unknown_and_not_zero(cast, client) -> None:
    """MSR-01: nothing is imputed for those who judge either."""
    facts = for_episode(episodes.episode(client), at=clock.now())

    assert facts == {"cssrs": None, "phq9": None, "phq9_item_9": None, "gad7": None, "measured_at": {}}


def test_answers_of_others_and_of_later_are_not_known(cast, client) -> None:
    """Another organization's recording, another client's, and what lies after the moment asked for."""
    episode = episodes.episode(client)
    Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=Reason.EXPLICIT)
    answer(client, cast.at_south[Role.THERAPIST], "phq9", item_1=3)
    answer(people.client(cast.north, phone=None), cast.therapist, "phq9", item_1=3)
    answer(client, cast.therapist, "phq9", days_ago=1, item_1=1)

    assert for_episode(episode, at=clock.now())["phq9"].value == 1
    assert for_episode(episode, at=clock.now() - timedelta(days=2))["phq9"] is None


def test_the_facts_cost_one_query_however_many_answers_there_are(cast, client) -> None:
    episode = episodes.episode(client)
    for days_ago in range(6):
        for instrument in ("phq9", "gad7", "cssrs", "bam_r"):
            answer(client, cast.therapist, instrument, days_ago=days_ago)
    at = clock.now()

    with CaptureQueriesContext(connection) as queries:
        for_episode(episode, at=at)

    assert len(queries) == 1


def test_the_pathway_gathers_them(cast, client) -> None:
    answer(client, cast.therapist, "phq9", item_1=3)

    facts = gather(episodes.episode(client), at=clock.now())

    assert isinstance(facts, Facts)
    assert facts.phq9 is not None
    assert facts.phq9.value == 3


@pytest.mark.parametrize("instrument", sorted(CATALOG))
def test_what_is_stored_is_what_the_answers_come_to(cast, client, instrument) -> None:
    """MSR-01: recomputed on read, stored score = f(items), with version, language, mode, who and when."""
    row = Response.objects.get(pk=answer(client, cast.peer, instrument, days_ago=1).pk)

    again = CATALOG[row.instrument].score(row.items, sex=row.sex)

    assert (row.scores, row.bands, row.flags) == (dict(again.scores), dict(again.bands), list(again.flags))
    assert (row.version, row.language, row.mode) == (CATALOG[instrument].version, "en", "self")
    assert (row.administered_by_id, row.completed_at) == (cast.peer.id, row.recorded_at - timedelta(days=1))


def test_a_machine_administers_nothing(cast, client) -> None:
    """MSR-07: answers are taken by trained staff."""
    machine = replace(Actor.system("import"), organization_id=cast.north.id)

    with pytest.raises(services.NotPermitted):
        answer(client, machine, "phq9")
    assert not Response.objects.exists()
