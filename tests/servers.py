"""The database servers of a test run: an embedded instance of its own, or the ones the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.test.utils import setup_databases, teardown_databases

from casemgmt import embedded

from . import templates


@contextmanager
def running(*, keep: bool, anew: bool) -> Iterator[None]:
    """Give a migrated, empty test database: on an instance of this run, or on the server DATABASE_URL names.

    Several runs may go on beside each other: each takes a free instance, and the connections are pointed at it. `keep`
    leaves the database of a named server for the next run; `anew` migrates even when a template is at hand.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        made = setup_databases(
            0, interactive=False, keepdb=keep and not anew, aliases=["default", "owner"], serialized_aliases=[]
        )
        yield
        connections["default"].close()  # or the owner could not drop the database
        if not keep:
            teardown_databases(made, 0)
        return
    with templates.kept(anew=anew) as template:
        servers = embedded.start("test", like=template, fresh=True, durable=False, spares=15)
    with servers:
        templates.point_at(servers)
        templates.use()
        yield
        connections.close_all()
