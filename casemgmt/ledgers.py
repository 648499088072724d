"""Which tables are ledgers, what each must agree with, and finding the first row that does not. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

from casemgmt.episodes.models import StageMove
from casemgmt.episodes.proof import disagreements, first_break
from casemgmt.kernel.lifecycle import pairs, verbs

LAST = """
SELECT s.id FROM {table} AS s
LEFT JOIN LATERAL (
  SELECT to_stage FROM {ledger} AS l WHERE l.{subject} = s.id ORDER BY seq DESC LIMIT 1
) AS last ON true
WHERE s.stage IS DISTINCT FROM last.to_stage ORDER BY s.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger and the process it tells of. `subject` is the ledger's column that names it."""

    model: type[Model]
    process: type[Model]
    subject: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing wrong in a ledger: where, and what. Ids only."""

    ledger: str
    row: str
    sentence: str


def ledgers() -> Iterator[Ledger]:
    """Yield every ledger: a model with `from_stage` that names one process with verbs."""
    for model in apps.get_models():
        names = {field.name: field for field in model._meta.get_fields()}
        if "from_stage" not in names:
            continue
        for field in names.values():
            if isinstance(field, ForeignKey) and any(True for _ in verbs(field.related_model)):
                yield Ledger(model, field.related_model, field.attname)


def first_broken(ledger: Ledger) -> Broken | None:
    """Return the first row that cannot be true, else the first subject that its ledger does not tell; None if whole."""
    name = ledger.model._meta.db_table
    legal = frozenset(pairs(ledger.process))
    faults = (_fault(list(rows), legal=legal) for _, rows in groupby(_rows(ledger), key=attrgetter(ledger.subject)))
    first = min((fault for fault in faults if fault is not None), default=None)
    if first is not None:
        return Broken(name, f"row {first[0]}", first[1])
    names = {"ledger": name, "table": ledger.process._meta.db_table, "subject": ledger.subject}
    with connection.cursor() as cursor:
        cursor.execute(LAST.format(**names))  # names of our own tables
        if row := cursor.fetchone():
            return Broken(name, f"subject {row[0]}", "has a stage that its last row does not tell")
    return _disagreement(ledger) if ledger.model is StageMove else None


def _rows(ledger: Ledger) -> Iterator[Any]:
    rows = ledger.model._default_manager.order_by(ledger.subject, "seq")
    if ledger.model is StageMove:
        rows = rows.select_related("episode")
    weighty = [field.name for field in ledger.model._meta.fields if field.name == "facts"]  # nothing here reads them
    return rows.defer(*weighty).iterator(chunk_size=5000)


def _fault(rows: list[Any], *, legal: Collection[tuple[str, str]]) -> tuple[int, str] | None:
    """Return the first broken row of one subject, and what is wrong with it."""
    before: Any = None
    found: tuple[int, str] | None = None
    for row in rows:
        sentence = _chained(row, before) or _legal(row, legal) or _in_time(row, before)
        if sentence:
            found = (row.seq, sentence)
            break
        before = row
    amended = first_break(rows, legal=legal) if isinstance(rows[0], StageMove) else None
    return min((each for each in (found, amended) if each is not None), default=None, key=itemgetter(0))


def _chained(row: Any, before: Any) -> str:
    start = before.to_stage if before is not None else ""
    return "" if row.from_stage == start else "does not start where the row before it ended"


def _legal(row: Any, legal: Collection[tuple[str, str]]) -> str:
    """A correction is no step: it leads from what was wrong to what is right (T20)."""
    step = (row.from_stage, row.to_stage)
    if not row.from_stage or step in legal or getattr(row, "supersedes_id", None) is not None:
        return ""
    return f"tells a step from {step[0]} to {step[1]}, which does not exist"


def _in_time(row: Any, before: Any) -> str:
    """What was told late holds from after the row before it; corrections have their own order."""
    since = getattr(row, "effective_at", None)
    if since is None or isinstance(row, StageMove):
        return ""
    if since > row.at:
        return "holds from later than it was recorded"
    late = before is not None and since != row.at and since < before.effective_at
    return "holds from before the row before it" if late else ""


def _disagreement(ledger: Ledger) -> Broken | None:
    """Return the first episode with a column that its whole ledger does not tell."""
    for episode_id, moves in groupby(_rows(ledger), key=attrgetter(ledger.subject)):
        rows = list(moves)
        columns = ", ".join(disagreements(rows[0].episode, rows))
        if columns:
            return Broken(
                ledger.model._meta.db_table, f"subject {episode_id}", f"is not as its ledger tells: {columns}"
            )
    return None
