"""A mail server that is away, refuses, or takes a letter whose sender dies (reliability F9, F10, F20)."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend as InMemory

from casemgmt.accounts.models import User
from casemgmt.accounts.roles import Role
from casemgmt.notices.models import Mail
from casemgmt.notices.services import mailing
from casemgmt.notices.services.rounds import write_notices
from casemgmt.notices.services.telling import tell
from casemgmt.notices.timing import MOST_ATTEMPTS
from casemgmt.worklist.models import Priority
from tests.factories import people
from tests.factories.worklist import item


class Troubled(InMemory):
    """A mail server that answers with `trouble` while there is one."""

    trouble: Exception | None = None

    def send_messages(self, messages):
        if Troubled.trouble is not None:
            raise Troubled.trouble
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Troubled"
    yield Troubled
    Troubled.trouble = None


@pytest.fixture
def waiting(cast):
    item(cast.north, people.client(cast.north), hours=100, priority=Priority.NOW)
    tell()
    return Mail.objects.get()


def refusal(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"somebody": (code, b"no")})


@pytest.mark.parametrize("trouble", [ConnectionRefusedError(), smtplib.SMTPServerDisconnected(), refusal(451)])
def test_a_server_that_is_away_is_asked_again_later(waiting, server, outbox, travel, morning, trouble) -> None:
    server.trouble = trouble
    write_notices()
    write_notices()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts, waiting.lease_until) == ("waiting", 1, None)

    server.trouble = None
    travel(morning + timedelta(seconds=30))
    write_notices()

    waiting.refresh_from_db()
    assert (waiting.status, len(outbox)) == ("sent", 1)


def test_it_ends_after_some_hours_and_admins_see_it(waiting, server, outbox, travel, morning, cast, api) -> None:
    server.trouble = ConnectionRefusedError()
    for minutes in range(0, 300, 5):
        travel(morning + timedelta(minutes=minutes))
        write_notices()
    waiting.refresh_from_db()

    assert (waiting.status, waiting.reason, waiting.attempts) == ("failed", "attempts", MOST_ATTEMPTS)
    (row,) = api(cast.at_north[Role.ADMIN]).get("notice-mails/?status=failed").json()["results"]
    assert (row["id"], row["reason"]) == (str(waiting.id), "attempts")
    assert api(cast.at_south[Role.ADMIN]).get("notice-mails/?status=failed").json()["results"] == []


def test_an_address_that_is_refused_for_good_is_not_tried_again(waiting, server, caplog, address, cast) -> None:
    server.trouble = refusal(550)
    write_notices()
    waiting.refresh_from_db()

    assert (waiting.status, waiting.reason, waiting.attempts) == ("failed", "address_refused", 1)
    assert address(cast.case_manager) not in caplog.text


@pytest.mark.parametrize("bad", ["", "nobody", "a@example.org\r\nbcc: b@example.org"])
def test_an_address_that_cannot_stand_in_a_header_gets_nothing(waiting, outbox, cast, bad) -> None:
    User.objects.filter(pk=cast.case_manager.id).update(email=bad)
    write_notices()
    waiting.refresh_from_db()

    assert (outbox, waiting.status, waiting.reason) == ([], "failed", "address_unusable")


def test_a_sender_who_dies_after_the_server_said_yes_doubles_the_letter_once(waiting, outbox, travel, morning) -> None:
    """A doubled letter is better than a lost urgent one; both bear the same Message-ID."""
    more, claim = mailing.claim_next()
    assert more
    assert claim is not None
    write_notices()
    assert outbox == []  # somebody has it

    travel(morning + timedelta(seconds=61))
    write_notices()
    write_notices()

    (letter,) = outbox
    assert str(waiting.id) in letter.message()["Message-ID"]
    mailing._settle(claim, mailing.MailStatus.WAITING)  # the dead one wakes: its claim is not its own any more
    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts) == ("sent", 2)


def test_a_letter_that_kills_every_sender_ends(waiting, outbox, travel, morning) -> None:
    for minutes in range(MOST_ATTEMPTS + 3):
        travel(morning + timedelta(minutes=2 * minutes))
        mailing.claim_next()
    waiting.refresh_from_db()

    assert (waiting.status, waiting.reason, waiting.attempts) == ("failed", "attempts", MOST_ATTEMPTS)


def test_what_comes_while_a_letter_waits_for_the_server_is_another_letter(cast, waiting, server, outbox) -> None:
    server.trouble = ConnectionRefusedError()
    write_notices()
    server.trouble = None
    item(cast.north, None, hours=100, priority=Priority.NOW)
    write_notices()

    assert len(outbox) == 1
    assert sorted(Mail.objects.values_list("status", flat=True)) == ["sent", "waiting"]
