"""Which tables are ledgers, what each must agree with, and finding the first row that does not. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

from casemgmt.kernel.lifecycle import pairs, verbs

CHAIN = """
SELECT seq FROM (
  SELECT seq, from_stage, lag(to_stage, 1, '') OVER (PARTITION BY {subject} ORDER BY seq) AS before
  FROM {ledger}
) AS chain WHERE from_stage <> before ORDER BY seq LIMIT 1
"""
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
    """Return the first row that does not follow the one before it, is no legal step, or disagrees with the stage."""
    names = {
        "ledger": ledger.model._meta.db_table,
        "table": ledger.process._meta.db_table,
        "subject": ledger.subject,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHAIN.format(**names))  # names of our own tables
        if row := cursor.fetchone():
            return Broken(names["ledger"], f"row {row[0]}", "does not start where the row before it ended")
        cursor.execute(LAST.format(**names))
        if row := cursor.fetchone():
            return Broken(names["ledger"], f"subject {row[0]}", "has a stage that its last row does not tell")
    legal = set(pairs(ledger.process))
    for seq, source, target in (
        ledger.model._default_manager.order_by("seq")
        .values_list("seq", "from_stage", "to_stage")
        .iterator(chunk_size=5000)
    ):
        if source and (source, target) not in legal:
            return Broken(
                names["ledger"], f"row {seq}", f"tells a step from {source} to {target}, which does not exist"
            )
    return None
