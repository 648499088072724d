"""The same decision by many hands at once is one decision; the same fact corrected at once is corrected once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction

from casemgmt.guidance.models import GuidanceDecision, Statement
from casemgmt.worklist.models import WorkItem
from tests.cast import gather
from tests.factories import episodes, people, told
from tests.web import Web


def test_twenty_decide_the_same_and_one_is_kept(committed_db) -> None:
    """DG-13: and one review is opened."""
    cast = gather()
    with transaction.atomic():
        episode = episodes.episode(people.client(cast.north))
        told.statement(episode, "unsure", True, by=cast.peer.id)
    web = Web(cast.therapist)
    line = web.get(f"episodes/{episode.id}/guidance/").json()["suggestions"][0]
    body = {"rule_id": "DG-13", "target": line["service"], "basis": line["basis"], "verdict": "accepted"}

    def decide(_: int) -> int:
        try:
            return int(web.post(f"episodes/{episode.id}/guidance/decisions/", body).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=10) as pool:
        codes = sorted(pool.map(decide, range(20)))

    assert codes == [200] * 19 + [201]
    assert GuidanceDecision.objects.count() == 1
    assert WorkItem.objects.filter(kind="guidance_review").count() == 1


def test_ten_correct_the_same_statement_and_one_does(committed_db) -> None:
    cast = gather()
    with transaction.atomic():
        episode = episodes.episode(people.client(cast.north))
        row = told.statement(episode, "isolated", True, by=cast.peer.id)
    web = Web(cast.peer)

    def correct(_: int) -> str:
        try:
            answer = web.post(f"guidance/statements/{row.id}/corrections/", {"yes": False, "reason": "Misheard."})
            return str(answer.json().get("code", answer.status_code))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=10) as pool:
        codes = sorted(pool.map(correct, range(10)))

    assert codes == ["201"] + ["already_corrected"] * 9
    assert Statement.objects.count() == 2
