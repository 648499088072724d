"""Migration operations by which a table makes a promise that PostgreSQL then keeps."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# Who acts, as `kernel.wall` told it. In a sub-select PostgreSQL asks once per statement and not once per row.
KIND = "current_setting('casemgmt.actor_kind', true)"
ORGANIZATION = "nullif(current_setting('casemgmt.organization', true), '')::uuid"
USER = "nullif(current_setting('casemgmt.user', true), '')::uuid"
# Machines of ours see all; so does what a trigger judges, or a promise would hold only for what the actor sees.
MACHINE = f"({KIND} = 'system' OR pg_trigger_depth() > 0)"

WALL = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS {table}_wall ON {table};
CREATE POLICY {table}_wall ON {table} USING ((SELECT {machine}){rows});
"""

UNWALL = """
DROP POLICY {table}_wall ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""

# The same that `access.querysets.live_grants` asks. OFFSET 0: PostgreSQL asks row by row through an index; without it,
# it may first read all grants of an organization to keep them at hand, which takes longer the more clients there are.
GRANTED = """ OR EXISTS (
  SELECT FROM access_grant AS g WHERE g.client_id = {table}.{client} AND g.organization_id = (SELECT {organization})
  AND g.revoked_at IS NULL AND (g.user_id IS NULL OR g.user_id = (SELECT {user}))
  AND (g.expires_at IS NULL OR g.expires_at > casemgmt_now()){scope} OFFSET 0)"""
OF_PARENT = " OR EXISTS (SELECT FROM {parent} AS p WHERE p.id = {table}.{column} OFFSET 0)"
OWN = " OR {table}.{column} = (SELECT {organization})"
# What a group shares names no client: whoever sees a row of another table with the same parent sees it too.
BESIDE = """ OR {table}.{client} IS NULL AND EXISTS (
  SELECT FROM {other} AS b WHERE b.{column} = {table}.{column} OFFSET 0)"""
BY_AUTHOR = " AND {table}.{author} = (SELECT {user})"
ABOUT_NOBODY = " OR {table}.{client} IS NULL AND {table}.organization_id = (SELECT {organization})"

# Grants are what the policies of all other tables ask, so this one may hold no sub-select when it is read: PostgreSQL
# would call it endless. Staff open only what they see; taking back is done by the machine (`access.services`).
GRANTS = """
ALTER TABLE access_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_grant FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS access_grant_wall ON access_grant;
DROP POLICY IF EXISTS access_grant_wall_given ON access_grant;
DROP POLICY IF EXISTS access_grant_wall_kept ON access_grant;
CREATE POLICY access_grant_wall ON access_grant FOR SELECT USING ({machine} OR organization_id = {organization});
CREATE POLICY access_grant_wall_given ON access_grant FOR INSERT
  WITH CHECK ({machine} OR EXISTS (SELECT FROM clients_client AS c WHERE c.id = access_grant.client_id));
CREATE POLICY access_grant_wall_kept ON access_grant FOR UPDATE USING ({machine});
"""

UNWALL_GRANTS = """
DROP POLICY access_grant_wall ON access_grant;
DROP POLICY access_grant_wall_given ON access_grant;
DROP POLICY access_grant_wall_kept ON access_grant;
ALTER TABLE access_grant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE access_grant DISABLE ROW LEVEL SECURITY;
"""

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

# The ledger is the truth: each row starts where the row before it ended, and the stage column equals the last one. A
# function of its own for each ledger: PostgreSQL keeps the plans of its statements for as long as a connection lives;
# one function for all would plan all three anew, with every row policy, at each row.
AGREES = """
CREATE OR REPLACE FUNCTION {subject}_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  subject uuid;
  stage_now text;
  stage_told text;
  broken bigint;
BEGIN
  IF TG_TABLE_NAME = '{subject}' THEN
    subject := NEW.id;
  ELSE
    subject := NEW.{column};
  END IF;
  SELECT stage INTO stage_now FROM {subject} WHERE id = subject;
  SELECT to_stage INTO stage_told FROM {ledger} WHERE {column} = subject ORDER BY seq DESC LIMIT 1;
  IF stage_now IS DISTINCT FROM stage_told THEN
    RAISE EXCEPTION '{subject} disagrees with its ledger' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT seq INTO broken FROM (
    SELECT seq, from_stage, lag(to_stage, 1, '') OVER (ORDER BY seq) AS before FROM {ledger} WHERE {column} = subject
  ) AS chain WHERE from_stage IS DISTINCT FROM before LIMIT 1;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION '{ledger} row % does not follow the row before it', broken
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER {subject}_agrees_with_ledger AFTER INSERT OR UPDATE OF stage ON {subject}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {subject}_agrees();
CREATE CONSTRAINT TRIGGER {ledger}_agrees_with_subject AFTER INSERT ON {ledger}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {subject}_agrees();
"""


KEPT = """
CREATE TRIGGER {table}_kept_once_{name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when})
  EXECUTE FUNCTION casemgmt_keeps({columns});
"""

NEVER_REMOVED = """
CREATE TRIGGER {table}_never_removed BEFORE DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION casemgmt_append_only();
"""


def keeps(table: str, *, name: str, when: str, but: tuple[str, ...]) -> migrations.RunSQL:
    """Return the operation by which rows for which `when` (SQL over OLD) holds change in no column `but` these."""
    columns = ", ".join(f"'{each}'" for each in but)
    undo = f"DROP TRIGGER {table}_kept_once_{name} ON {table};"
    return migrations.RunSQL(KEPT.format(table=table, name=name, when=when, columns=columns), undo)


def never_removed(table: str) -> migrations.RunSQL:
    """Return the operation that makes `table` refuse DELETE and TRUNCATE, for its owner too."""
    return migrations.RunSQL(NEVER_REMOVED.format(table=table), f"DROP TRIGGER {table}_never_removed ON {table};")


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
    undo += f"DROP FUNCTION {subject}_agrees();"
    return migrations.RunSQL(AGREES.format(subject=subject, ledger=ledger, column=column), undo)


def walled(table: str, **rows: Any) -> migrations.RunSQL:
    """Return the operation that lets PostgreSQL show and take only rows of `table` that the actor may see (S6).

    `rows` says which those are, see `visible_rows`. May be run again when a table is to be walled in another way.
    """
    raised = WALL.format(table=table, machine=MACHINE, rows=visible_rows(table, **rows))
    return migrations.RunSQL(raised, UNWALL.format(table=table))


def walled_grants() -> migrations.RunSQL:
    """Return the operation that walls the table of grants itself."""
    return migrations.RunSQL(GRANTS.format(machine=MACHINE, organization=ORGANIZATION), UNWALL_GRANTS)


def visible_rows(  # noqa: PLR0913 - each is a word of walls.py
    table: str,
    *,
    client: str = "",
    packet: str = "",
    about_nobody: bool = False,
    parent: tuple[str, str] | None = None,
    own: str = "",
    beside: tuple[str, str] | None = None,
    author: str = "",
) -> str:
    """Return, as SQL that widens `machine`, which rows staff see; nothing given: none, the table is for machines.

    - `client`: the column that names the client; seen with a live grant of the record. `packet` beside it: the column
      that a packet's grant names as its source (REF-04), or `*` for a grant of whatever scope.
    - `about_nobody`: also the own organization's rows without a client.
    - `parent`: (table, column) of the row that this one belongs to; seen when that one is.
    - `own`: the column that names the organization whose staff see the row.
    - `beside`: (table, column); rows without a client are seen with any row of that table that has the same column.
    - `author`: the column that names who alone sees the row, and not through broken glass (P2-71, HIP-10).
    """
    names = {"table": table, "client": client, "organization": ORGANIZATION, "user": USER, "author": author}
    text = ""
    if client:
        scopes = {"": " AND g.scope = 'record'", "*": ""}
        by_packet = f" AND (g.scope = 'record' OR g.source_id = {table}.{packet})"
        sealed = " AND g.reason <> 'break_glass'" if author else ""
        text += GRANTED.format(**names, scope=scopes.get(packet, by_packet) + sealed)
        text += BY_AUTHOR.format(**names) if author else ""
    if about_nobody:
        text += ABOUT_NOBODY.format(**names)
    if beside is not None:
        text += BESIDE.format(**names, other=beside[0], column=beside[1])
    if parent is not None:
        text += OF_PARENT.format(table=table, parent=parent[0], column=parent[1])
    if own:
        text += OWN.format(table=table, column=own, organization=ORGANIZATION)
    return text
