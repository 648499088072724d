"""Migration operations by which a table makes a promise that PostgreSQL then keeps."""

from __future__ import annotations

from django.db import migrations

REVOKE = """
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'casemgmt_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM casemgmt_app;
  END IF;
END $$;
"""

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION casemgmt_append_only();
"""

AGREES = """
CREATE CONSTRAINT TRIGGER {subject}_agrees_with_ledger AFTER INSERT OR UPDATE OF stage ON {subject}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION casemgmt_stage_agrees('{subject}', '{ledger}', '{column}');
CREATE CONSTRAINT TRIGGER {ledger}_agrees_with_subject AFTER INSERT ON {ledger}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION casemgmt_stage_agrees('{subject}', '{ledger}', '{column}');
"""


def append_only(table: str) -> migrations.RunSQL:
    """Return the operation that makes `table` refuse UPDATE, DELETE and TRUNCATE, for its owner too (HIP-02)."""
    undo = f"DROP TRIGGER {table}_append_only ON {table};"
    return migrations.RunSQL(APPEND_ONLY.format(table=table) + REVOKE.format(table=table), undo)


def stage_agrees(*, subject: str, ledger: str, column: str) -> migrations.RunSQL:
    """Return the operation that makes commits fail unless `subject.stage` equals the last `ledger.to_stage` (STG-12).

    The ledger table needs `seq` (identity), `from_stage` ('' for the first row), `to_stage` and `column`.
    """
    drop = "DROP TRIGGER {table}_agrees_with_{other} ON {table};"
    undo = drop.format(table=ledger, other="subject") + drop.format(table=subject, other="ledger")
    return migrations.RunSQL(AGREES.format(subject=subject, ledger=ledger, column=column), undo)
