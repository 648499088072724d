"""Conversations: one per client and number, who reads them, and answers in one's own words (SMS-42, SMS-43, CHK-04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.accounts.roles import Role
from casemgmt.audit.models import AuditEvent
from casemgmt.worklist.models import WorkItem
from notifications.models import Conversation, InboundText, Message, StaffText, TextReading
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from notifications.services.reconciling import reconcile
from tests.factories import notifications as make

NEAR = "Shall I call you at noon?"


def says(number: str, body: str) -> None:
    make.arrives(number, body)
    process_inbox()


@pytest.fixture
def talk(ada, gateway) -> Conversation:
    """A check-in went to Ada, and she wrote back."""
    make.message(ada)
    drain(gateway=gateway)
    says(ada.number, "2")
    return Conversation.objects.get()


@pytest.fixture
def entries(api):
    """Return `entries(actor, conversation)`: what they are shown of it."""
    return lambda actor, talk: api(actor).get(f"conversations/{talk.id}/").json()["results"]


def test_a_thread_shows_what_went_and_came_and_what_became_of_it(cast, talk, entries, gateway) -> None:
    came, went = entries(cast.case_manager, talk)

    assert (went["direction"], went["kind"], went["status"], went["answer"]) == ("sent", "check_in", "sent", 2)
    assert went["text"] == gateway.sent[0].body
    assert (came["direction"], came["kind"], came["text"], came["answer"]) == ("received", "answer", "2", 2)
    assert came["check_in_id"] == went["check_in_id"]
    assert came["read_by"] == []


def test_reading_is_on_record_with_whom_and_when_once(cast, api, talk, entries, travel) -> None:
    def listed() -> dict[str, object]:
        (row,) = api(cast.case_manager).get("conversations/").json()["results"]
        return row

    assert (listed()["unread"], listed()["last_sent_status"]) == (1, "sent")
    assert len(api(cast.therapist).get("conversations/?unread=true").json()["results"]) == 1
    first = api(cast.case_manager).post(f"conversations/{talk.id}/readings/")
    again = api(cast.case_manager).post(f"conversations/{talk.id}/readings/")
    api(cast.therapist).post(f"conversations/{talk.id}/readings/")

    assert (first.json(), again.json(), listed()["unread"]) == ({"read": 1}, {"read": 0}, 0)
    assert api(cast.therapist).get("conversations/?unread=true").json()["results"] == []
    readers = [each["user_id"] for each in entries(cast.case_manager, talk)[0]["read_by"]]
    assert readers == [str(cast.case_manager.id), str(cast.therapist.id)]


@pytest.mark.parametrize("role", [Role.PEER_SPECIALIST, Role.HOUSE_MANAGER])
def test_these_see_that_something_was_said_and_not_what(cast, api, talk, entries, role) -> None:
    """SMS-43, table 1.9."""
    actor = cast.at_north[role]
    rows = entries(actor, talk)

    assert [each["direction"] for each in rows] == ["received", "sent"]
    assert not any("text" in each for each in rows)
    assert api(actor).post(f"conversations/{talk.id}/readings/").status_code == 403
    assert api(actor).post(f"conversations/{talk.id}/texts/", {"text": NEAR}).status_code == 403
    assert not TextReading.objects.exists()
    assert not StaffText.objects.exists()


def test_what_came_from_a_shared_number_stands_in_nobodys_conversation(cast, api, ada, talk, north, entries) -> None:
    """CHK-04: two clients, one phone; neither's readers see what may be the other's."""
    other = make.texted(north, phone=ada.number, given_name="Bo")
    says(ada.number, "my secret")
    make.message(other)

    assert InboundText.objects.filter(client__isnull=True, body="my secret").exists()
    for row in api(cast.case_manager).get("conversations/").json()["results"]:
        shown = api(cast.case_manager).get(f"conversations/{row['id']}/").json()["results"]
        assert "my secret" not in str(shown)


def test_a_number_that_changed_hands_begins_anew(cast, api, ada, talk, entries) -> None:
    """What its first owner said stays with those who see the first owner."""
    ada.point.ended_at = make.NOON
    ada.point.save(update_fields=["ended_at"])
    stranger = make.texted(cast.south, phone=ada.number, given_name="Cy")
    says(ada.number, "new here")

    (theirs,) = api(cast.at_south[Role.CASE_MANAGER]).get("conversations/").json()["results"]
    assert theirs["client_id"] == str(stranger.client.id)
    shown = api(cast.at_south[Role.CASE_MANAGER]).get(f"conversations/{theirs['id']}/").json()["results"]
    assert [each["text"] for each in shown if each["direction"] == "received"] == ["new here"]
    assert "How are you" not in str(shown)
    assert "new here" not in str(entries(cast.case_manager, talk))
    assert api(cast.at_south[Role.CASE_MANAGER]).get(f"conversations/{talk.id}/").status_code == 404


def test_pages_of_a_thread_follow_each_other_and_cost_the_same(cast, api, ada, talk, gateway, travel) -> None:
    for minutes in range(1, 8):
        travel(make.NOON + timedelta(minutes=minutes))
        says(ada.number, f"text {minutes}")
        drain(gateway=gateway)
    web = api(cast.case_manager)
    whole = [each["id"] for each in web.get(f"conversations/{talk.id}/?limit=100").json()["results"]]

    paged, cursor, costs = [], "", set()
    while True:
        with CaptureQueriesContext(connection) as queries:
            page = web.get(f"conversations/{talk.id}/?limit=3{cursor}").json()
        costs.add(len(queries))
        paged += [each["id"] for each in page["results"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert paged == whole
    assert len(whole) >= 9
    assert max(costs) - min(costs) <= 2  # a cursor is looked up in one table or in both
    wrong = web.get(f"conversations/{talk.id}/?cursor={talk.id}")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "cursor_invalid")


def test_the_list_costs_the_same_however_long_it_is(cast, api, north, talk) -> None:
    web = api(cast.case_manager)

    def cost(more: range) -> int:
        for number in more:
            says(make.texted(north, phone=f"+131655502{number:02}").number, "hello")
        with CaptureQueriesContext(connection) as queries:
            web.get("conversations/")
        return len(queries)

    assert cost(range(1)) == cost(range(1, 6))


def test_an_answer_in_ones_own_words_goes_behind_the_alias(cast, api, talk, gateway, entries) -> None:
    made = api(cast.case_manager).post(f"conversations/{talk.id}/texts/", {"text": NEAR})
    drain(gateway=gateway)

    assert (made.status_code, gateway.sent[-1].body) == (201, f"CareLine: {NEAR}")
    shown = entries(cast.therapist, talk)[0]
    assert (shown["text"], shown["written_by"]) == (f"CareLine: {NEAR}", str(cast.case_manager.id))
    assert shown["status"] == "sent"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("See you at the clinic", "sms_template_phi"),
        ("Su terapia es hoy", "sms_template_phi"),
        ("Look at www.example.com", "sms_template_link"),
        ("Fine \U0001f642", "sms_too_long"),
        ("x" * 155, "sms_too_long"),
    ],
)
def test_the_linter_judges_what_people_write(cast, api, talk, text, code) -> None:
    """SMS-42."""
    before = Message.objects.count()
    answer = api(cast.case_manager).post(f"conversations/{talk.id}/texts/", {"text": text})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert Message.objects.count() == before
    assert not StaffText.objects.exists()


def test_a_supervisor_overrides_the_linter_and_that_is_logged(cast, api, talk, gateway) -> None:
    """SMS-42: nobody else does, and a link or a long text stays refused."""
    path = f"conversations/{talk.id}/texts/"
    asked = {"text": "Meet at the court house cafe", "override_reason": "false_alarm"}
    assert api(cast.therapist).post(path, asked).status_code == 403
    link = api(cast.supervisor).post(path, {**asked, "text": "www.example.com"})
    assert link.json()["code"] == "sms_template_link"

    assert api(cast.supervisor).post(path, asked).status_code == 201
    drain(gateway=gateway)

    assert gateway.sent[-1].body == "CareLine: Meet at the court house cafe"
    row = AuditEvent.objects.get(action="conversation.text_written")
    assert (row.actor_id, row.reason_code) == (cast.supervisor.id, "false_alarm")


def test_nothing_is_written_to_who_stopped_and_what_waits_is_called_off(cast, api, ada, talk, gateway) -> None:
    """SMS-22: an opt-out between writing and sending wins."""
    path = f"conversations/{talk.id}/texts/"
    assert api(cast.case_manager).post(path, {"text": NEAR}).status_code == 201
    says(ada.number, "STOP")
    sent = len(gateway.sent)
    drain(gateway=gateway)

    assert [each.body for each in gateway.sent[sent:] if NEAR in each.body] == []
    assert Message.objects.get(kind="staff").status == "cancelled"
    answer = api(cast.case_manager).post(path, {"text": NEAR})
    assert (answer.status_code, answer.json()["code"]) == (422, "sms_opted_out")


def test_at_night_an_answer_waits_and_one_that_never_went_is_told(cast, api, talk, gateway, travel) -> None:
    """SMS-31, SMS-33; reliability 4.1: a person learns that a text did not go."""
    travel(make.NOON + timedelta(hours=11))
    api(cast.case_manager).post(f"conversations/{talk.id}/texts/", {"text": NEAR})
    before = len(gateway.sent)
    drain(gateway=gateway)
    row = Message.objects.get(kind="staff")
    assert (len(gateway.sent), row.status) == (before, "pending")
    assert row.due_at > make.NOON + timedelta(hours=20)

    travel(make.NOON + timedelta(days=3))
    reconcile(gateway=gateway)
    row.refresh_from_db()
    assert row.status == "expired"
    assert WorkItem.objects.filter(source_id=row.id, kind="message_failed").exists()


@pytest.mark.parametrize("table", ["notifications_stafftext", "notifications_textreading"])
def test_postgresql_keeps_what_was_written_and_read(cast, api, talk, table) -> None:
    api(cast.case_manager).post(f"conversations/{talk.id}/texts/", {"text": NEAR})
    api(cast.case_manager).post(f"conversations/{talk.id}/readings/")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
