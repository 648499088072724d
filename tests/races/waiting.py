"""Meeting halfway on purpose: knowing that another connection waits, and running on one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from django.db import connection, connections

from casemgmt.kernel.errors import DomainError

WAITERS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def somebody_waits() -> bool:
    """Return True once another connection waits for a lock."""
    patience = Event()
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITERS)
            if cursor.fetchone()[0]:
                return True
        patience.wait(0.01)
    return False


def in_a_thread(work: Callable[[], object]) -> Callable[[], str]:
    """Return what `work` answers on a connection of its own: `done`, or the code that refused it."""

    def run() -> str:
        try:
            work()
        except DomainError as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connections.close_all()

    return run
