"""A restriction is agreed to between "check" and "say" on another connection: nothing leaves against it (P2-50)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.consent.handlers import end_with_episode
from casemgmt.consent.models import Consent, Disclosure, RestrictionRequest
from casemgmt.consent.restricting import NewRestriction, agree_to_restriction, request_restriction
from casemgmt.disclosures.services.speaking import NewOral, speak
from casemgmt.kernel import clock
from casemgmt.kernel import events as facts
from tests.cast import gather
from tests.factories import consent as consents
from tests.factories import people

from .waiting import in_a_thread, somebody_waits


@pytest.fixture
def world(committed_db):
    """Return the cast, a client of North, and a request of the client's that waits for its answer."""
    cast = gather()
    client = people.client(cast.north)
    consents.consent(client, recipients=[cast.south])
    new = NewRestriction(scope="Not why.", categories=["reason"])
    return cast, client, request_restriction(client_id=client.id, new=new, actor=cast.peer)


def agree(world) -> None:
    cast, _, request = world
    officer = cast.at_north[Role.PRIVACY_OFFICER]
    agree_to_restriction(request_id=request.id, effective_from=None, version=None, actor=officer)


def say(world) -> None:
    cast, client, _ = world
    new = NewOral(
        recipient_id=cast.south.id,
        recipient_class="treating_provider",
        recipient_name="Sam",
        categories=("reason",),
        purpose="treatment",
        description="Why.",
    )
    speak(client_id=client.id, new=new, actor=cast.case_manager)


def test_an_agreement_under_way_is_waited_for_and_then_seen(world) -> None:
    saying = in_a_thread(lambda: say(world))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            agree(world)  # not committed yet
            said = pool.submit(saying)
            assert somebody_waits()
        outcome = said.result()

    assert (outcome, Disclosure.objects.count()) == ("restriction_active", 0)


def test_who_began_before_the_agreement_and_waited_for_it_sees_it(world) -> None:
    """The moment of a transaction is its beginning: an agreement made since must bind it all the same."""
    begun, agreed = Event(), Event()

    def say_late() -> None:
        with transaction.atomic():
            clock.now()  # from here on, this is the transaction's moment
            begun.set()
            assert agreed.wait(10)
            say(world)

    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(in_a_thread(say_late))
        assert begun.wait(10)
        with transaction.atomic():
            agree(world)  # later than the other began, and not committed yet
            agreed.set()
            assert somebody_waits()
        outcome = said.result()

    assert (outcome, Disclosure.objects.count()) == ("restriction_active", 0)


def test_who_began_before_an_event_ended_the_consent_sees_the_end(world) -> None:
    """P2-16, P2-18: the same of a consent until the end of the episode."""
    cast, client, _ = world
    Consent.objects.filter(client=client).update(status="revoked", revoked_at=clock.now())
    consents.consent(client, recipients=[cast.south], expires_at=None, expires_event="end_of_episode")
    ends = facts.Event("episode.completed", client.id, client.id, cast.north.id, {"from": "therapy", "to": "completed"})
    begun, ended = Event(), Event()

    def say_late() -> None:
        with transaction.atomic():
            clock.now()
            begun.set()
            assert ended.wait(10)
            say(world)

    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(in_a_thread(say_late))
        assert begun.wait(10)
        with transaction.atomic():
            end_with_episode(ends, actor=cast.case_manager)
            ended.set()
            assert somebody_waits()
        outcome = said.result()

    assert (outcome, Disclosure.objects.count()) == ("consent_expired", 0)


def test_a_disclosure_under_way_leaves_first(world) -> None:
    agreeing = in_a_thread(lambda: agree(world))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            say(world)  # not committed yet
            agreed = pool.submit(agreeing)
            assert somebody_waits()
        outcome = agreed.result()

    assert (outcome, Disclosure.objects.count()) == ("done", 1)
    assert RestrictionRequest.objects.get().effective_from > Disclosure.objects.get().at
