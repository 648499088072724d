"""How check-ins follow what happens elsewhere: holds, ends, deaths, moves, new numbers (T7, T11, T12, T14-T17)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from casemgmt.clients.services import add_contact_point, change_client, end_contact_point, record_death
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from notifications.handlers import replan_check_ins
from notifications.models import CheckIn, CheckInPlan, Message, TextingConsent
from notifications.services.delivery import drain
from notifications.services.materializing import materialize
from tests.factories import notifications as make

SOON = make.NOON + timedelta(minutes=30)


@pytest.fixture
def plan(ada) -> CheckInPlan:
    made = make.plan(ada)
    materialize()
    make.message(ada, due_at=SOON, check_in=make.check_in(ada, due_at=SOON, slot=1, status="scheduled"))
    return made


def move(ada, to: str) -> None:
    event = Event("episode.held", ada.episode.id, ada.client.id, ada.client.organization_id, {"to": to})
    replan_check_ins(event, actor=make.MACHINE)


def waiting() -> int:
    return Message.objects.pending().count() + CheckIn.objects.planned().count()


def test_a_hold_pauses_and_the_next_stage_resumes(ada, plan) -> None:
    before = set(CheckIn.objects.filter(due_at__gt=make.NOON, slot=0).values_list("id", "due_at"))

    move(ada, "on_hold")
    plan.refresh_from_db()
    assert (plan.status, plan.reason, waiting()) == ("paused", "episode_held", 0)

    move(ada, "therapy")
    plan.refresh_from_db()
    assert (plan.status, plan.reason) == ("active", "")
    assert set(CheckIn.objects.planned().filter(plan=plan, slot=0).values_list("id", "due_at")) == before


def test_a_plan_paused_by_hand_stays_paused(ada, plan) -> None:
    CheckInPlan.objects.update(status="paused", reason="client_request")

    move(ada, "on_hold")
    move(ada, "therapy")

    plan.refresh_from_db()
    assert (plan.status, plan.reason) == ("paused", "client_request")


@pytest.mark.parametrize("stage", ["completed", "discharged", "transferred", "deceased", "cancelled"])
def test_the_end_of_an_episode_ends_its_plan(ada, plan, gateway, stage) -> None:
    move(ada, stage)
    drain(gateway=gateway)

    plan.refresh_from_db()
    assert (plan.status, plan.reason, waiting(), gateway.sent) == ("ended", f"episode_{stage}", 0, [])


def test_an_ordinary_step_changes_nothing_of_a_plan_made_by_hand(ada, plan) -> None:
    before = list(CheckIn.objects.filter(plan=plan).order_by("id").values())

    move(ada, "aftercare")

    assert list(CheckIn.objects.filter(plan=plan).order_by("id").values()) == before


def test_nobody_texts_the_dead(cast, ada, plan, gateway) -> None:
    record_death(client_id=ada.client.id, died_on=None, actor=Actor.system("import_fhir"))
    drain(gateway=gateway)

    plan.refresh_from_db()
    assert (plan.status, plan.reason, waiting(), gateway.sent) == ("ended", "client_deceased", 0, [])
    assert set(CheckIn.objects.values_list("status", flat=True)) == {"cancelled"}


def test_a_client_who_moves_is_asked_at_the_wall_time_of_the_new_place(cast, ada, plan) -> None:
    coming = CheckIn.objects.planned().get(slot=0)
    assert coming.due_at.hour == 18

    change_client(
        client_id=ada.client.id, changes={"timezone": "America/Denver"}, version=None, actor=cast.case_manager
    )

    moved = CheckIn.objects.planned().get(pk=coming.pk)
    assert (moved.local_date, moved.due_at.hour) == (coming.local_date, 19)
    assert CheckIn.objects.filter(local_date=coming.local_date).count() == 1


def test_an_edit_that_moves_nothing_leaves_every_row_alone(cast, ada, north) -> None:
    make.plan(ada, times=[time(12, 30)])
    deferred = make.message(ada, due_at=make.NOON - timedelta(hours=5))
    Message.objects.update(due_at=make.NOON + timedelta(hours=3))
    materialize()
    before = list(Message.objects.order_by("id").values()), list(CheckIn.objects.order_by("id").values())

    change_client(client_id=ada.client.id, changes={"city": "Wichita"}, version=None, actor=cast.case_manager)

    assert (list(Message.objects.order_by("id").values()), list(CheckIn.objects.order_by("id").values())) == before
    assert Message.objects.get(pk=deferred.pk).status == "pending"


def test_a_new_number_starts_without_consent(cast, ada, plan, gateway, travel) -> None:
    add_contact_point(
        client_id=ada.client.id, kind="phone", value="316 555 0142", preferred=True, actor=cast.case_manager
    )

    waits = Message.objects.get(due_at=SOON)
    assert TextingConsent.objects.get().state == "none"
    assert (waits.status, waits.reason) == ("cancelled", "number_changed")

    travel(make.NOON + timedelta(days=7))
    materialize()
    drain(gateway=gateway)
    assert Message.objects.latest("due_at").reason == "sms_no_consent"
    assert gateway.sent == []


def test_a_number_given_up_is_not_texted(cast, ada, plan, gateway, travel) -> None:
    end_contact_point(client_id=ada.client.id, contact_point_id=ada.point.id, actor=cast.case_manager)
    travel(SOON)

    drain(gateway=gateway)

    assert (TextingConsent.objects.get().state, gateway.sent) == ("none", [])
    assert Message.objects.get(due_at=SOON).reason == "number_changed"
