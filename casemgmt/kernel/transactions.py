"""Proofs about transactions: inner functions demand one, gateways demand none. And a way to take turns."""

from django.db import connection


def require_atomic() -> None:
    """Raise RuntimeError unless a transaction is open: the caller must be inside a door."""
    if not connection.in_atomic_block:
        raise RuntimeError("This function writes for a door and must run inside its transaction.")


def one_at_a_time(name: str) -> None:
    """Wait until no other transaction that named itself so is open; hold the name until this one ends."""
    require_atomic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
