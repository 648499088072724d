"""STOP: everything that waits ends in the same transaction, whoever shares the number (SMS-20 to SMS-27)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from casemgmt.worklist.models import WorkItem
from notifications.models import CheckIn, InboundText, Message, TextingConsent, TextingConsentEvent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from tests.factories import notifications as make


def says(who: make.Texted, *bodies: str) -> None:
    for body in bodies:
        make.arrives(who.number, body)
    process_inbox()


def state_of(who: make.Texted) -> str:
    return TextingConsent.objects.get(pk=who.consent.pk).state


def work() -> list[str]:
    return list(WorkItem.objects.open().order_by("id").values_list("kind", flat=True))


def test_stop_cancels_everything_that_waits_for_the_number(ada, gateway) -> None:
    now = make.message(ada)
    deferred = make.message(ada, check_in=None, due_at=make.NOON + timedelta(hours=20))
    planned = make.check_in(ada, due_at=make.NOON + timedelta(days=7))

    says(ada, "STOP")
    tried = drain(gateway=gateway)

    assert (state_of(ada), tried, gateway.sent) == ("opted_out", 0, [])
    for message in (now, deferred):
        message.refresh_from_db()
        assert (message.status, message.reason) == ("cancelled", "sms_opted_out")
    assert set(CheckIn.objects.values_list("status", "reason")) == {("cancelled", "sms_opted_out")}
    assert work() == ["texting_opted_out"]
    planned.refresh_from_db()
    assert planned.ended_at == make.NOON


def test_whatever_is_written_later_is_refused_at_the_gate(ada, gateway) -> None:
    says(ada, "STOP")
    later = make.message(ada)

    drain(gateway=gateway)

    later.refresh_from_db()
    assert (later.status, later.reason, gateway.sent) == ("cancelled", "sms_opted_out", [])


@pytest.mark.parametrize("body", ["stop", " Stop. ", "ＳＴＯＰ", "unsubscribe", "no más", "“QUIT”"])
def test_every_spelling_of_stop_counts(ada, body) -> None:
    says(ada, body)

    assert state_of(ada) == "opted_out"
    assert TextingConsentEvent.objects.latest("seq").inferred is False


def test_other_words_for_it_count_at_once_and_a_person_looks_at_them(ada) -> None:
    make.plan(ada)

    says(ada, "please dont text me anymore")

    assert state_of(ada) == "opted_out"
    assert TextingConsentEvent.objects.latest("seq").inferred is True
    assert sorted(work()) == ["reply_unparsed", "texting_opted_out"]


def test_stop_counts_for_everybody_who_has_the_number(ada, north) -> None:
    sibling = make.texted(north, phone=ada.number)

    says(ada, "STOP")

    assert (state_of(ada), state_of(sibling)) == ("opted_out", "opted_out")


def test_stop_is_remembered_for_a_number_nobody_ever_asked_about(north) -> None:
    from tests.factories import people

    client = people.client(north, phone="+13165550155")
    make.arrives("+13165550155", "STOP")

    process_inbox()

    assert TextingConsent.objects.get(client=client).state == "opted_out"


@pytest.mark.parametrize(("carrier_answers", "texts"), [(True, 0), (False, 1)])
def test_stop_is_confirmed_once_and_never_twice(ada, gateway, settings, carrier_answers, texts) -> None:
    settings.PROVIDER_HANDLES_OPTOUT_REPLY = carrier_answers
    make.message(ada)

    says(ada, "STOP")
    process_inbox()
    drain(gateway=gateway)

    assert [text.body[:43] for text in gateway.sent] == ["CareLine: You won't get any more texts from"] * texts


def test_a_confirmation_that_comes_too_late_is_not_sent(ada, gateway, settings, travel) -> None:
    settings.PROVIDER_HANDLES_OPTOUT_REPLY = False
    says(ada, "STOP")
    travel(make.NOON + timedelta(minutes=5, seconds=1))

    drain(gateway=gateway)

    assert (gateway.sent, Message.objects.get().status) == ([], "expired")


def test_start_brings_back_what_is_still_to_come(ada, gateway) -> None:
    plan = make.plan(ada)
    past = make.check_in(ada, due_at=make.NOON - timedelta(hours=1))
    coming = make.check_in(ada, due_at=make.NOON + timedelta(days=7))
    says(ada, "STOP")

    says(ada, "START")

    past.refresh_from_db()
    coming.refresh_from_db()
    assert state_of(ada) == "opted_in"
    assert TextingConsentEvent.objects.latest("seq").event == "re_opt_in"
    assert (past.status, coming.status, coming.reason) == ("cancelled", "planned", "")
    assert plan.check_ins.count() == 2  # nothing was added beside them


def test_yes_is_start_after_stop_and_no_answer_otherwise(ada) -> None:
    says(ada, "yes")
    assert (state_of(ada), work()) == ("opted_in", ["reply_unparsed"])
    assert InboundText.objects.get().understood_as == "unparsed"

    says(ada, "STOP", "yes")
    assert state_of(ada) == "opted_in"


def test_start_from_somebody_who_never_agreed_is_for_a_person(north) -> None:
    from tests.factories import people

    client = people.client(north, phone="+13165550155")
    for body in ("STOP", "START"):
        make.arrives("+13165550155", body)

    process_inbox()

    assert (TextingConsent.objects.get(client=client).state, work()) == ("opted_out", ["reply_unparsed"])


def test_a_stop_that_came_in_later_stays_the_last_word(ada) -> None:
    says(ada, "STOP")
    start, stop = make.arrives(ada.number, "START"), make.arrives(ada.number, "STOP")
    start.__class__.objects.filter(pk=start.pk).update(due_at=make.NOON + timedelta(seconds=1))  # overtaken
    process_inbox()
    start.__class__.objects.filter(pk=start.pk).update(due_at=make.NOON)

    process_inbox()

    assert (state_of(ada), TextingConsentEvent.objects.latest("seq").receipt_id) == ("opted_out", stop.pk)


def test_the_state_cannot_disagree_with_the_ledger(ada) -> None:
    @transaction.atomic
    def forge() -> None:
        TextingConsent.objects.filter(pk=ada.consent.pk).update(state="opted_out")
        connection.check_constraints()

    with pytest.raises(IntegrityError, match="disagrees with its ledger"):
        forge()


@pytest.mark.parametrize("statement", ["UPDATE {} SET channel = 'web'", "DELETE FROM {}"])
def test_the_ledger_cannot_be_altered(ada, statement) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("notifications_textingconsentevent"))
