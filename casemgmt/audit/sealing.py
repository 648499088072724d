"""Sealing the trail: closed ranges get a hash, chained to the one before; `verify_audit` finds what was touched (S7).

Rows are appended freely and nobody waits: sealing looks which transactions are writing to the trail and seals, once
they are gone, what was there before them. A row can therefore never appear inside a sealed range by honest means.
What stands here must not judge who may read the trail.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Max

from casemgmt.kernel.transactions import require_atomic

from .models import AuditEvent, AuditSeal

PATIENCE = 50  # looks, 20 ms apart, until the writers seen first are gone; the next round tries again
MOST_ROWS = 5_000  # of one seal: small enough for one short transaction, and to name the place of a fault
NOTHING = "0" * 64  # what the first seal follows
LOWEST = -(2**63)  # below every id PostgreSQL can hold: a row slipped in before the first is covered too
COLUMNS = tuple(field.attname for field in AuditEvent._meta.concrete_fields)

# Who writes to the trail now holds this lock from before its row got an id until it commits or rolls back.
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'audit_auditevent'::regclass AND mode = 'RowExclusiveLock'
  AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
ONE_SEALER = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit_auditseal', 0))"


@dataclass(frozen=True, slots=True)
class Tampered:
    """The first thing wrong: at which seal, and what. Ids only."""

    seal: int
    sentence: str


def seal_trail() -> int:
    """Seal what is surely complete; return how many rows that were. Safe in any number of copies."""
    horizon = _horizon()
    if horizon is None:
        return 0
    sealed = 0
    while count := _seal_next(horizon):
        sealed += count
    return sealed


def _horizon() -> int | None:
    """Return the highest id below which no row can appear any more; None when there is none, or a writer takes long.

    Who allocated an id below the highest one read is done, or is among the writers seen after that: once those are
    gone, nobody is left. Those who come later get higher ids.
    """
    last: int | None = AuditEvent.objects.aggregate(last=Max("id"))["last"]
    writing = _writers()
    for _ in range(PATIENCE):
        if not writing:
            return last
        time.sleep(0.02)
        writing &= _writers()
    return None


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {writer for (writer,) in cursor.fetchall()}


@transaction.atomic
def _seal_next(horizon: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ONE_SEALER)
        if cursor.fetchone() != (True,):
            return 0
    last = AuditSeal.objects.order_by("-seq").first()
    after, seq, previous = (last.last_id, last.seq + 1, last.hash) if last else (LOWEST, 1, NOTHING)
    rows = list(_rows(after, horizon))
    if not rows:
        return 0
    AuditSeal.objects.create(
        seq=seq,
        first_id=rows[0][0],
        last_id=rows[-1][0],
        count=len(rows),
        previous=previous,
        hash=seal_of(previous, rows),
    )
    return len(rows)


def _rows(after: int, until: int) -> Iterator[tuple[int, ...]]:
    require_atomic()
    found = AuditEvent.objects.filter(id__gt=after, id__lte=until).order_by("id").values_list(*COLUMNS)
    yield from found[:MOST_ROWS]


def seal_of(previous: str, rows: list[tuple[int, ...]]) -> str:
    """Return the hash (hex SHA-256) of whole rows in the order of their ids, on top of the seal before."""
    digest = hashlib.sha256(previous.encode())
    for row in rows:
        later: object = row[-1]
        told = row[:-1] if later is None else row  # the last column came later: seals from before it still hold
        digest.update(json.dumps(told, cls=DjangoJSONEncoder, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()


@transaction.atomic
def first_tampered(*, anchor: tuple[int, str] | None = None) -> Tampered | None:
    """Return the first seal that its rows, or its neighbors, do not bear out; None when all is whole.

    `anchor` is a seal's number and hash as somebody noted it elsewhere: it finds a trail that was cut and sealed anew.
    """
    previous, after, expected = NOTHING, LOWEST, 1
    hashes: dict[int, str] = {}
    for seal in AuditSeal.objects.order_by("seq").iterator():
        if seal.seq != expected or seal.previous != previous:
            return Tampered(expected, "is missing, or does not follow the seal before it")
        rows = list(AuditEvent.objects.filter(id__gt=after, id__lte=seal.last_id).order_by("id").values_list(*COLUMNS))
        if len(rows) != seal.count:
            return Tampered(seal.seq, f"covers {seal.count} rows, and {len(rows)} are there")
        if (rows[0][0], rows[-1][0]) != (seal.first_id, seal.last_id) or seal_of(previous, rows) != seal.hash:
            return Tampered(seal.seq, f"does not fit its rows (ids {seal.first_id} to {seal.last_id})")
        previous, after, expected = seal.hash, seal.last_id, seal.seq + 1
        hashes[seal.seq] = seal.hash
    if anchor is not None and hashes.get(anchor[0]) != anchor[1]:
        return Tampered(anchor[0], "is not the seal that was noted elsewhere")
    return None
