"""SMS-04: a phone that others use too is not texted until its client has confirmed once more."""

from __future__ import annotations

import pytest

from casemgmt.clients.services import add_contact_point
from casemgmt.kernel.actor import Actor
from notifications.models import CheckIn, Message, TextingConsent, TextingConsentEvent
from notifications.services.delivery import drain
from notifications.services.inbox import process_inbox
from notifications.services.materializing import materialize
from tests.factories import notifications as make
from tests.factories import people


@pytest.fixture
def planned(ada) -> Message:
    """Ada's plan, its coming check-ins, and one whose text waits."""
    waiting = make.message(ada)
    materialize()
    return waiting


def share(web, of: make.Texted, **fields):
    return web.post(
        "texting-consents/",
        {"contact_point": str(of.point.id), "event": "shared_phone", "channel": "verbal", **fields},
    )


def state(of: make.Texted) -> str:
    return str(TextingConsent.objects.get(pk=of.consent.pk).state)


def test_told_that_the_phone_is_shared_texts_wait_for_one_more_yes(cast, api, ada, planned, gateway) -> None:
    answer = share(api(cast.peer), ada)

    assert answer.status_code == 201, answer.json()
    assert state(ada) == "pending"
    planned.refresh_from_db()
    assert (planned.status, planned.reason) == ("cancelled", "phone_shared")
    assert not CheckIn.objects.under_way().exists()
    drain(gateway=gateway)
    (request,) = gateway.sent
    assert "Reply YES" in request.body

    make.arrives(ada.number, "yes")
    process_inbox()
    assert state(ada) == "opted_in"
    assert CheckIn.objects.under_way().exists()


def test_without_the_yes_nothing_more_is_sent_to_it(cast, api, ada, planned, gateway) -> None:
    share(api(cast.peer), ada)
    drain(gateway=gateway)
    later = make.message(ada, check_in=make.check_in(ada, slot=3, status="scheduled"))

    drain(gateway=gateway)

    later.refresh_from_db()
    assert (later.status, later.reason) == ("cancelled", "sms_no_consent")
    assert len(gateway.sent) == 1


def test_a_phone_that_is_not_texted_needs_no_flag(cast, api, ada) -> None:
    web = api(cast.peer)
    share(web, ada)

    again = share(web, ada)

    assert (again.status_code, again.json()["code"]) == (409, "sms_not_opted_in")
    assert TextingConsentEvent.objects.filter(event="shared_phone").count() == 1


def test_another_client_with_the_same_number_makes_it_shared(cast, north, ada, planned, gateway) -> None:
    sibling = people.client(north, phone="+13165550177")

    add_contact_point(client_id=sibling.id, kind="phone", value=ada.number, preferred=True, actor=cast.case_manager)

    assert state(ada) == "pending"
    event = TextingConsentEvent.objects.get(event="shared_phone")
    assert (event.channel, event.actor_kind) == ("system", "system")
    drain(gateway=gateway)
    assert [text.body[:21] for text in gateway.sent] == ["CareLine: Reply YES t"]
    make.arrives(ada.number, "YES")
    process_inbox()
    assert state(ada) == "opted_in"  # only one was asked, so it is known who said so


def test_a_client_of_another_organization_counts_too(cast, ada) -> None:
    """Neither organization learns of the other's client: the ledger says that the phone is shared, not with whom."""
    stranger = people.client(cast.south, phone=None)
    south = cast.at_south["case_manager"]

    point = add_contact_point(client_id=stranger.id, kind="phone", value=ada.number, preferred=True, actor=south)

    assert point.client_id == stranger.id
    assert state(ada) == "pending"
    row = TextingConsentEvent.objects.get(event="shared_phone")
    assert str(stranger.id) not in str({name: getattr(row, name) for name in ("evidence", "alias", "actor_id")})


def test_who_never_agreed_is_not_asked(cast, north, gateway) -> None:
    first, second = people.client(north, phone="+13165550188"), people.client(north, phone=None)

    add_contact_point(
        client_id=second.id, kind="phone", value="+13165550188", preferred=True, actor=Actor.system("import")
    )

    assert not TextingConsentEvent.objects.exists()
    assert not Message.objects.filter(client__in=[first, second]).exists()


def test_stop_stays_stop(cast, api, ada, gateway) -> None:
    make.arrives(ada.number, "stop")
    process_inbox()

    answer = share(api(cast.peer), ada)

    assert (answer.status_code, state(ada)) == (409, "opted_out")
