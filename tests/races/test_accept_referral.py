"""Fifty people of the receiver accept one referral at the same moment, or one while its episode ends: one wins."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import OperationalError, connections, transaction

from casemgmt.access.models import Grant
from casemgmt.audit.models import AuditEvent
from casemgmt.episodes.models import Episode, StageProposal
from casemgmt.episodes.services import MoveOrder, move_episode
from casemgmt.kernel.errors import DomainError
from casemgmt.worklist.models import WorkItem
from referrals.models import Referral, ReferralMove
from tests.cast import gather
from tests.factories import referrals

from .waiting import in_a_thread, somebody_waits

PEOPLE = 50


def test_one_of_fifty_accepts(committed_db) -> None:
    case = referrals.case(gather())
    sent = case.sent()
    start = Barrier(PEOPLE)

    def accept(_: int) -> str:
        try:
            start.wait()
            case.move(sent.id, "accept", case.receiver)
        except DomainError as refusal:
            return refusal.code
        except OperationalError:  # waited too long for the row; the API answers 503, ask again
            return "wrong_stage"
        else:
            return "accepted"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=PEOPLE) as pool:
        outcomes = Counter(pool.map(accept, range(PEOPLE)))

    assert outcomes == {"accepted": 1, "wrong_stage": PEOPLE - 1}
    assert ReferralMove.objects.filter(referral=sent, verb="accept").count() == 1
    assert AuditEvent.objects.filter(action="referral.accepted").count() == 1
    assert StageProposal.objects.count() == 1
    assert WorkItem.objects.filter(kind="referral_answered").count() == 1
    assert Grant.objects.filter(source_id=sent.id, revoked_at__isnull=True).count() == 1
    assert Referral.objects.get().stage == "accepted"


def test_accepting_while_the_episode_ends_waits_and_then_sees_it(committed_db) -> None:
    case = referrals.case(gather())
    sent = case.sent()
    accept = in_a_thread(lambda: case.move(sent.id, "accept", case.receiver))
    end = MoveOrder("cancel", given={"cancel_reason": "withdrew"})

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Episode.objects.lock(case.episode.id)
            accepting = pool.submit(accept)
            assert somebody_waits()
            move_episode(episode_id=case.episode.id, order=end, actor=case.sender)
        outcome = accepting.result()

    assert outcome == "not_found"  # the referral was stopped, and with it what the receiver could see
    assert (Referral.objects.get().stage, Referral.objects.get().ended_reason) == ("cancelled", "episode_ended")
