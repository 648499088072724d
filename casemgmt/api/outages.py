"""Telling apart a database that is busy, one that is away, and a mistake of ours."""

from __future__ import annotations

from django.db.utils import InterfaceError, OperationalError
from psycopg import errors as postgres

# Somebody else holds what we need, or held it for longer than we wait.
CONTENTION = (
    postgres.LockNotAvailable,
    postgres.DeadlockDetected,
    postgres.QueryCanceled,
    postgres.SerializationFailure,
)


def is_contention(error: BaseException | None) -> bool:
    """True when the same request may well work in a moment."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, CONTENTION)


def is_outage(error: BaseException | None) -> bool:
    """True when the database does not answer: not there, shutting down, or the connection broke."""
    return isinstance(error, OperationalError | InterfaceError) and not is_contention(error)
