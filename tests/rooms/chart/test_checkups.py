"""Recovery check-ups: planned with aftercare, held by a person, cancelled with its end (CLN-20, CLN-22)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.chart.models import Checkup
from casemgmt.chart.services.checkups import cancel_checkups, plan_checkups
from casemgmt.chart.words import CheckupStatus
from casemgmt.clients.services import note_death
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.policies.services import set_number
from casemgmt.worklist.models import ItemKind, Priority
from tests.factories import chart, people
from tests.factories import episodes as spells
from tests.factories.pathway import step

BEGAN = datetime(2027, 6, 1, 20, tzinfo=UTC)  # 15:00 in Chicago
FIRST_DAY = date(2027, 6, 1)
QUARTERS = (90, 180, 270, 360, 450, 540, 630, 720)


def after(*days: int) -> list[date]:
    return [FIRST_DAY + timedelta(days=each) for each in days]


@pytest.fixture
def in_therapy(cast, travel) -> Episode:
    """Return an episode of North in therapy, on the day on which aftercare will begin."""
    travel(BEGAN)
    return spells.episode(people.client(cast.north), stage=Stage.THERAPY)


@pytest.fixture
def episode(cast, in_therapy) -> Episode:
    """Return it when it has entered aftercare."""
    step(in_therapy, Stage.AFTERCARE, actor=cast.case_manager)
    return in_therapy


def due(status: str = CheckupStatus.PLANNED) -> list[date]:
    return list(Checkup.objects.filter(status=status).order_by("due_on").values_list("due_on", flat=True))


def items() -> list[datetime]:
    return [item.due_at for item in chart.open_items(ItemKind.CHECKUP_DUE)]


def record(web, outcome: str, number: int = 1, **more):
    """Record the outcome of the check-up of a number that is planned."""
    checkup = Checkup.objects.planned().get(number=number)
    return web.post(f"checkups/{checkup.id}/outcome/", {"outcome": outcome, **more})


def test_aftercare_plans_a_check_up_each_quarter(episode) -> None:
    """CLN-20, T6: eight in two years, each on the worklist, with its window."""
    assert due() == after(*QUARTERS)
    first = Checkup.objects.get(number=1)
    assert (first.window_opens_on, first.window_closes_on) == tuple(after(76, 104))
    # the end of 30 August in Chicago (UTC-5), and of 28 November (UTC-6): the days are the organization's
    assert items()[:2] == [datetime(2027, 8, 31, 5, tzinfo=UTC), datetime(2027, 11, 29, 6, tzinfo=UTC)]
    assert {item.role for item in chart.open_items(ItemKind.CHECKUP_DUE)} == {Role.CASE_MANAGER}


def test_the_first_is_on_the_day_of_the_plan(cast, api, in_therapy) -> None:
    """CLN-20: what the continuing-care plan says comes first."""
    plan = chart.plan(in_therapy, first_checkup_on=str(after(40)[0]))
    assert api(cast.case_manager).post("continuing-care-plans/", plan).status_code == 201

    step(in_therapy, Stage.AFTERCARE, actor=cast.case_manager)

    assert due() == after(40, *QUARTERS)


def test_the_organization_may_see_its_clients_sooner(cast, in_therapy) -> None:
    """CLN-20: the first by its own number."""
    set_number(name="first_checkup_within_days", value=30, reason="we can", actor=cast.supervisor)

    step(in_therapy, Stage.AFTERCARE, actor=cast.case_manager)

    assert due()[:2] == after(30, 90)


@pytest.mark.parametrize("stage", [Stage.THERAPY, Stage.DISCHARGED])
def test_leaving_aftercare_cancels_what_is_planned(cast, episode, stage) -> None:
    """CLN-20: nothing is due of an aftercare that has ended; what was held stays."""
    held = Checkup.objects.get(number=1)
    Checkup.objects.filter(pk=held.pk).update(
        status="done", outcome="stable", held_at=BEGAN, held_by_id=cast.case_manager.id
    )

    step(episode, stage, actor=cast.therapist)

    assert (due(), due("done")) == ([], [held.due_on])
    assert len(due("cancelled")) == len(QUARTERS) - 1
    assert len(items()) == 1  # of the one that was held past its door


def test_a_hold_keeps_them_and_its_end_plans_nothing_twice(cast, episode) -> None:
    """CLN-20: a pause is no end; on the way to another stage they end."""
    step(episode, Stage.ON_HOLD, actor=cast.case_manager)
    assert due() == after(*QUARTERS)
    step(episode, Stage.AFTERCARE, actor=cast.case_manager)
    assert (due(), len(items())) == (after(*QUARTERS), len(QUARTERS))
    step(episode, Stage.ON_HOLD, actor=cast.case_manager)

    step(episode, Stage.THERAPY, actor=cast.therapist)

    assert (due(), items()) == ([], [])


def test_what_was_held_is_not_planned_again(cast, api, episode, travel) -> None:
    """CLN-20: the first was moved and held; the others stand when the end of the episode was entered in error (T20)."""
    plan = chart.plan(episode, first_checkup_on=str(after(40)[0]))
    api(cast.case_manager).post("continuing-care-plans/", plan)
    travel(BEGAN + timedelta(days=40))
    record(api(cast.case_manager), "stable")
    step(episode, Stage.ON_HOLD, actor=cast.case_manager)
    step(episode, Stage.AFTERCARE, actor=cast.case_manager)
    assert due() == after(*QUARTERS)  # the quarter that the first no longer covers has its own
    cancel_checkups(Checkup.objects.filter(episode=episode), at=clock.now(), actor=cast.supervisor)

    with transaction.atomic():
        plan_checkups(Episode.objects.get(pk=episode.pk), at=clock.now(), actor=cast.supervisor)

    assert (due("done"), due()) == (after(40), after(*QUARTERS))
    assert list(Checkup.objects.planned().order_by("due_on").values_list("number", flat=True)) == list(range(2, 10))


def test_a_death_cancels_them(cast, episode) -> None:
    """CLN-20, STG-14: also a death that is noted outside the pathway."""
    note_death(episode.client, died_on=None, actor=Actor.system("test"))

    assert (due(), items()) == ([], [])


def test_aftercare_entered_late_plans_what_is_still_to_come(cast, in_therapy, travel) -> None:
    """CLN-20: days count from when aftercare began; a window that has closed is not opened again."""
    moved = step(in_therapy, Stage.AFTERCARE, actor=cast.case_manager)
    Checkup.objects.all().delete()
    travel(BEGAN + timedelta(days=105))

    from casemgmt.chart.handlers import follow_stage
    from casemgmt.kernel.events import Event

    payload = {"from": "therapy", "to": "aftercare", "verb": "enter_aftercare", "move": moved.seq}
    event = Event("episode.entered_aftercare", in_therapy.id, in_therapy.client_id, cast.north.id, payload)
    follow_stage(event, actor=cast.case_manager)

    assert due() == after(*QUARTERS[1:])


def test_an_outcome_closes_the_check_up(cast, api, episode, travel) -> None:
    """CLN-20: what it showed is recorded once."""
    travel(BEGAN + timedelta(days=88))
    web = api(cast.case_manager)

    made = record(web, "stable", note="Works, sleeps.")

    assert (made.status_code, made.headers["ETag"]) == (200, '"2"')
    told = made.json()
    assert (told["status"], told["outcome"], told["note"]) == ("done", "stable", "Works, sleeps.")
    assert (told["held_by_id"], told["appointment_by"]) == (str(cast.case_manager.id), None)
    assert len(items()) == len(QUARTERS) - 1
    assert chart.open_items(ItemKind.RELINK_DUE) == []
    again = web.post(f"checkups/{told['id']}/outcome/", {"outcome": "declined"})
    assert (again.status_code, again.json()["code"]) == (409, "already_held")
    assert Checkup.objects.get(number=1).outcome == "stable"


def test_who_needs_treatment_is_linked_again_the_same_day(cast, api, episode, travel) -> None:
    """CLN-22: work for today, an appointment within seven days; nobody is moved."""
    travel(datetime(2027, 8, 30, 3, tzinfo=UTC))  # still the 29th in Chicago
    moves = StageMove.objects.count()

    made = record(api(cast.peer), "needs_treatment").json()

    (item,) = chart.open_items(ItemKind.RELINK_DUE)
    assert (item.due_at, item.priority) == (datetime(2027, 8, 30, 5, tzinfo=UTC), Priority.TODAY)
    assert (str(item.source_id), made["appointment_by"]) == (made["id"], "2027-09-05")
    assert (Episode.objects.get(pk=episode.pk).stage, StageMove.objects.count()) == (Stage.AFTERCARE, moves)


def test_the_appointment_is_within_the_organizations_days(cast, api, episode, travel) -> None:
    """CLN-22: its number, seven at most."""
    set_number(name="relink_within_days", value=2, reason="we can", actor=cast.supervisor)
    travel(BEGAN + timedelta(days=90))

    assert record(api(cast.case_manager), "needs_treatment").json()["appointment_by"] == str(after(92)[0])


def test_too_early_is_no_check_up(cast, api, episode, travel) -> None:
    """CLN-20: it counts from two weeks before its day; late is better than never."""
    web = api(cast.case_manager)
    travel(BEGAN + timedelta(days=75))
    refused = record(web, "stable")
    assert (refused.status_code, refused.json()["code"]) == (422, "checkup_too_early")
    assert refused.json()["opens_on"] == str(after(76)[0])
    assert (len(due()), len(items())) == (len(QUARTERS), len(QUARTERS))

    travel(BEGAN + timedelta(days=150))

    assert record(api(cast.case_manager), "not_reached").status_code == 200


def test_a_cancelled_one_is_not_held(cast, api, episode) -> None:
    checkup = Checkup.objects.get(number=1)
    step(episode, Stage.THERAPY, actor=cast.therapist)

    refused = api(cast.case_manager).post(f"checkups/{checkup.id}/outcome/", {"outcome": "stable"})

    assert (refused.status_code, refused.json()["code"]) == (409, "checkup_cancelled")


def test_a_stale_screen_records_nothing(cast, api, episode, travel) -> None:
    travel(BEGAN + timedelta(days=90))

    refused = record(api(cast.case_manager), "stable", version=2)

    assert (refused.status_code, refused.json()["code"]) == (409, "stale_version")
    assert len(due()) == len(QUARTERS)


def test_who_holds_and_reads_check_ups(cast, api, episode, travel) -> None:
    """CLN-20: human contact by peers, case managers and clinicians (table 1.9)."""
    travel(BEGAN + timedelta(days=90))
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)
    strangers = [cast.at_north[Role.HOUSE_MANAGER], cast.at_south[Role.SUPERVISOR], cast.outsider]

    for stranger in strangers:
        assert record(api(stranger), "stable").status_code == 404
        assert api(stranger).get(f"checkups/?client={episode.client_id}").json()["results"] == []
    refused = record(api(cast.at_north[Role.PRIVACY_OFFICER]), "stable")
    assert (refused.status_code, len(due())) == (403, len(QUARTERS))
    theirs = record(api(cast.therapist), "needs_support", note="Clinical.").json()["id"]
    seen = api(cast.peer).get(f"checkups/{theirs}/").json()
    assert (seen["status"], seen["outcome"], seen["note"], seen["details_hidden"]) == ("done", None, None, True)


def test_the_list_is_paged_next_first(cast, api, episode) -> None:
    web = api(cast.peer)
    address = f"checkups/?client={episode.client_id}&status=planned&limit=5"

    first = web.get(address).json()
    second = web.get(f"{address}&cursor={first['next']}").json()

    assert [row["number"] for row in first["results"] + second["results"]] == list(range(1, 9))
    assert second["next"] is None
