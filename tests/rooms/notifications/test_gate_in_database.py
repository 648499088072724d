"""The gate as it is asked inside the sending transaction: nothing is handed over with any answer no (CHK-01)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.sessions.lifecycle import SessionStage
from notifications import gate
from notifications.models import CheckInPlan
from notifications.reasons import SENTENCES
from notifications.services.delivery import drain
from tests.factories import notifications as make
from tests.factories import people, sessions
from tests.factories.alerts import alert


def state_of(ada: make.Texted, gateway) -> tuple[str, str, int]:
    message = make.message(ada)
    drain(gateway=gateway)
    message.refresh_from_db()
    return message.status, message.reason, len(gateway.sent)


def test_who_was_met_that_day_gets_no_text(cast, ada, gateway) -> None:
    sessions.session(cast.case_manager, ada.client, stage=SessionStage.HELD, ahead=-3)

    assert state_of(ada, gateway) == ("cancelled", "human_contact_today", 0)


def test_who_was_reached_by_phone_that_day_gets_no_text(cast, ada, gateway) -> None:
    make.called(ada, cast.case_manager)

    assert state_of(ada, gateway) == ("cancelled", "human_contact_today", 0)


@pytest.mark.parametrize("change", [{"reached": False}, {"hours_ago": 13}])
def test_a_call_in_vain_and_one_of_yesterday_change_nothing(cast, ada, gateway, change) -> None:
    make.called(ada, cast.case_manager, **change)

    assert state_of(ada, gateway) == ("sent", "", 1)


def test_a_session_of_another_organization_tells_this_one_nothing(cast, ada, gateway) -> None:
    sessions.session(people.staff(Role.CASE_MANAGER, at=cast.south), ada.client, stage=SessionStage.HELD, ahead=-3)

    assert state_of(ada, gateway) == ("sent", "", 1)


def test_a_plan_of_a_stage_that_was_left_sends_nothing(ada, gateway) -> None:
    make.plan(ada, stage="iop")

    assert state_of(ada, gateway) == ("cancelled", "plan_not_active", 0)


def test_without_the_carriers_approval_nothing_leaves(ada, gateway, settings) -> None:
    settings.SMS_A2P_CAMPAIGN_STATUS = "pending"

    assert state_of(ada, gateway) == ("cancelled", "a2p_not_registered", 0)


Spoil = Callable[[make.Texted, object], object]


def frozen(ada: make.Texted, cast) -> None:
    alert(ada.client, cast.north)


def texted_today(ada: make.Texted, cast) -> None:
    sent = make.check_in(ada, slot=7, status="asked", asked_at=make.NOON)
    make.message(ada, check_in=sent, status="sent", sent_at=make.NOON - timedelta(hours=1))


# Questions of CHK-01 in their order, with what makes their answer no.
SPOILED: dict[str, Spoil] = {
    "client_deceased": lambda ada, cast: Client.objects.filter(pk=ada.client.pk).update(deceased=True),
    "plan_not_active": lambda ada, cast: CheckInPlan.objects.update(status="ended", reason="staff_decision"),
    "sms_number_invalid": lambda ada, cast: ContactPoint.objects.filter(pk=ada.point.pk).update(status="invalid"),
    "sms_frozen": frozen,
    "sms_cap_day": texted_today,
    "human_contact_today": lambda ada, cast: make.called(ada, cast.case_manager),
}


@pytest.mark.parametrize(("first", "second"), list(combinations(SPOILED, 2)))
def test_the_first_refusal_in_the_order_of_the_rule_is_the_reason(cast, ada, gateway, first, second) -> None:
    message = make.message(ada)
    for code in (second, first):
        SPOILED[code](ada, cast)

    drain(gateway=gateway)

    message.refresh_from_db()
    assert (message.status, message.reason, gateway.sent) == ("cancelled", first, [])
    assert (message.check_in.status, message.check_in.reason) == ("cancelled", first)


def test_what_the_gate_refused_is_explained_to_the_people_who_look(cast, api, ada, gateway) -> None:
    make.called(ada, cast.case_manager)
    make.message(ada)
    drain(gateway=gateway)

    shown = api(cast.peer).get(f"check-ins/?client={ada.client.id}").json()["results"]

    assert [(row["reason"], row["explanation"]) for row in shown] == [
        ("human_contact_today", "Somebody met or reached the client that day.")
    ]


def test_every_refusal_of_the_gate_has_a_sentence() -> None:
    check_in = {each.code for each in gate.GATES if gate.Kind.CHECK_IN in each.asked_of}

    assert check_in <= SENTENCES.keys()
