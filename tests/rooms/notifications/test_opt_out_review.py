"""What people make of an opt-out in a client's own wording, and of texts that are nobody's (SMS-21, SMS-03, CHK-04)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from casemgmt.accounts.roles import Role
from casemgmt.calendars.models import Closure
from casemgmt.safety.models import RiskAlert
from casemgmt.worklist.models import WorkItem
from notifications.models import TextingConsent, TextingConsentEvent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make

LIFT = {"decision": "review_lifted", "channel": "phone_call", "evidence": "call of the day"}
UPHOLD = {"decision": "review_upheld"}


def says(who: make.Texted, *bodies: str) -> None:
    for body in bodies:
        make.arrives(who.number, body)
    process_inbox()


def review(api, who, consent, body) -> tuple[int, str]:
    answer = api(who).post(f"texting-consents/{consent.id}/review/", body)
    return answer.status_code, answer.json().get("code", answer.json().get("state_after"))


def state() -> str:
    return TextingConsent.objects.get().state


def work() -> list[str]:
    return sorted(WorkItem.objects.open().values_list("kind", flat=True))


def test_it_is_lifted_with_the_client_s_confirmation_and_texts_go_on(cast, api, ada, gateway) -> None:
    """SMS-21: until somebody decides, nothing goes."""
    says(ada, "please leave me alone")
    assert (state(), work()) == ("opted_out", ["reply_unparsed"])

    assert review(api, cast.case_manager, ada.consent, LIFT) == (201, "opted_in")

    event = TextingConsentEvent.objects.latest("seq")
    assert (event.channel, event.evidence, event.actor_id) == ("phone_call", "call of the day", cast.case_manager.id)
    assert (state(), work()) == ("opted_in", [])
    make.message(ada)
    drain(gateway=gateway)
    assert len(gateway.sent) == 1


def test_without_the_client_s_word_it_is_not_lifted(cast, api, ada) -> None:
    """SMS-21."""
    says(ada, "leave me alone")

    answer = review(api, cast.case_manager, ada.consent, {"decision": "review_lifted"})

    assert (answer, state(), work()) == ((400, "invalid"), "opted_out", ["reply_unparsed"])


def test_the_database_knows_too_that_only_the_client_lifts(cast, ada) -> None:
    """SMS-21: whatever code writes the ledger."""
    says(ada, "leave me alone")
    lifted = make.Said(make.ConsentEvent.REVIEW_LIFTED, make.CaptureChannel.SYSTEM)

    with pytest.raises(IntegrityError, match="texting_lifted_by_client"), transaction.atomic():
        make.write_event(TextingConsent.objects.get(), said=lifted, at=make.NOON, actor=make.MACHINE)
    assert state() == "opted_out"


def test_upheld_it_stays_and_only_the_phone_starts_again(cast, api, ada) -> None:
    """SMS-21, SMS-23."""
    says(ada, "leave me alone")

    assert review(api, cast.case_manager, ada.consent, UPHOLD) == (201, "opted_out")
    assert review(api, cast.case_manager, ada.consent, LIFT) == (409, "opt_out_not_inferred")
    assert (state(), work()) == ("opted_out", [])

    told = {"contact_point": str(ada.point.id), "event": "opt_in", "channel": "paper", "disclosure_version": "2026-11"}
    assert api(cast.case_manager).post("texting-consents/", told).json()["code"] == "sms_needs_start"
    says(ada, "START")
    assert state() == "opted_in"


@pytest.mark.parametrize("later", ["STOP", "unsubscribe"])
def test_a_plain_stop_after_it_is_nobody_s_to_lift(cast, api, ada, later) -> None:
    """F19: the last word was a plain one."""
    says(ada, "leave me alone")
    says(ada, later)

    assert review(api, cast.case_manager, ada.consent, LIFT) == (409, "opt_out_not_inferred")
    assert state() == "opted_out"


def test_what_was_not_agreed_before_does_not_come_back(cast, api, north) -> None:
    """SMS-03: lifting restores, it does not opt in."""
    from tests.factories import people

    people.client(north, phone="+13165550155")
    make.arrives("+13165550155", "leave me alone")
    process_inbox()

    answer = review(api, cast.case_manager, TextingConsent.objects.get(), LIFT)
    assert (answer, state()) == ((422, "sms_was_not_opted_in"), "opted_out")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.PEER_SPECIALIST, 403), (Role.HOUSE_MANAGER, 403), (Role.ADMIN, 404)]
)
def test_who_may_not_decide_changes_nothing(cast, api, ada, role, status) -> None:
    says(ada, "leave me alone")

    assert review(api, cast.at_north[role], ada.consent, LIFT)[0] == status
    assert review(api, cast.outsider, ada.consent, LIFT)[0] == 404
    assert (state(), work()) == ("opted_out", ["reply_unparsed"])


def test_it_is_due_on_the_next_day_that_the_organization_works(cast, ada, north) -> None:
    """SMS-21: by its own calendar, which is closed tomorrow; then comes Thanksgiving."""
    Closure.objects.create(
        organization=north, day=date(2026, 11, 25), closed=True, reason="x", set_by_id=cast.supervisor.id
    )

    says(ada, "leave me alone")

    assert WorkItem.objects.get().due_at == datetime(2026, 11, 27, 23, tzinfo=UTC)


def test_a_wrong_number_is_set_aside_and_the_right_one_asked_for(ada, gateway) -> None:
    """SMS-03: a stranger has the number; even a new yes sends nothing there."""
    says(ada, "sorry, wrong number")

    ada.point.refresh_from_db()
    assert (ada.point.status, state(), work()) == ("invalid", "opted_out", ["number_invalid", "reply_unparsed"])
    assert WorkItem.objects.get(kind="number_invalid").client_id == ada.client.id


def test_the_ledger_names_the_carrier_s_message(ada) -> None:
    """SMS-01."""
    receipt = make.arrives(ada.number, "STOP")
    process_inbox()

    assert f"inbound:{TextingConsentEvent.objects.latest('seq').provider_message_sid}" == receipt.dedupe_key


def test_a_number_that_moves_to_another_client_starts_without_consent(ada, north) -> None:
    """SMS-03, SMS-01: consent is of a client for a number, not of a number."""
    from tests.factories import people

    eve = people.client(north, phone=ada.number)

    assert not TextingConsent.objects.filter(client=eve).exists()
    assert state() == "opted_in"


def test_a_crisis_from_a_shared_phone_freezes_the_number(ada, north, gateway) -> None:
    """SMS-62, CHK-04: whose words they are is for people to find out; until then no machine texts there."""
    sibling = make.texted(north, phone=ada.number)
    other = make.texted(north, phone="+13165550177")
    says(ada, "I want to die")
    assert RiskAlert.objects.get().client_id is None

    messages = [make.message(who) for who in (ada, sibling, other)]
    drain(gateway=gateway)

    for message in messages:
        message.refresh_from_db()
    assert [message.reason for message in messages] == ["sms_frozen", "sms_frozen", ""]


def test_texts_that_are_nobody_s_have_a_list_of_their_own(cast, api, ada, north) -> None:
    """CHK-04: read by the organization that handles them, and by no other."""
    says(ada, "my sister came by")
    make.arrives("+13165550188", "who is this")
    process_inbox()

    mine = api(cast.case_manager).get("inbound-texts/?unmatched=true").json()["results"]
    assert [(row["client_id"], row["body"]) for row in mine] == [(None, "who is this")]
    assert len(api(cast.case_manager).get("inbound-texts/?unmatched=false").json()["results"]) == 1
    assert api(cast.outsider).get("inbound-texts/?unmatched=true").json()["results"] == []
