"""What is due follows the stages and the answers, as work items (MSR-09)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from casemgmt.chart.services.checkups import HELD
from casemgmt.clients.models import Client
from casemgmt.clients.services import record_death
from casemgmt.episodes.models import Episode
from casemgmt.episodes.opening import open_episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.measures.due import standing_in
from casemgmt.measures.handlers import follow_check_up, follow_stage
from casemgmt.measures.models import MeasureDue, Response, StageMark
from casemgmt.measures.services import amend_response
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import people

from .pathway import PATHWAY, answer, answers, correct, due, enter, opened

ROUTINE = {"phq9", "gad7", "bam_r", "barc10"}
SYMPTOMS = {"phq9", "gad7", "bam_r"}


@pytest.fixture
def client(cast) -> Client:
    """Return a client of North."""
    return people.client(cast.north)


def answer_everything(client: Client, actor, *, days_ago: float = 0) -> None:
    """Record every routine measure."""
    for instrument in sorted(ROUTINE):
        answer(client, actor, instrument, days_ago=days_ago)


def in_days(count: float):
    """Return the moment so many days from now."""
    return clock.now() + timedelta(days=count)


def test_opening_an_episode_makes_the_routine_measures_due(cast, client) -> None:
    """MSR-09: intake. Told by the pathway itself, in the same transaction."""
    open_episode(client_id=client.id, source="self", reason="walked in", actor=cast.case_manager)

    episode = Episode.objects.get()
    assert due(episode) == dict.fromkeys(ROUTINE, (episode.opened_at, "intake"))
    assert set(WorkItem.objects.filter(kind=ItemKind.MEASURE_DUE).values_list("role", flat=True)) == {"case_manager"}


def test_a_recording_settles_what_was_due_and_plans_the_next(cast, client) -> None:
    """MSR-09: the next date counts from the day the client answered."""
    episode = opened(client)
    enter(episode, "iop")

    made = answer(client, cast.therapist, "phq9", days_ago=1)

    assert made.episode_id == episode.id
    assert due(episode)["phq9"] == (in_days(13), "cadence")
    settled = MeasureDue.objects.get(instrument="phq9", settled_at__isnull=False)
    assert (settled.outcome, settled.response_id) == ("recorded", made.id)
    done = WorkItem.objects.get(source_id=settled.id)
    assert (done.outcome, done.done_by) == ("recorded", cast.therapist.id)


@pytest.mark.parametrize(
    ("stage", "symptoms"),
    [("iop", 14), ("therapy", 30), ("peer_support", None), ("sober_living", None), ("aftercare", None)],
)
def test_each_stage_has_its_cadence(cast, client, stage, symptoms) -> None:
    """MSR-09: 2 weeks in IOP, monthly in therapy, BARC-10 every 90 days everywhere, and no other repeats."""
    episode = opened(client)
    answer_everything(client, cast.therapist)

    enter(episode, stage)

    expected = {"barc10": (in_days(90), "cadence")}
    expected |= {} if symptoms is None else dict.fromkeys(SYMPTOMS, (in_days(symptoms), "cadence"))
    assert due(episode) == expected


@pytest.mark.parametrize(
    ("stage", "role"), [("iop", "therapist"), ("peer_support", "peer_specialist"), ("aftercare", "case_manager")]
)
def test_the_worklist_asks_whoever_sees_the_client_most(cast, client, stage, role) -> None:
    """MSR-07: a peer specialist administers too."""
    episode = opened(client)
    enter(episode, "therapy")
    enter(episode, "on_hold")

    enter(episode, stage)

    items = WorkItem.objects.open().filter(kind=ItemKind.MEASURE_DUE)
    assert list(items.values_list("role", flat=True)) == [role] * 4


def test_the_numbers_are_the_organizations(cast, client) -> None:
    """MSR-09: cadences are policy, never literals."""
    for name, value in {"measures_iop_days": 7, "barc10_days": 30, "measures_at_stage_change_days": 1}.items():
        set_number(name=name, value=value, reason="agreed in the team", actor=cast.supervisor)
    episode = opened(client)
    answer_everything(client, cast.therapist, days_ago=0.5)

    enter(episode, "iop")
    assert (due(episode)["gad7"], due(episode)["barc10"]) == ((in_days(6.5), "cadence"), (in_days(29.5), "cadence"))


@pytest.mark.parametrize(("days_ago", "because"), [(13.9, None), (14.1, "stage_change")])
def test_a_stage_change_asks_when_the_last_answer_is_old(cast, client, travel, days_ago, because) -> None:
    """MSR-09: at every stage change if older than 14 days."""
    episode = opened(client)
    answer_everything(client, cast.therapist)
    travel(in_days(days_ago))

    enter(episode, "peer_support")

    expected = {} if because is None else dict.fromkeys(SYMPTOMS, (clock.now(), because))
    assert {code: each for code, each in due(episode).items() if code in SYMPTOMS} == expected


@pytest.mark.parametrize("end", ["on_hold", "completed", "discharged", "transferred", "deceased"])
def test_nothing_is_due_on_hold_and_after_the_end(cast, client, end) -> None:
    """MSR-09: closed as not needed, and a recording does not plan anything either."""
    episode = opened(client)
    enter(episode, "therapy")
    assert set(due(episode)) == ROUTINE

    enter(episode, end)

    assert due(episode) == {}
    assert set(WorkItem.objects.filter(kind=ItemKind.MEASURE_DUE).values_list("outcome", flat=True)) == {"not_needed"}
    answer(client, cast.therapist, "phq9")
    assert due(episode) == {}


def test_leaving_a_hold_asks_again(cast, client) -> None:
    """MSR-09: a resumed stage counts from the last answer, or asks at once."""
    episode = opened(client)
    enter(episode, "therapy")
    answer(client, cast.therapist, "phq9", days_ago=2)
    answer(client, cast.therapist, "gad7", days_ago=20)
    enter(episode, "on_hold")

    enter(episode, "therapy")

    found = due(episode)
    assert found["phq9"] == (in_days(28), "cadence")
    assert found["gad7"] == (clock.now(), "stage_change")


def test_a_death_outside_the_pathway_asks_nothing_more_anywhere(cast, client) -> None:
    """MSR-09: death."""
    people.Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=people.Reason.EXPLICIT)
    opened(client)
    elsewhere = cast.at_south[people.Role.CASE_MANAGER]
    open_episode(client_id=client.id, source="self", reason="walked in", actor=elsewhere)
    assert set(MeasureDue.objects.open().values_list("organization", flat=True)) == {cast.north.id, cast.south.id}

    record_death(client_id=client.id, died_on=date(2026, 1, 2), actor=Actor.system("import_fhir"))

    assert not WorkItem.objects.open().filter(kind=ItemKind.MEASURE_DUE).exists()
    assert set(MeasureDue.objects.values_list("outcome", flat=True)) == {"not_needed"}


def test_a_late_recording_does_not_double(cast, client, travel) -> None:
    """MSR-09: one open item, planned from the day of the answer."""
    episode = opened(client)
    enter(episode, "iop")
    answer(client, cast.therapist, "phq9")
    travel(in_days(20))
    enter(episode, "sober_living")
    enter(episode, "iop")
    assert due(episode)["phq9"][0] < clock.now()

    answer(client, cast.therapist, "phq9", days_ago=3)
    answer(client, cast.therapist, "phq9", days_ago=9)

    assert due(episode)["phq9"] == (in_days(11), "cadence")


def test_answers_from_long_ago_leave_what_is_due(cast, client) -> None:
    """MSR-09: an answer that is older than the stage allows does not count for it."""
    episode = opened(client)
    enter(episode, "iop")
    before = due(episode)

    answer(client, cast.therapist, "phq9", days_ago=40)

    assert due(episode) == before
    answer(client, cast.therapist, "phq9", days_ago=2)
    assert due(episode)["phq9"] == (in_days(12), "cadence")


def test_hearing_a_stage_twice_is_hearing_it_once(cast, client) -> None:
    episode = opened(client)
    event = enter(episode, "iop")
    before = (due(episode), StageMark.objects.count(), MeasureDue.objects.count())

    follow_stage(event, actor=PATHWAY)

    assert (due(episode), StageMark.objects.count(), MeasureDue.objects.count()) == before


def test_a_stage_holds_from_when_the_move_does(cast, client) -> None:
    """MSR-08: a move that was entered late counts from when it happened."""
    episode = opened(client, days_ago=2)

    enter(episode, "therapy", days_ago=0.5)

    standing = standing_in(episode.id)
    assert standing is not None
    assert (standing.lead, standing.lead_since) == ("therapy", in_days(-0.5))


def test_a_correction_is_followed(cast, client) -> None:
    """MSR-09: what a row entered in error had made due is not due any longer; what is true, is."""
    episode = opened(client, days_ago=9)
    answer_everything(client, cast.therapist, days_ago=8)
    wrong = enter(episode, "iop", days_ago=5)
    assert due(episode)["phq9"] == (in_days(6), "cadence")

    correct(episode, wrong, "therapy", days_ago=4)

    assert due(episode)["phq9"] == (in_days(22), "cadence")
    standing = standing_in(episode.id)
    assert standing is not None
    assert (standing.stage, standing.lead_since, standing.opened_at) == ("therapy", in_days(-4), in_days(-9))


def test_an_amendment_plans_nothing_anew(cast, client) -> None:
    """MSR-02: when it was answered stays as it was."""
    episode = opened(client)
    enter(episode, "iop")
    made = answer(client, cast.therapist, "phq9", days_ago=4)
    before = due(episode)

    amend_response(response_id=made.id, items=answers("phq9", item_1=2), reason="misread", actor=cast.therapist)

    assert due(episode) == before


@pytest.mark.parametrize(
    ("role", "items", "status"),
    [
        ("peer_specialist", {"1": 1}, 400),
        ("therapist", {**answers("phq9"), "9": 4}, 400),
        ("house_manager", answers("phq9"), 403),
        ("privacy_officer", answers("phq9"), 403),
    ],
)
def test_a_refused_recording_settles_nothing(cast, api, client, role, items, status) -> None:
    """MSR-01, MSR-07: nothing is kept, nothing is planned, and what is due stays due."""
    episode = opened(client)
    before = due(episode)
    body = {"client": str(client.id), "instrument": "phq9", "items": items, "mode": "self"}

    refused = api(cast.at_north[people.Role(role)]).post("measures/responses/", body)

    assert refused.status_code == status
    assert due(episode) == before
    assert not Response.objects.exists()


def test_another_organizations_recording_settles_nothing(cast, client) -> None:
    episode = opened(client)
    before = due(episode)

    people.Grant.objects.create(client_id=client.id, organization_id=cast.south.id, reason=people.Reason.EXPLICIT)
    made = answer(client, cast.at_south[people.Role.THERAPIST], "phq9")

    assert made.episode_id is None
    assert due(episode) == before


def test_a_check_up_asks_for_what_is_not_recent(cast, client) -> None:
    """MSR-09: at a recovery check-up (CLN-20)."""
    episode = opened(client, days_ago=31)
    answer_everything(client, cast.therapist, days_ago=30)
    answer(client, cast.therapist, "phq9", days_ago=3)
    enter(episode, "aftercare", days_ago=29)
    assert set(due(episode)) == {"barc10"}
    held = Event(HELD, uuid4(), client.id, cast.north.id, {"episode_id": str(episode.id), "number": 1})

    follow_check_up(held, actor=cast.case_manager)
    follow_check_up(held, actor=cast.case_manager)

    assert due(episode) == dict.fromkeys({"gad7", "bam_r", "barc10"}, (clock.now(), "check_up"))
    answer(client, cast.therapist, "gad7")
    assert set(due(episode)) == {"bam_r", "barc10"}
    enter(episode, "on_hold")
    follow_check_up(held, actor=cast.case_manager)
    assert due(episode) == {}
