"""Recording that the notice was given, and what the pathway learns of it and of consent to treatment (G2, G3)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgmt.consent.facts import for_episode
from casemgmt.consent.models import Consent, NoticeDelivery
from casemgmt.kernel import clock
from tests.factories import consent as consents
from tests.factories import episodes, people


def test_a_delivery_is_recorded_and_listed(cast, api) -> None:
    client = people.client(cast.north)
    web = api(cast.case_manager)
    body = {"client": str(client.id), "notice_version": "2026-02", "method": "in_person"}

    made = web.post("notices/", body)
    listed = web.get(f"notices/?client={client.id}").json()["results"]

    assert made.status_code == 201
    assert listed == [made.json()]
    assert made.json()["delivered_at"] == made.json()["recorded_at"]


def test_it_cannot_lie_in_the_future(cast, api) -> None:
    client = people.client(cast.north)
    later = (clock.now() + timedelta(minutes=1)).isoformat()
    body = {"client": str(client.id), "notice_version": "1", "method": "mail", "delivered_at": later}

    answer = api(cast.case_manager).post("notices/", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["delivered_at"])
    assert NoticeDelivery.objects.count() == 0


def test_outsiders_record_and_see_none(cast, api) -> None:
    client = people.client(cast.north)
    consents.notice(client)
    web = api(cast.outsider)

    answer = web.post("notices/", {"client": str(client.id), "notice_version": "1", "method": "mail"})

    assert answer.status_code == 404
    assert web.get(f"notices/?client={client.id}").json()["results"] == []
    assert NoticeDelivery.objects.count() == 1


def test_the_pathway_learns_what_is_there(cast) -> None:
    client = people.client(cast.north)
    episode = episodes.episode(client)
    at = clock.now()
    before = for_episode(episode, at=at)

    consents.notice(client)
    signed = consents.treatment_consent(client)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        after = for_episode(episode, at=at)

    nothing = {"notice_delivered": False, "treatment_consent": False, "treatment_consent_at": None}
    both = {"notice_delivered": True, "treatment_consent": True, "treatment_consent_at": signed.signed_at}
    assert before == {"notice_required": True, **nothing}
    assert after == {"notice_required": True, **both}
    assert len(queries) == 1


def test_another_organizations_notice_and_an_expired_or_other_consent_do_not_count(cast) -> None:
    client = people.client(cast.north)
    episode = episodes.episode(client)
    at = clock.now()
    consents.consent(client, recipients=[cast.south])
    soon = consents.consent(client, type="treatment", expires_at=at + timedelta(seconds=1))
    NoticeDelivery.objects.create(
        client=client, organization=cast.south, notice_version="1", method="mail", delivered_at=at, actor_kind="staff"
    )

    assert for_episode(episode, at=at)["treatment_consent"] is True
    assert for_episode(episode, at=soon.expires_at) == {
        "notice_required": True,
        "notice_delivered": False,
        "treatment_consent": False,
        "treatment_consent_at": None,
    }


@pytest.mark.parametrize(
    "change", [{"status": "draft"}, {"status": "superseded", "superseded_at": "now"}, {"at": "south"}]
)
def test_a_consent_to_service_counts_where_and_while_it_stands(cast, change) -> None:
    """G3."""
    client = people.client(cast.north)
    episode = episodes.episode(client)
    at = clock.now()
    fields = {"organization": cast.south} if change.get("at") else change
    if "superseded_at" in fields:
        fields = fields | {"superseded_at": at}
    whole = asdict(consents.form(at=at, type="treatment", info_categories=(), purposes=(), expires_at=None))
    standing = {"client": client, "organization": cast.north, "status": "active", **whole}
    with transaction.atomic():
        Consent.objects.create(**standing)
        counted = for_episode(episode, at=at)["treatment_consent"]
        transaction.set_rollback(True)

    Consent.objects.create(**(standing | fields))

    assert counted is True
    assert for_episode(episode, at=at)["treatment_consent"] is False


def test_no_notice_is_asked_of_an_organization_that_part_2_does_not_bind(cast) -> None:
    free = people.organization("Friends", part2_status="not_part2")
    episode = episodes.episode(people.client(free))

    assert for_episode(episode, at=clock.now())["notice_required"] is False
