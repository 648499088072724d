"""F3: fifty browsers open one link at the same moment, or try PINs: one is let in, five are looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction

from referrals.models import ReferralLink
from referrals.services.linking import LinkRefused, Told, count_try, make_link, open_link
from tests.cast import gather
from tests.factories import referrals

BROWSERS = 50


@pytest.fixture
def told(committed_db) -> Told:
    case = referrals.case(gather())
    case.cast.south.joined = False
    with transaction.atomic():
        case.cast.south.save(update_fields=["joined"])
    return make_link(referral_id=case.sent().id, recipient_name="Dr. Who", actor=case.sender)


def all_at_once(try_one: Callable[[int], None]) -> Counter[str]:
    """Let every browser try at the same moment; return how often each was let in or refused."""
    start = Barrier(BROWSERS)

    def one(number: int) -> str:
        try:
            start.wait()
            try_one(number)
        except LinkRefused as refusal:
            return refusal.code
        else:
            return "in"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=BROWSERS) as pool:
        return Counter(pool.map(one, range(BROWSERS)))


def test_one_of_fifty_opens_it(told) -> None:
    outcomes = all_at_once(lambda _: open_link(token=told.token, pin=told.pin) and None)

    assert outcomes == {"in": 1, "link_refused": BROWSERS - 1}
    assert ReferralLink.objects.get().opened_at is not None


def test_fifty_guesses_at_once_are_no_more_than_five(told) -> None:
    pins = [f"{number:06}" for number in range(BROWSERS)]

    def guess(number: int) -> None:
        count_try(told.token)
        open_link(token=told.token, pin=pins[number])

    outcomes = all_at_once(guess)

    assert outcomes["link_refused"] >= BROWSERS - 1  # one PIN in twenty thousand runs is guessed
    assert ReferralLink.objects.get().tries <= 6
    count_try(told.token)
    with pytest.raises(LinkRefused):
        open_link(token=told.token, pin=told.pin)
