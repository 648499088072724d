"""Things that go wrong while somebody writes: each would tell the words of the request to a careless log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg

from casemgmt.devtools.stack import Stack

from .scenes import MANAGER, Scenes

GARBAGE = ("application/json", "text/plain", "application/x-www-form-urlencoded")


class Accidents:
    """Broken tables, held locks, a crashed database, forged callbacks and bodies that nobody can read."""

    def __init__(self, stack: Stack, scenes: Scenes) -> None:
        self.stack, self.scenes, self.url = stack, scenes, stack.base_url
        self.statuses: list[int] = []

    def happen(self) -> list[int]:
        """Let everything happen; return the statuses of the answers."""
        self.breaks("ADD CONSTRAINT canary CHECK (city = '') NOT VALID", "DROP CONSTRAINT canary")
        self.breaks("RENAME COLUMN city TO town", "RENAME COLUMN town TO city")
        self.holds()
        self.forges()
        self.stack.restart_database()
        self.writes()
        return self.statuses

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        """Give a connection that may do everything."""
        host = str(self.stack.servers.sockets)
        with psycopg.connect(host=host, user="postgres", dbname="casemgmt", autocommit=True) as connection:
            yield connection

    def writes(self) -> None:
        """Somebody registers a client."""
        names = {name: self.scenes.word(f"accident {name}") for name in ("given_name", "family_name", "city")}
        answer = self.scenes.sweep.screens[MANAGER].post("/api/v1/clients/", json=names)
        self.statuses.append(answer.status_code)
        told = self.scenes.sweep.mint.found_in(answer.text)
        assert answer.status_code < 300 or told == {}, answer.text

    def breaks(self, broken: str, mended: str) -> None:
        """PostgreSQL refuses what the code took for right; its error quotes the row, or the statement."""
        with self.superuser() as connection:
            connection.execute(f"ALTER TABLE clients_client {broken}")
            try:
                self.writes()
            finally:
                connection.execute(f"ALTER TABLE clients_client {mended}")

    def holds(self) -> None:
        """Somebody else holds the table for longer than anybody waits."""
        with self.superuser() as connection, connection.transaction():
            connection.execute("LOCK TABLE clients_client IN ACCESS EXCLUSIVE MODE")
            self.writes()

    def forges(self) -> None:
        """Callbacks that nobody signed, a sign-in with a wrong password, bodies that are no JSON."""
        word = self.scenes.word
        form = {"Body": word("forged body"), "From": self.scenes.sweep.mint.number("forged"), "MessageSid": "SM1"}
        asked: list[tuple[str, dict[str, Any]]] = [
            ("webhooks/sms/inbound/", {"data": form}),
            ("webhooks/sms/inbound/", {"data": form, "headers": {"X-Twilio-Signature": word("signature")}}),
            ("api/v1/tokens/", {"json": {"email": f"{word('login')}@example.org", "password": word("password")}}),
        ]
        for kind in GARBAGE:
            torn = f'{{"given_name": "{word("torn")}"'
            asked.append(("api/v1/clients/", {"content": torn, "headers": {"Content-Type": kind}}))
        key = self.scenes.sweep.told["keys"][MANAGER]
        for path, request in asked:
            headers = {"Authorization": f"Bearer {key}", **request.pop("headers", {})}
            answer = httpx.post(f"{self.url}/{path}", headers=headers, timeout=20, **request)
            self.statuses.append(answer.status_code)
