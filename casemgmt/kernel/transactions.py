"""Proofs about transactions: inner functions demand one, gateways demand none."""

from django.db import connection


def require_atomic() -> None:
    """Raise RuntimeError unless a transaction is open: the caller must be inside a door."""
    if not connection.in_atomic_block:
        raise RuntimeError("This function writes for a door and must run inside its transaction.")
