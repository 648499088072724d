"""A restriction is agreed to between "check" and "say" on another connection: nothing leaves against it (P2-50)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Disclosure, RestrictionRequest
from casemgmt.consent.restricting import NewRestriction, agree_to_restriction, request_restriction
from casemgmt.disclosures.services.speaking import NewOral, speak
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
