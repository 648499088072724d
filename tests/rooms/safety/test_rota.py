"""Who is on call: planning, calling off, asking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.safety.models import OnCallShift
from casemgmt.safety.services.rota import who_is_on_call
from tests.factories import alerts, people

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(db, travel) -> None:
    travel(NOON)


def shift(user, *, role: Role = Role.THERAPIST, begins: float = 0, ends: float = 12, **more: Any) -> dict[str, Any]:
    """Return a request for a shift, in hours from noon."""
    return {
        "user": str(user.id),
        "role": role.value,
        "starts_at": (NOON + timedelta(hours=begins)).isoformat(),
        "ends_at": (NOON + timedelta(hours=ends)).isoformat(),
        **more,
    }


def test_a_supervisor_puts_people_on_call_and_everybody_may_look(cast, api) -> None:
    """SMS-62: who is on call is known before anybody has to be called."""
    web = api(cast.supervisor)

    made = web.post("on-call-shifts/", shift(cast.therapist))
    backup = people.staff(Role.THERAPIST, at=cast.north)
    assert web.post("on-call-shifts/", shift(backup, backup=True)).status_code == 201
    assert web.post("on-call-shifts/", shift(cast.supervisor, role=Role.SUPERVISOR)).status_code == 201

    assert made.status_code == 201
    told = api(cast.peer).get("on-call/").json()
    assert (told["therapist_id"], told["backup_id"], told["supervisor_id"]) == (
        str(cast.therapist.id),
        str(backup.id),
        str(cast.supervisor.id),
    )
    assert len(api(cast.peer).get("on-call-shifts/").json()["results"]) == 3
    assert api(cast.outsider).get("on-call-shifts/").json()["results"] == []
    assert api(cast.outsider).get("on-call/").json()["therapist_id"] is None


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.CASE_MANAGER, Role.PEER_SPECIALIST, Role.ADMIN])
def test_nobody_else_plans(cast, api, role) -> None:
    made = alerts.on_call(cast.therapist, Role.THERAPIST, cast.north, hours=1)
    web = api(cast.at_north[role])

    assert web.post("on-call-shifts/", shift(cast.therapist, begins=5)).status_code == 403
    assert web.post(f"on-call-shifts/{made.id}/cancel/").status_code == 403
    assert OnCallShift.objects.get().cancelled_at is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": NOON.isoformat()}, "ends_at"),
        ({"starts_at": "2026-11-20T00:00:00Z", "ends_at": "2026-11-21T00:00:00Z"}, "ends_at"),
        ({"role": "peer_specialist"}, "role"),
        ({"role": "supervisor"}, "user"),  # the therapist is none
    ],
)
def test_a_shift_that_cannot_be(cast, api, change, field) -> None:
    refused = api(cast.supervisor).post("on-call-shifts/", shift(cast.therapist) | change)

    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert not OnCallShift.objects.exists()


def test_nobody_of_another_organization_is_on_call_here(cast, api) -> None:
    refused = api(cast.supervisor).post("on-call-shifts/", shift(cast.at_south[Role.THERAPIST]))

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["user"])


def test_two_of_a_kind_do_not_overlap(cast, api) -> None:
    """F7: one therapist, one backup, one supervisor at a time; shifts may touch."""
    web = api(cast.supervisor)
    second = people.staff(Role.THERAPIST, Role.SUPERVISOR, at=cast.north)
    web.post("on-call-shifts/", shift(cast.therapist))

    overlapping = web.post("on-call-shifts/", shift(second, begins=11, ends=20))

    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "shift_overlap")
    for fine in (
        shift(second, begins=12, ends=20),
        shift(second, backup=True),
        shift(second, role=Role.SUPERVISOR),
    ):
        assert web.post("on-call-shifts/", fine).status_code == 201
    south = api(cast.at_south[Role.SUPERVISOR])
    assert south.post("on-call-shifts/", shift(cast.at_south[Role.THERAPIST])).status_code == 201
    assert OnCallShift.objects.count() == 5


def test_postgresql_refuses_an_overlap_whoever_writes(cast) -> None:
    """F7: the promise is the table's."""
    alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)

    with pytest.raises(IntegrityError), transaction.atomic():
        alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)


def test_a_shift_that_is_called_off_ends_at_once_and_makes_room(cast, api) -> None:
    web = api(cast.supervisor)
    made = web.post("on-call-shifts/", shift(cast.therapist)).json()

    first, again = (web.post(f"on-call-shifts/{made['id']}/cancel/") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert who_is_on_call(cast.north.id, Role.THERAPIST, NOON) is None
    assert web.post("on-call-shifts/", shift(cast.therapist)).status_code == 201
    assert [row["id"] for row in web.get("on-call-shifts/?cancelled=true").json()["results"]] == [made["id"]]
    assert api(cast.outsider).post(f"on-call-shifts/{made['id']}/cancel/").status_code == 404


def test_a_shift_that_is_over_stays_as_it_was(cast, api, travel) -> None:
    made = alerts.on_call(cast.therapist, Role.THERAPIST, cast.north, hours=1)
    travel(NOON + timedelta(hours=2))

    refused = api(cast.supervisor).post(f"on-call-shifts/{made.id}/cancel/")

    assert (refused.status_code, refused.json()["code"]) == (409, "shift_over")


def test_a_shift_holds_from_its_first_moment_until_before_its_last(cast) -> None:
    """SMS-62: half-open, so that there is never a moment with two or with none between two shifts."""
    made = alerts.on_call(cast.therapist, Role.THERAPIST, cast.north)

    def on_call_at(moment: datetime) -> Any:
        return who_is_on_call(cast.north.id, Role.THERAPIST, moment)

    tick = timedelta(microseconds=1)
    assert on_call_at(made.starts_at - tick) is None
    assert on_call_at(made.starts_at) == on_call_at(made.ends_at - tick) == cast.therapist.id
    assert on_call_at(made.ends_at) is None


def test_the_rota_is_listed_by_time(cast, api) -> None:
    web = api(cast.supervisor)
    for begins in (24, 0, 12):
        web.post("on-call-shifts/", shift(cast.therapist, begins=begins, ends=begins + 12))

    after = (NOON + timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M:%SZ")
    before = (NOON + timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
    every = web.get("on-call-shifts/").json()["results"]
    window = web.get(f"on-call-shifts/?ends_after={after}&starts_before={before}").json()["results"]

    assert [row["starts_at"] for row in every] == sorted(row["starts_at"] for row in every)
    assert [row["id"] for row in window] == [every[1]["id"]]
