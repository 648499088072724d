"""CHK-09: a client pauses the check-ins, or goes on with them, by a text; and stops reminders of visits alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casemgmt.worklist.models import WorkItem
from notifications.models import CheckIn, CheckInPlan, CheckInPreference, InboundText, Message
from notifications.services.appointments import remind
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from tests.factories import notifications as make
from tests.factories import sessions


@pytest.fixture
def plan(ada) -> CheckInPlan:
    made = make.plan(ada)
    materialize()
    return made


def says(of: make.Texted, body: str) -> InboundText:
    make.arrives(of.number, body)
    process_inbox()
    return InboundText.objects.latest("received_at", "id")


@pytest.mark.parametrize(
    ("body", "days"),
    [("PAUSE", 7), ("pause 14", 14), ("Pause 30 days.", 30), ("pausa", 7), ("PAUSA 14 DÍAS", 14)],
)
def test_the_phone_pauses_for_a_week_or_so_and_is_told_until_when(ada, plan, gateway, travel, body, days) -> None:
    text = says(ada, body)

    plan.refresh_from_db()
    until = make.NOON + timedelta(days=days)
    assert (plan.status, plan.reason, plan.paused_until) == ("paused", "client_pause", until)
    assert not CheckIn.objects.under_way().exists()
    row = CheckInPreference.objects.get()
    assert (row.kind, row.days, row.said_by, row.actor_kind) == ("pause", days, "client", "system")
    assert text.understood_as == "wish"
    drain(gateway=gateway)
    (reply,) = gateway.sent
    assert f"until {until:%a %b} {until.day}. Reply RESUME" in reply.body
    assert not WorkItem.objects.filter(kind="reply_unparsed").exists()

    travel(until)
    materialize()
    plan.refresh_from_db()
    assert plan.status == "active"


@pytest.mark.parametrize("body", ["RESUME", "seguir", "Reanudar!"])
def test_the_phone_goes_on_before_the_pause_is_over(ada, plan, gateway, travel, body) -> None:
    says(ada, "pause 30")
    travel(make.NOON + timedelta(hours=1))

    says(ada, body)

    plan.refresh_from_db()
    assert (plan.status, plan.paused_until) == ("active", None)
    assert CheckIn.objects.planned().exists()
    drain(gateway=gateway)
    assert "check-in texts go on" in gateway.sent[-1].body


def test_a_client_who_reads_spanish_is_told_in_spanish(north, gateway) -> None:
    eva = make.texted(north, phone="+13165550123", language="es-MX")
    make.plan(eva)

    says(eva, "pausa 7")

    drain(gateway=gateway)
    (reply,) = gateway.sent
    assert reply.body.startswith("CareLine: De acuerdo, sin textos hasta el mar ")


@pytest.mark.parametrize("body", ["pause 8", "pause 700", "pause please", "can I pause?", "pause 7 and stop"])
def test_what_is_no_plain_wish_pauses_nothing(ada, plan, body) -> None:
    says(ada, body)

    plan.refresh_from_db()
    assert plan.status == "active"
    assert not CheckInPreference.objects.exists()
    assert WorkItem.objects.filter(kind__in=["reply_unparsed", "texting_opted_out"]).exists()


def test_where_nothing_could_be_paused_a_person_reads_it(ada, gateway) -> None:
    text = says(ada, "pause 7")

    assert text.understood_as == "unparsed"
    assert not CheckInPreference.objects.exists()
    assert WorkItem.objects.filter(kind="reply_unparsed", source_id=text.id).exists()


def test_from_a_phone_that_two_clients_share_a_person_decides_whose_wish_it_is(ada, plan, north) -> None:
    """CHK-04."""
    make.texted(north, phone=ada.number)

    text = says(ada, "pause 7")

    plan.refresh_from_db()
    assert (plan.status, text.client_id) == ("active", None)
    assert not CheckInPreference.objects.exists()


def test_after_stop_a_wish_is_for_people(ada, plan, gateway) -> None:
    says(ada, "stop")
    drain(gateway=gateway)
    sent = len(gateway.sent)

    text = says(ada, "resume")

    drain(gateway=gateway)
    assert (text.understood_as, len(gateway.sent)) == ("unparsed", sent)
    assert not CheckInPreference.objects.exists()


def test_reminders_of_visits_are_stopped_alone_and_begin_again(cast, api, ada, gateway, travel) -> None:
    """The client says no to one purpose; the other goes on, and STOP still ends both (SMS-25)."""
    web, hour = api(cast.case_manager), timedelta(hours=1)

    def wish(kind: str) -> int:
        code: int = web.post("check-in-preferences/", {"client": str(ada.client.id), "kind": kind}).status_code
        return code

    def reminded() -> list[tuple[str, str]]:
        remind()
        drain(gateway=gateway)
        rows = Message.objects.filter(kind="appointment").order_by("appointment_at")
        return list(rows.values_list("status", "reason"))

    sessions.session(cast.case_manager, ada.client, starts_at=make.NOON + 24 * hour)
    assert wish("reminders_off") == 201
    assert reminded() == [("cancelled", "sms_reminders_off")]
    assert reminded() == [("cancelled", "sms_reminders_off")]

    assert wish("reminders_on") == 201
    sessions.session(cast.case_manager, ada.client, starts_at=make.NOON + 25.5 * hour)
    travel(make.NOON + 1.5 * hour)
    assert reminded() == [("cancelled", "sms_reminders_off"), ("sent", "")]


def test_without_reminders_check_ins_go_on(cast, api, ada, gateway) -> None:
    api(cast.peer).post("check-in-preferences/", {"client": str(ada.client.id), "kind": "reminders_off"})
    asked = make.message(ada)

    drain(gateway=gateway)

    asked.refresh_from_db()
    assert asked.status == "sent"
