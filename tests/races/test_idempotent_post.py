"""50 repeats of one POST at the same moment make one object and get equal answers (F25)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from casemgmt.clients.models import Client
from tests.cast import gather
from tests.web import Web

ADA = {"given_name": "Ada", "family_name": "Example"}


def test_50_at_once_make_one(committed_db) -> None:
    web = Web(gather().case_manager)

    def post(_: int) -> tuple[int, bytes]:
        try:
            answer = web.post("clients/", ADA, Idempotency_Key="one")
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=20) as pool:
        answers = set(pool.map(post, range(50)))

    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert Client.objects.count() == 1
