"""The functions that PostgreSQL keeps our promises with: the clock, append-only tables, stage agrees with ledger."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION casemgmt_now() RETURNS timestamptz STABLE LANGUAGE sql AS $$
  SELECT now() + make_interval(
    secs => coalesce(nullif(current_setting('casemgmt.clock_offset', true), '')::double precision, 0))
$$;

CREATE FUNCTION casemgmt_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- Arguments: the subject's table, its ledger, the ledger's column that names the subject.
-- The ledger is the truth: each row starts where the row before it ended, and the stage column equals the last one.
CREATE FUNCTION casemgmt_stage_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  subject uuid;
  stage_now text;
  stage_told text;
  broken bigint;
BEGIN
  IF TG_TABLE_NAME = TG_ARGV[0] THEN
    subject := NEW.id;
  ELSE
    EXECUTE format('SELECT ($1).%I', TG_ARGV[2]) INTO subject USING NEW;
  END IF;
  EXECUTE format('SELECT stage FROM %I WHERE id = $1', TG_ARGV[0]) INTO stage_now USING subject;
  EXECUTE format('SELECT to_stage FROM %I WHERE %I = $1 ORDER BY seq DESC LIMIT 1', TG_ARGV[1], TG_ARGV[2])
    INTO stage_told USING subject;
  IF stage_now IS DISTINCT FROM stage_told THEN
    RAISE EXCEPTION '% disagrees with its ledger', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  EXECUTE format(
    'SELECT seq FROM (SELECT seq, from_stage, lag(to_stage, 1, %L) OVER (ORDER BY seq) AS before FROM %I WHERE %I = $1)'
    ' AS chain WHERE from_stage IS DISTINCT FROM before LIMIT 1', '', TG_ARGV[1], TG_ARGV[2])
    INTO broken USING subject;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION '% row % does not follow the row before it', TG_ARGV[1], broken
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;
"""

REVERSE = """
DROP FUNCTION casemgmt_stage_agrees();
DROP FUNCTION casemgmt_append_only();
DROP FUNCTION casemgmt_now();
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FUNCTIONS, REVERSE)]
