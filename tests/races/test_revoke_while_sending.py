"""A consent is taken back between "check" and "send" on another connection: nothing leaves under it (P2-18, REF-02)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from casemgmt.access.models import Grant
from casemgmt.consent.models import Consent, Disclosure
from casemgmt.consent.services import Revocation, revoke_consent
from casemgmt.consent.words import RevocationChannel
from referrals.models import Referral
from tests.cast import gather
from tests.factories import consent as consents
from tests.factories import programs, referrals

from .waiting import in_a_thread, somebody_waits


@pytest.fixture
def case(committed_db):
    """Return a client of North, a program of South, and a consent that covers the two."""
    made = referrals.case(gather())
    consents.consent(made.client, recipients=[made.cast.south])
    return made


def revoke(case) -> None:
    taken_back = Revocation(RevocationChannel.WRITTEN)
    revoke_consent(consent_id=Consent.objects.get().id, revocation=taken_back, version=None, actor=case.sender)


def test_a_revocation_under_way_is_waited_for_and_then_seen(case) -> None:
    draft = case.draft()
    send = in_a_thread(lambda: case.move(draft.id, "send", case.sender))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            revoke(case)  # not committed yet
            sending = pool.submit(send)
            assert somebody_waits()
        outcome = sending.result()

    assert outcome == "consent_revoked"
    assert Referral.objects.get().stage == "draft"
    assert (Disclosure.objects.count(), Grant.objects.filter(source_id=draft.id).count()) == (0, 0)


def test_a_sending_under_way_is_waited_for_and_then_stopped(case) -> None:
    draft = case.draft()
    taking_back = in_a_thread(lambda: revoke(case))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            case.move(draft.id, "send", case.sender)  # not committed yet
            revoking = pool.submit(taking_back)
            assert somebody_waits()
        outcome = revoking.result()

    assert outcome == "done"
    row = Referral.objects.get()
    assert (row.stage, row.ended_reason) == ("cancelled", "consent_ended")
    assert Disclosure.objects.count() == 1
    assert not Grant.objects.filter(source_id=draft.id, revoked_at__isnull=True).exists()


def test_two_sendings_under_one_consent_do_not_wait_for_each_other(case) -> None:
    first = case.draft()
    case.program = programs.program(case.cast.south, kind=programs.Kind.IOP)
    second = case.draft()
    send = in_a_thread(lambda: case.move(second.id, "send", case.sender))

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        case.move(first.id, "send", case.sender)
        outcome = pool.submit(send).result(timeout=10)

    assert outcome == "done"
    assert Disclosure.objects.count() == 2


@pytest.mark.parametrize("attempt", range(3))
def test_sending_and_revoking_at_once_never_leave_an_open_packet(case, attempt) -> None:
    draft = case.draft()
    works = [in_a_thread(lambda: case.move(draft.id, "send", case.sender)), in_a_thread(lambda: revoke(case))]

    with ThreadPoolExecutor(2) as pool:
        sent, revoked = (future.result() for future in [pool.submit(work) for work in works])

    assert revoked == "done"
    assert sent in ("done", "consent_revoked")
    assert Referral.objects.get().stage == ("cancelled" if sent == "done" else "draft")
    assert not Grant.objects.filter(source_id=draft.id, revoked_at__isnull=True).exists()
