"""Several rounds at once: each letter goes once; a round that died leaves it to another (F12)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from casemgmt.accounts.models import User
from casemgmt.accounts.roles import Role
from casemgmt.notices.models import Mail
from casemgmt.notices.services.mailing import claim_next, send_due
from casemgmt.notices.services.rounds import write_notices
from casemgmt.notices.services.telling import tell
from casemgmt.worklist.models import Priority
from tests.cast import Cast, gather
from tests.factories import people
from tests.factories.worklist import item

from .waiting import in_a_thread

MORNING = datetime(2026, 11, 24, 12, tzinfo=UTC)
EIGHT = datetime(2026, 11, 24, 14, 0, 1, tzinfo=UTC)  # the summaries' hour in Chicago


@pytest.fixture
def cast(committed_db, travel) -> Cast:
    travel(MORNING)
    return gather()


def rounds(count: int) -> list[str]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda one: one(), [in_a_thread(write_notices) for _ in range(count)]))


def test_many_rounds_tell_each_of_everything_urgent_once(cast) -> None:
    second = people.staff(Role.CASE_MANAGER, at=cast.north)
    client = people.client(cast.north)
    for _ in range(3):
        item(cast.north, client, priority=Priority.NOW)

    told = rounds(6)

    addresses = User.objects.filter(id__in=[cast.case_manager.id, second.id]).values_list("email", flat=True)
    assert told == ["done"] * 6
    assert {each.to[0] for each in mail.outbox} == set(addresses)
    assert len(mail.outbox) == Mail.objects.filter(status="sent", attempts=1).count()
    for person in (cast.case_manager, second):  # three things, each in one letter, one of which may wait a moment
        mine = Mail.objects.filter(user_id=person.id)
        told = [item_id for items in mine.values_list("item_ids", flat=True) for item_id in items]
        assert (len(told), len(set(told))) == (3, 3)


def test_many_rounds_write_one_summary_of_a_day(cast, travel) -> None:
    for _ in range(3):
        item(cast.north, people.client(cast.north), hours=90)
    told = rounds(6)
    assert (mail.outbox, Mail.objects.count()) == ([], 1)
    travel(EIGHT)

    told += rounds(6)

    assert (told, len(mail.outbox)) == (["done"] * 12, 1)
    assert list(Mail.objects.values_list("status", "attempts")) == [("sent", 1)]


def test_a_letter_whose_sender_died_goes_by_another_after_its_lease(cast, travel, settings) -> None:
    item(cast.north, people.client(cast.north), priority=Priority.NOW)
    tell()
    more, claim = claim_next()
    assert (more, claim is not None) == (True, True)

    early = send_due()
    travel(MORNING + timedelta(seconds=settings.NOTICES_LEASE_SECONDS + 1))
    late = send_due()

    assert (early, late, len(mail.outbox)) == (0, 1, 1)
    assert list(Mail.objects.values_list("status", "attempts")) == [("sent", 2)]
