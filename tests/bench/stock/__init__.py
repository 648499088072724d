"""An ordinary build of the same two requests: ModelViewSets, token login, page numbers, model saves. No wall, no audit
of reads, no guards.
"""

from __future__ import annotations

import os
from uuid import UUID

from tests.bench.asking import ask, timed


class Contestant:
    """Answers the same two requests as the others."""

    def __init__(self) -> None:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.stock.settings"
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()
        self.key = f"Token {os.environ['BENCH_STOCK_TOKEN']}"

    def list(self, times: int, limit: int = 50) -> list[float]:
        """Return the seconds of each list of 50 clients."""
        return [timed(lambda: ask(self.application, "GET", "/clients/", key=self.key)) for _ in range(times)]

    def move(self, episodes: list[str]) -> list[float]:
        """Return the seconds of each move."""
        return [timed(lambda one=one: self._move(UUID(one))) for one in episodes]

    def _move(self, episode: UUID) -> None:
        ask(
            self.application,
            "PATCH",
            f"/episodes/{episode}/",
            key=self.key,
            body={"stage": "on_hold", "reason": "Away"},
        )
