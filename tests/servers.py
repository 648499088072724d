"""The database servers of a test run: an embedded instance of its own, or the ones the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from casemgmt import embedded


@contextmanager
def running() -> Iterator[None]:
    """Start PostgreSQL for this run unless DATABASE_URL names one; empty, fast, and gone with the process.

    Several runs may go on beside each other: each takes a free instance, and the connections are pointed at it.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        yield
        return
    with embedded.start("test", fresh=True, durable=False, spares=15) as servers:
        for alias in ("default", "owner"):
            connections[alias].settings_dict["HOST"] = connections.settings[alias]["HOST"] = servers.sockets
        yield
