"""The product: with visibility, row policies, audit and idempotency, as it runs."""

from __future__ import annotations

import os
import resource
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import django

from .asking import ask, timed


class Contestant:
    """Answers the same two requests as the others, and what only the product does."""

    def __init__(self) -> None:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
        django.setup()
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()
        self.key = f"Bearer {os.environ['BENCH_TOKEN']}"

    def get(self, path: str, times: int) -> list[float]:
        """Return the seconds of each GET."""
        return [timed(lambda: ask(self.application, "GET", path, key=self.key)) for _ in range(times)]

    def list(self, times: int, limit: int = 50) -> list[float]:
        """Return the seconds of each list of clients."""
        return self.get(f"/api/v1/clients/?limit={limit}", times)

    def move(self, episodes: list[str]) -> list[float]:
        """Return the seconds of each move."""
        return [timed(lambda one=one: self._move(one)) for one in episodes]

    def _move(self, episode: str) -> None:
        data = {"hold_reason": "client_request", "review_date": str(datetime.now(tz=UTC).date() + timedelta(days=14))}
        order = {"verb": "hold", "reason": "Away", "data": data}
        ask(self.application, "POST", f"/api/v1/episodes/{episode}/transitions/", key=self.key, body=order)

    def count(self, path: str = "", episode: str = "") -> int:
        """Return how many statements a GET or a move takes, those that begin and end transactions left out."""
        from django.db import connection

        seen: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if not sql.lstrip().startswith(("SAVEPOINT", "RELEASE")):
                seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            self._move(episode) if episode else self.get(path, 1)
        return len(seen)

    def plan(self) -> dict[str, float]:
        """Write all check-ins of the coming days; return how many, the seconds, and the peak of memory in MiB."""
        from notifications.services.materializing import PLANS, extend_plans

        began, rows, seen = time.perf_counter(), 0, PLANS
        while seen >= PLANS:
            seen, written = extend_plans()
            rows += written
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"rows": rows, "seconds": time.perf_counter() - began, "peak": peak}

    def send(self, times: int, wait: float, in_flight: int) -> dict[str, Any]:
        """Hand over up to `times` due texts, so many at once, to a carrier that takes `wait` seconds."""
        from django.conf import settings

        from notifications.gateways import MemoryGateway, Outbound
        from notifications.services import delivery

        class Carrier(MemoryGateway):
            def send(self, outbound: Outbound, in_time: Any) -> Any:
                time.sleep(wait)
                return super().send(outbound, in_time)

        settings.SMS_IN_FLIGHT = in_flight
        claims: list[float] = []
        claim_next = delivery.claim_next

        def claim() -> Any:
            began = time.perf_counter()
            found = claim_next()
            claims.append(time.perf_counter() - began)
            return found

        delivery.claim_next = claim
        try:
            began = time.perf_counter()
            tried = delivery.drain(gateway=Carrier(), limit=times)
            return {"tried": tried, "seconds": time.perf_counter() - began, "claims": claims}
        finally:
            delivery.claim_next = claim_next

    def refused(self, ids: list[str]) -> list[tuple[float, float]]:
        """Return the seconds of asking for each of these clients, whom nobody shows us, and for one who does not exist.

        Which of the two is asked for first is left to chance: in turn, it would go along with what comes in turn.
        """
        pairs = []
        for hidden in ids:
            near = hidden[:-12] + secrets.token_hex(6)  # from the same corner of the index
            there, absent = partial(self._refused, hidden), partial(self._refused, near)
            if secrets.randbelow(2):
                pairs.append((timed(there), timed(absent)))
            else:
                pairs.append((timed(absent), timed(there))[::-1])
        return pairs

    def _refused(self, client: str) -> None:
        try:
            ask(self.application, "GET", f"/api/v1/clients/{client}/", key=self.key)
        except RuntimeError as error:
            if ": 404 " in str(error):
                return
            raise
        raise LookupError("a client was shown who is hidden")

    def revoked(self) -> bool:
        """Say whether a key that was revoked opens nothing at the next request."""
        from casemgmt.accounts.models import ApiToken
        from casemgmt.accounts.services import digest

        token = ApiToken.objects.filter(digest=digest(os.environ["BENCH_TOKEN"]))
        token.update(revoked_at="2000-01-01T00:00:00Z")
        try:
            ask(self.application, "GET", "/empty/", key=self.key)
        except RuntimeError as error:
            return "401" in str(error)
        finally:
            token.update(revoked_at=None)
        return False
