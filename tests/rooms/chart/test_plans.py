"""Continuing-care plans: versions of one line, given to the client or refused (G9, G11)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from casemgmt.access.models import Grant, Reason
from casemgmt.accounts.roles import Role
from casemgmt.chart.models import Checkup, ContinuingCarePlan
from casemgmt.chart.schedule import local_day
from casemgmt.episodes.models import Episode
from casemgmt.episodes.plan_guards import aftercare_plan, continuing_care
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import Stage
from casemgmt.kernel import clock
from casemgmt.kernel.errors import Refusal
from casemgmt.policies.services import set_number
from tests.factories import chart, people
from tests.factories import episodes as spells


@pytest.fixture
def episode(cast) -> Episode:
    """Return an episode of North in therapy."""
    return spells.episode(people.client(cast.north), stage=Stage.THERAPY)


def day(days: int) -> str:
    """Return a day so many days from today where North is."""
    return str(local_day(clock.now(), zone="America/Chicago") + timedelta(days=days))


def amend(web, plan: dict, episode: Episode, **more: Any):
    """Send the next version of a plan."""
    body = chart.plan(episode, reason="talked it over", **more)
    del body["episode"]
    return web.post(f"continuing-care-plans/{plan['id']}/amendments/", body)


def stands_against(guard: Any, episode: Episode) -> set[str]:
    """Return the codes with which a guard refuses now."""
    answer = guard(gather(Episode.objects.get(pk=episode.pk), at=clock.now()))
    found = (answer,) if isinstance(answer, Refusal) else answer or ()
    return {each.code for each in found}


def test_a_plan_is_written_and_given(cast, api, episode) -> None:
    """G11: the client has a copy, or no step asks for one any more."""
    web = api(cast.case_manager)
    assert stands_against(continuing_care, episode) == {"continuing_care_not_given"}

    written = web.post("continuing-care-plans/", chart.plan(episode))
    still = stands_against(continuing_care, episode)
    given = web.post(f"continuing-care-plans/{written.json()['id']}/given/")

    assert (written.status_code, still, given.status_code) == (201, {"continuing_care_not_given"}, 201)
    assert (given.json()["goals"], given.json()["given_at"] is None) == ("Walk every day; call Sam.", False)
    assert stands_against(continuing_care, episode) == set()
    assert ContinuingCarePlan.objects.count() == 2


def test_a_refusal_is_documented(cast, api, episode) -> None:
    """G11: that the client declined a plan is as good as a plan given, if it is documented."""
    web, at = api(cast.therapist), clock.now().isoformat()
    body = {"episode": str(episode.id), "refused_at": at}
    bare = web.post("continuing-care-plans/", body)

    made = web.post("continuing-care-plans/", {**body, "refusal_note": "Wants none, knows the number."})

    assert (bare.status_code, list(bare.json()["fields"])) == (400, ["refusal_note"])
    assert made.status_code == 201
    assert stands_against(continuing_care, episode) == set()
    assert stands_against(aftercare_plan, episode) == {"continuing_care_plan_missing"}
    refused = web.post(f"continuing-care-plans/{made.json()['id']}/given/")
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_not_in_force")


def test_aftercare_asks_for_a_whole_plan(cast, api, episode) -> None:
    """G9: warning signs, check-ins or their refusal, a first check-up in time, a peer offered."""
    web = api(cast.case_manager)
    plan = web.post("continuing-care-plans/", chart.plan(episode)).json()
    lacking = {"warning_signs_missing", "check_ins_not_planned", "first_checkup_missing", "peer_not_offered"}
    assert stands_against(aftercare_plan, episode) == lacking

    amend(
        web,
        plan,
        episode,
        warning_signs="No sleep. Call Sam.",
        check_ins_refused=True,
        first_checkup_on=day(80),
        peer_offer="declined",
    )

    assert stands_against(aftercare_plan, episode) == set()


@pytest.mark.parametrize(("days", "status"), [(-1, 400), (0, 201), (90, 201), (91, 400)])
def test_the_first_check_up_comes_in_time(cast, api, episode, days, status) -> None:
    """G9, CLN-20: from today, and within the organization's days."""
    answer = api(cast.case_manager).post("continuing-care-plans/", chart.plan(episode, first_checkup_on=day(days)))

    assert answer.status_code == status
    if status == 400:
        assert (answer.json()["code"], list(answer.json()["fields"])) == (
            "first_checkup_too_late",
            ["first_checkup_on"],
        )
    assert ContinuingCarePlan.objects.count() == (1 if status == 201 else 0)


def test_a_stricter_organization_wants_it_sooner(cast, api, episode) -> None:
    """G9: the days are the organization's number."""
    set_number(name="first_checkup_within_days", value=30, reason="we can", actor=cast.supervisor)

    refused = api(cast.case_manager).post("continuing-care-plans/", chart.plan(episode, first_checkup_on=day(31)))

    assert refused.status_code == 400
    assert not ContinuingCarePlan.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"goals": " "}, "goals"),
        ({"refusal_note": "No."}, "refused_at"),
        ({"given_at": "2126-01-01T00:00:00Z"}, "given_at"),
        ({"refused_at": "2126-01-01T00:00:00Z", "refusal_note": "No."}, "refused_at"),
        (
            {"refused_at": "2026-01-01T00:00:00Z", "refusal_note": "No.", "given_at": "2026-01-01T00:00:00Z"},
            "given_at",
        ),
        ({"peer_offer": "later"}, "peer_offer"),
        ({"warning_signs": "x" * 4001}, "warning_signs"),
        ({"goal": "x"}, "goal"),
    ],
)
def test_what_does_not_fit_is_told_by_field(cast, api, episode, more, field) -> None:
    refused = api(cast.case_manager).post("continuing-care-plans/", chart.plan(episode, **more))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not ContinuingCarePlan.objects.exists()


def test_an_episode_has_one_plan_and_its_versions(cast, api, episode) -> None:
    web = api(cast.case_manager)
    first = web.post("continuing-care-plans/", chart.plan(episode)).json()

    second_plan = web.post("continuing-care-plans/", chart.plan(episode, goals="Another."))
    later = amend(web, first, episode, goals="Run.")
    stale = amend(api(cast.therapist), first, episode, goals="Swim.")

    assert (second_plan.status_code, second_plan.json()["code"]) == (409, "plan_exists")
    assert (stale.status_code, stale.json()["code"]) == (409, "already_amended")
    address = f"continuing-care-plans/?client={episode.client_id}"
    assert [row["goals"] for row in web.get(address).json()["results"]] == ["Run."]
    assert [row["goals"] for row in web.get(f"{address}&amended=true").json()["results"]][-1] == first["goals"]
    assert later.json()["line_id"] == first["id"]


def test_a_plan_entered_in_error_may_be_written_anew(cast, api, episode) -> None:
    web = api(cast.case_manager)
    plan = web.post("continuing-care-plans/", chart.plan(episode)).json()

    gone = web.post(f"continuing-care-plans/{plan['id']}/withdrawal/", {"reason": "another client's"}).json()

    assert stands_against(aftercare_plan, episode) == {"continuing_care_plan_missing"}
    assert web.post(f"continuing-care-plans/{gone['id']}/given/").json()["code"] == "plan_not_in_force"
    assert amend(web, gone, episode, goals="Hers.").json()["withdrawn"] is False
    assert "continuing_care_plan_missing" not in stands_against(aftercare_plan, episode)


def test_who_writes_and_reads_plans(cast, api, episode) -> None:
    """A peer reads the part that is not clinical; a house reads none (table 1.9)."""
    whole = chart.plan(episode, warning_signs="No sleep.")
    roles = (Role.PEER_SPECIALIST, Role.HOUSE_MANAGER, Role.PRIVACY_OFFICER)

    answers = {role: api(cast.at_north[role]).post("continuing-care-plans/", whole) for role in roles}

    assert {role: answer.json()["code"] for role, answer in answers.items()} == {
        Role.PEER_SPECIALIST: "outside_peer_scope",
        Role.HOUSE_MANAGER: "not_permitted",
        Role.PRIVACY_OFFICER: "not_permitted",
    }
    assert api(cast.outsider).post("continuing-care-plans/", whole).status_code == 404
    assert not ContinuingCarePlan.objects.exists()
    plan_id = api(cast.case_manager).post("continuing-care-plans/", whole).json()["id"]
    seen = api(cast.peer).get(f"continuing-care-plans/{plan_id}/").json()
    assert (seen["goals"], seen["warning_signs"], seen["details_hidden"]) == (whole["goals"], None, True)
    Grant.objects.create(client_id=episode.client_id, organization_id=cast.south.id, reason=Reason.EXPLICIT)
    for stranger in (cast.at_north[Role.HOUSE_MANAGER], cast.at_south[Role.SUPERVISOR], cast.outsider):
        assert api(stranger).get(f"continuing-care-plans/{plan_id}/").status_code == 404


def test_in_aftercare_a_later_plan_moves_the_first_check_up(cast, api) -> None:
    """CLN-20: while it is planned; the limit counts from the day on which aftercare began."""
    client = people.client(cast.north)
    leading = spells.episode(client, stage=Stage.AFTERCARE)  # began yesterday
    began = local_day(clock.now() - timedelta(days=1), zone="America/Chicago")
    planned = Checkup.objects.create(
        client=client,
        episode=leading,
        organization=cast.north,
        started_on=began,
        number=1,
        due_on=began + timedelta(days=90),
        window_opens_on=began + timedelta(days=76),
        window_closes_on=began + timedelta(days=104),
    )
    web = api(cast.case_manager)

    late = web.post("continuing-care-plans/", chart.plan(leading, first_checkup_on=str(began + timedelta(days=91))))
    web.post("continuing-care-plans/", chart.plan(leading, first_checkup_on=str(began + timedelta(days=30))))

    assert late.status_code == 400
    planned.refresh_from_db()
    assert (planned.due_on, planned.window_closes_on) == (began + timedelta(days=30), began + timedelta(days=44))
    assert planned.version == 2


def test_the_day_is_where_the_organization_is(cast, api, episode, travel) -> None:
    """G9: at 03:00 UTC it is still the day before in Chicago, which is today there."""
    travel(datetime(2027, 6, 2, 3, tzinfo=UTC))

    made = api(cast.case_manager).post("continuing-care-plans/", chart.plan(episode, first_checkup_on="2027-06-01"))

    assert (made.status_code, ContinuingCarePlan.objects.get().first_checkup_on) == (201, date(2027, 6, 1))
