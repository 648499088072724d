"""Taken back, a consent ends what was not yet disclosed, and those who hold something already are told (P2-19)."""

from __future__ import annotations

import pytest

from casemgmt.accounts.roles import Role
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.worklist.models import WorkItem
from tests.factories import consent as consents
from tests.factories import people


@pytest.fixture
def given(cast) -> Consent:
    """A consent that names South and East."""
    return consents.consent(people.client(cast.north), recipients=[cast.south, cast.east])


@pytest.fixture
def web(cast, api):
    """North's case manager."""
    return api(cast.case_manager)


def say(web, given, recipient):
    body = consents.spoken(recipient, statement="read")
    return web.post(f"clients/{given.client_id}/oral-disclosures/", body)


def to_tell() -> list[tuple[str, str]]:
    items = WorkItem.objects.open().filter(kind="recipients_to_tell")
    return [(item.role, str(item.source_id)) for item in items]


def revoke(web, given, **more) -> int:
    return web.post(f"consents/{given.id}/revocations/", {"channel": "written"} | more).status_code


def test_where_somebody_was_told_something_somebody_must_tell_them(cast, web, given) -> None:
    say(web, given, cast.south)
    before = to_tell()

    assert (revoke(web, given), before, to_tell()) == (200, [], [("case_manager", str(given.id))])
    assert Disclosure.objects.count() == 1  # what was disclosed stays in the ledger


def test_where_nobody_was_there_is_nobody_to_tell(web, given) -> None:
    assert (revoke(web, given), to_tell()) == (200, [])


def test_taken_back_for_one_only_that_one_is_told(cast, web, given) -> None:
    say(web, given, cast.south)

    revoke(web, given, recipient=str(cast.east.id))
    of_east = to_tell()
    revoke(web, given, recipient=str(cast.south.id))

    assert (of_east, to_tell()) == ([], [("case_manager", str(given.id))])


def test_those_to_tell_are_listed_for_who_reads_the_consent(cast, api, web, given) -> None:
    """Newest first, and nothing of another consent."""
    other = consents.consent(people.client(cast.north), recipients=[cast.south])
    for told, recipient in ((given, cast.south), (given, cast.east), (other, cast.south)):
        say(web, told, recipient)

    rows = web.get(f"consents/{given.id}/recipients/").json()["results"]

    assert [row["recipient_organization_id"] for row in rows] == [str(cast.east.id), str(cast.south.id)]
    assert {(row["recipient_name"], row["method"], row["artifact"]) for row in rows} == {
        ("Sam Intake, by telephone", "oral", "oral")
    }
    for actor in (cast.peer, cast.outsider, cast.at_south[Role.PRIVACY_OFFICER]):
        assert api(actor).get(f"consents/{given.id}/recipients/").status_code == 404


def test_the_list_takes_a_fixed_number_of_queries(cast, web, given, django_assert_num_queries) -> None:
    for count in (1, 3):
        say(web, given, cast.south)
        with django_assert_num_queries(8):
            assert len(web.get(f"consents/{given.id}/recipients/").json()["results"]) == min(count, 2)
