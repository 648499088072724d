"""Telling PostgreSQL who acts, so that its row policies can stop what a forgotten filter would show (S6).

The policies stand in migrations (`promises.walled`), the list of them in `casemgmt/walls.py`. Nobody told: no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from .actor import Actor

# What was in force before is read in the statement that replaces it; true: until the end of the transaction only.
TELL = """
SELECT current_setting('casemgmt.actor_kind', true), current_setting('casemgmt.organization', true),
       current_setting('casemgmt.user', true),
       set_config('casemgmt.actor_kind', %s, true), set_config('casemgmt.organization', %s, true),
       set_config('casemgmt.user', %s, true)
"""
Told = tuple[str, str, str]  # kind, organization, user


@contextmanager
def acting_as(actor: Actor, *, durable: bool = False) -> Iterator[None]:
    """Open a transaction (or a savepoint of the one that is open) in which PostgreSQL shows what `actor` may see.

    Afterwards the one who acted before acts again; a rollback restores that by itself. Also a decorator. `durable`
    as for `transaction.atomic`: raise RuntimeError inside another transaction.
    """
    inside = connection.in_atomic_block
    told = (actor.kind.value, _text(actor.organization_id), _text(actor.id))
    with transaction.atomic(durable=durable):
        known = _acting() if inside else None
        if known == told:  # a machine of ours inside another: PostgreSQL knows already
            yield
            return
        before = _tell(told)
        _note(told)
        try:
            yield
        finally:
            _note(known)
        # the outermost setting ends with the transaction, after what PostgreSQL checks at its commit
        if inside and not connection.needs_rollback:
            _tell(before)


def _acting() -> Told | None:
    """Return whom an `acting_as` around us told of on this connection, None when there is none."""
    found: Told | None = getattr(connection, "acting", None)
    return found


def _note(told: Told | None) -> None:
    connection.acting = told  # type: ignore[attr-defined]


def _tell(told: Told) -> Told:
    with connection.cursor() as cursor:
        cursor.execute(TELL, told)
        before = cursor.fetchone()
    return before[0] or "", before[1] or "", before[2] or ""


def _text(found: object) -> str:
    return "" if found is None else str(found)
