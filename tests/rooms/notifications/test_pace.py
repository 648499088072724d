"""So many texts a second and no more, and no organization waits behind another's thousands (F12, F21)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Message, Pace
from notifications.services.delivery import claim_next, drain
from tests.factories import notifications as make


@pytest.fixture
def south():
    return make.organization("South")


def due(at, count: int, *, block: int) -> list[Message]:
    return [make.message(make.texted(at, phone=f"+1316555{block}{number:02d}")) for number in range(count)]


def test_no_more_than_the_rate_leaves_in_a_second(north, gateway, settings, travel) -> None:
    settings.SMS_PER_SECOND, settings.SMS_ORGANIZATION_PER_SECOND = 3, 100
    due(north, 8, block=10)

    sent = []
    for second in range(4):
        travel(make.NOON + timedelta(seconds=second))
        drain(gateway=gateway)
        sent.append(len(gateway.sent))

    assert sent[0] <= 4  # a full bucket of three, and the one whose token was due at once
    assert max(after - before for before, after in zip(sent, sent[1:], strict=False)) <= 3
    assert sent[-1] == 8
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_an_organization_at_its_cap_does_not_hold_up_another(north, south, gateway, settings) -> None:
    settings.SMS_PER_SECOND, settings.SMS_ORGANIZATION_PER_SECOND = 100, 2
    due(north, 6, block=10)
    (theirs,) = due(south, 1, block=20)

    drain(gateway=gateway)

    theirs.refresh_from_db()
    assert theirs.status == "sent"
    assert len(gateway.sent) <= 4


def test_organizations_take_turns_however_many_texts_one_has(north, south, gateway) -> None:
    due(north, 10, block=10)
    theirs = due(south, 3, block=20)

    drain(gateway=gateway, limit=6)

    assert Message.objects.filter(pk__in=[each.pk for each in theirs], status="sent").count() == 3


def test_a_message_that_waits_for_a_token_is_as_it_was(ada, settings) -> None:
    settings.SMS_PER_SECOND = 1
    Pace.objects.create(organization=None, free_at=make.NOON + timedelta(seconds=30))
    message = make.message(ada)

    assert drain(gateway=None) == 0

    message.refresh_from_db()
    assert (message.status, message.attempts, message.tries.count()) == ("pending", 0, 0)
    assert not Pace.objects.filter(organization__isnull=False).exists()


def test_a_claim_costs_the_same_whatever_waits(north, south) -> None:
    counts = []
    for block in (10, 30):
        due(north, 10, block=block)
        due(south, 1, block=block + 10)
        with CaptureQueriesContext(connection) as queries:
            assert claim_next() is not None
        counts.append(len(queries))
        claim_next()

    assert counts[1] <= counts[0]
