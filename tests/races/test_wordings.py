"""Two approve, write or end the same wording at once: one of each part counts, and what was ended is not sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from casemgmt.accounts.roles import Role
from casemgmt.kernel.actor import Actor
from notifications.models import OwnWording
from notifications.services.wordings import approve_wording, end_wording, is_approved, write_wording
from notifications.wording import Key, Language
from tests.cast import Cast, gather
from tests.factories import people

from .waiting import in_a_thread, somebody_waits

TEXT = "{alias}: How is your day? 1 fine, 2 so-so, 3 call me please. STOP to end."


@pytest.fixture
def cast(committed_db) -> Cast:
    gathered = gather()
    gathered.north.phone, gathered.north.email = "+13165550199", "help@careline.example"
    gathered.north.save(update_fields=["phone", "email"])
    return gathered


def written(by: Actor) -> OwnWording:
    return write_wording(key=Key.CHECKIN, language=Language.ENGLISH, text=TEXT, actor=by)


def approving(row: OwnWording, by: Actor) -> Callable[[], object]:
    return in_a_thread(lambda: approve_wording(wording_id=row.pk, actor=by))


def sendable(row: OwnWording) -> bool:
    row = OwnWording.objects.get(pk=row.pk)
    return is_approved(row.as_template.version, organization_id=row.organization_id)


def test_both_parts_at_once_are_both_parts(cast) -> None:
    row = written(cast.therapist)

    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda one: one(),
                [approving(row, cast.supervisor), approving(row, cast.at_north[Role.PRIVACY_OFFICER])],
            )
        )

    assert (answers, row.approvals.count(), sendable(row)) == (["done", "done"], 2, True)


def test_of_many_clinicians_one_approves(cast) -> None:
    row = written(cast.therapist)
    many = [people.staff(Role.SUPERVISOR, at=cast.north) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        answers = Counter(pool.map(lambda one: one(), [approving(row, each) for each in many]))

    assert (answers, row.approvals.count(), sendable(row)) == ({"done": 1, "already_approved": 5}, 1, False)


@pytest.mark.parametrize("first", ["end", "approve"])
def test_what_is_ended_while_it_is_approved_is_not_sent(cast, first) -> None:
    row = written(cast.therapist)
    approve_wording(wording_id=row.pk, actor=cast.supervisor)
    officer = cast.at_north[Role.PRIVACY_OFFICER]
    ends = {"wording_id": row.pk, "actor": cast.therapist}
    late = approving(row, officer) if first == "end" else in_a_thread(lambda: end_wording(**ends))

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        end_wording(**ends) if first == "end" else approve_wording(wording_id=row.pk, actor=officer)
        answer = pool.submit(late)
        assert somebody_waits()
    pool.shutdown()

    assert answer.result() == ("wording_ended" if first == "end" else "done")
    assert not sendable(row)


def test_of_many_who_write_each_gets_a_number_or_is_told(cast) -> None:
    writers = [people.staff(Role.THERAPIST, at=cast.north) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        answers = Counter(pool.map(lambda one: one(), [in_a_thread(lambda by=by: written(by)) for by in writers]))

    numbers = sorted(OwnWording.objects.values_list("number", flat=True))
    assert set(answers) <= {"done", "busy"}
    assert numbers == list(range(1, answers["done"] + 1))
    assert answers["done"] >= 1
