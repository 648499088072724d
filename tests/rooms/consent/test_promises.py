"""What PostgreSQL itself refuses: changed signatures, rewritten ledgers, consents without their parts."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from casemgmt.consent.models import Consent, ConsentRevocation, Disclosure
from casemgmt.kernel import clock
from tests.factories import consent as consents
from tests.factories import people

CHANGES = {
    "purposes": ["treatment", "payment"],
    "recipient_ids": [],
    "expires_at": None,
    "signer_name": "Somebody Else",
    "signed_at": None,
    "status": "draft",
    "type": "tpo",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_signed_consent_keeps_its_words(cast, column) -> None:
    signed = consents.consent(people.client(cast.north), recipients=[cast.south])

    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=signed.id).update(**{column: CHANGES[column]})

    stored, told = getattr(Consent.objects.get(pk=signed.id), column), getattr(signed, column)
    assert stored == (list(told) if isinstance(told, tuple) else told)


def test_a_signed_consent_cannot_be_deleted_and_a_draft_can(cast) -> None:
    client = people.client(cast.north)
    signed = consents.consent(client, recipients=[cast.south])
    draft = Consent.objects.create(client=client, organization=cast.north, type="tpo")

    draft.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=signed.id).delete()

    assert list(Consent.objects.values_list("pk", flat=True)) == [signed.id]


def test_a_revocation_cannot_be_unwritten(cast) -> None:
    signed = consents.consent(people.client(cast.north), recipients=[cast.south])
    Consent.objects.filter(pk=signed.id).update(revoked_for=[cast.south.id])
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=signed.id).update(revoked_for=[])

    Consent.objects.filter(pk=signed.id).update(status="revoked", revoked_at=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=signed.id).update(status="active", revoked_at=None)

    assert Consent.objects.get(pk=signed.id).status == "revoked"


@pytest.mark.parametrize("table", ["consent_disclosure", "consent_noticedelivery", "consent_consentrevocation"])
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET actor_kind = 'x'", "TRUNCATE {0}"])
def test_the_ledgers_only_grow(cast, table, statement) -> None:
    client = people.client(cast.north)
    notice = consents.notice(client)
    consent = consents.consent(client, recipients=[cast.south])
    ConsentRevocation.objects.create(consent=consent, channel="written", actor_kind="staff")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    notice.refresh_from_db()
    assert notice.actor_kind == "staff"


def test_a_disclosure_by_consent_names_it_and_carries_a_notice(cast) -> None:
    client = people.client(cast.north)
    whole = {
        "client": client,
        "organization": cast.north,
        "recipient_name": "South",
        "purpose": "treatment",
        "categories": ["identity"],
        "description": "x",
        "basis": "consent",
        "consent": consents.consent(client, recipients=[cast.south]),
        "notice_statement": 1,
        "method": "in_system",
        "actor_kind": "staff",
        "packet_sha256": "0" * 64,
    }
    for change in ({"consent": None}, {"notice_statement": None}, {"notice_statement": 3}, {"categories": []}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disclosure.objects.create(**whole | change)

    Disclosure.objects.create(**whole)
    assert Disclosure.objects.count() == 1


def test_nothing_unsigned_or_endless_is_in_force(cast) -> None:
    client = people.client(cast.north)

    for change in ({"signer_name": ""}, {"signed_at": None}, {"expires_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            consents.consent(client, recipients=[cast.south], **change)
