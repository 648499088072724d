"""The one clock: PostgreSQL's. Application hosts may be wrong about the time; the database is asked (F15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """`casemgmt_now()` in a query or as a column's default: the transaction's time, moved by the offset of tests."""

    function = "casemgmt_now"
    arity = 0
    allowed_default = True

    def __init__(self, **extra: Any) -> None:
        super().__init__(output_field=DateTimeField(), **extra)


def now() -> datetime:
    """Return the transaction's time as aware UTC; constant within one transaction, settable in tests and demos."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT casemgmt_now()")
        (at,) = cursor.fetchone()
    assert isinstance(at, datetime)
    return at
