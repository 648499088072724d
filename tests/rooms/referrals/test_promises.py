"""What PostgreSQL itself refuses of a referral, and what the pathway learns of one (G6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test.utils import CaptureQueriesContext

from casemgmt.consent.services import Revocation, revoke_consent
from casemgmt.consent.words import RevocationChannel
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from referrals.facts import for_episode
from referrals.models import Referral, ReferralMove
from tests.factories import referrals


@pytest.fixture
def case(cast):
    """Return a client of North and a therapy program of South."""
    return referrals.case(cast)


CHANGES = {
    "packet": {"sections": {}},
    "packet_sha256": "0" * 64,
    "sent_at": clock.DatabaseNow() + timedelta(days=1),
    "consent_id": "00000000-0000-7000-8000-000000000000",
    "sent_by": None,
    "receiver_id": "00000000-0000-7000-8000-000000000000",
    "kind": "iop",
}


@pytest.mark.parametrize("column", CHANGES)
def test_what_was_sent_stays_as_it_was_sent(case, column) -> None:
    sent = case.sent()

    with pytest.raises(DatabaseError), transaction.atomic():
        Referral.objects.filter(pk=sent.id).update(**{column: CHANGES[column]})

    assert getattr(Referral.objects.get(pk=sent.id), column) == getattr(sent, column)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM referrals_referralmove",
        "UPDATE referrals_referralmove SET verb = 'x'",
        "TRUNCATE referrals_referralmove",
    ],
)
def test_the_ledger_only_grows(case, statement) -> None:
    case.draft()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert ReferralMove.objects.get().verb == "draft"


def test_a_stage_without_its_ledger_row_does_not_commit(case) -> None:
    draft = case.draft()

    ended = {"ended_at": clock.DatabaseNow(), "ended_reason": "other", "ended_by": "sender"}
    Referral.objects.filter(pk=draft.id).update(stage="cancelled", **ended)

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(("origin", "target"), [("draft", "accepted"), ("sent", "completed"), ("cancelled", "sent")])
def test_a_ledger_row_that_the_table_does_not_allow_is_refused(case, origin, target) -> None:
    draft = case.draft()
    at = clock.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        ReferralMove.objects.create(
            referral=draft,
            verb="x",
            rule="x",
            from_stage=origin,
            to_stage=target,
            at=at,
            effective_at=at,
            actor_kind="staff",
        )


def test_the_pathway_learns_of_live_referrals_and_whether_a_consent_covers_them_now(case) -> None:
    case.draft()
    assert for_episode(case.episode, at=clock.now()) == {"referrals": ()}
    case.move(Referral.objects.get().id, "cancel", case.sender, cancel_reason="other")
    accepted = case.accepted()
    episode, at = Episode.objects.get(pk=case.episode.id), clock.now()

    with CaptureQueriesContext(connection) as queries:
        (fact,) = for_episode(episode, at=at)["referrals"]

    assert len(queries) == 4  # the client, the referrals, the consents, the accounting
    assert (fact.id, fact.kind, fact.stage, fact.covered) == (str(accepted.id), "therapy", "accepted", True)
    assert (fact.organization_id, fact.program_id) == (str(case.cast.south.id), str(case.program.id))
    assert fact.disclosed_at == accepted.sent_at

    taken_back = Revocation(RevocationChannel.WRITTEN)
    revoke_consent(consent_id=accepted.consent_id, revocation=taken_back, version=None, actor=case.sender)
    (fact,) = for_episode(episode, at=clock.now())["referrals"]
    assert (fact.stage, fact.covered) == ("accepted", False)
