"""Where the contest takes place: servers of its own, a seeded population, keys, and episodes to move."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from casemgmt import embedded
from casemgmt.devtools.instances import PROJECT
from tests import templates

TOKENS = """
CREATE TABLE IF NOT EXISTS authtoken_token (
  key varchar(40) PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  user_id uuid NOT NULL UNIQUE REFERENCES accounts_user)
"""
KEY = """
INSERT INTO accounts_apitoken (id, version, digest, label, expires_at, user_id, organization_id, agent, carrier)
SELECT gen_random_uuid(), 1, encode(sha256(%s::bytea), 'hex'), 'bench', now() + interval '1 day', user_id,
  organization_id, '', 'program' FROM accounts_membership WHERE user_id = %s
"""
WHO = """
SELECT user_id FROM accounts_membership m JOIN accounts_organization o ON o.id = m.organization_id
WHERE m.role = 'case_manager' AND o.name = 'North' AND m.ended_at IS NULL ORDER BY m.id LIMIT 1
"""
# In care, and with nobody expected at a session: a hold of the ordinary build would break the promise about those.
MOVABLE = """
SELECT e.id::text FROM episodes_episode e JOIN accounts_organization o ON o.id = e.organization_id
WHERE o.name = 'North' AND e.stage IN ('iop', 'therapy', 'peer_support', 'sober_living', 'aftercare') AND NOT EXISTS (
  SELECT FROM sessions_attendance a WHERE a.client_id = e.client_id AND a.state = 'expected')
ORDER BY e.id
"""


class Field:
    """The servers, and the workers that were sent there."""

    def __init__(self, servers: embedded.Servers) -> None:
        self.servers = servers
        self.environment = {
            **os.environ,
            **servers.addresses.environment(),
            "DJANGO_SETTINGS_MODULE": "casemgmt.settings.local",
        }
        self.workers: dict[str, subprocess.Popen[str]] = {}

    def superuser(self) -> Any:
        """Connect as whom no wall holds back."""
        return self.servers.superuser("casemgmt")

    def seed(self, clients: int) -> None:
        """Bring the population to so many clients, and let PostgreSQL look at it."""
        manage = [sys.executable, "manage.py", "seed_demo", "--clients", str(clients)]
        subprocess.run(manage, cwd=PROJECT, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        with self.superuser() as connection:
            connection.execute("VACUUM ANALYZE")

    def give_keys(self) -> None:
        """Log a case manager of North in, for the product and for the ordinary build."""
        token, stock = secrets.token_urlsafe(32), secrets.token_hex(20)
        with psycopg.connect(self.servers.owner_url) as owner:
            owner.execute(TOKENS)
        with self.superuser() as connection:
            user = connection.execute(WHO).fetchone()[0]
            connection.execute("INSERT INTO authtoken_token (key, user_id) VALUES (%s, %s)", [stock, user])
            connection.execute(KEY, [token.encode(), user])
        self.environment |= {"BENCH_TOKEN": token, "BENCH_STOCK_TOKEN": stock, "TOKEN_IDLE_MINUTES": "1440"}

    def movable(self) -> Iterator[str]:
        """Yield episodes that can be put on hold, each once."""
        with self.superuser() as connection:
            yield from [row[0] for row in connection.execute(MOVABLE)]

    def order(self, who: str, do: str, **told: Any) -> Any:
        """Let a contestant do something and return the answer; the process starts with its first order."""
        worker = self.workers.get(who) or self._start(who)
        assert worker.stdin
        assert worker.stdout
        worker.stdin.write(json.dumps({"do": do, **told}) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if not line:
            raise RuntimeError(f"{who} ended while it did {do}")
        return json.loads(line)

    def _start(self, who: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-W", "ignore", "-m", "tests.bench.worker", who]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.workers[who] = subprocess.Popen(argv, cwd=PROJECT, env=self.environment, **pipes)
        return self.workers[who]

    def dismiss(self) -> None:
        """End the workers."""
        for worker in self.workers.values():
            assert worker.stdin
            worker.stdin.close()
            worker.wait(30)
        self.workers.clear()


@contextmanager
def prepared(clients: int) -> Iterator[Field]:
    """Start servers of its own on one core, with a population of that size, and end everything afterwards."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # what is started from here on stays on it
    with templates.kept(anew=False) as template:
        servers = embedded.start("bench", like=template, fresh=True, durable=False, spares=3)
    field = Field(servers)
    try:
        field.seed(clients)
        field.give_keys()
        yield field
    finally:
        field.dismiss()
        servers.stop()
