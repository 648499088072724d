"""Rows that keep everything they say: a trigger without arguments has no TG_ARGV (NULL), which compared nothing."""

from django.db import migrations

KEEPS = """
-- Arguments: the columns that may still change; none: nothing may.
CREATE OR REPLACE FUNCTION casemgmt_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  but text[] := coalesce(TG_ARGV, '{}');
BEGIN
  IF to_jsonb(NEW) - but IS DISTINCT FROM to_jsonb(OLD) - but THEN
    RAISE EXCEPTION 'rows of % are append-only once they are said', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_keeps")]
    operations = [migrations.RunSQL(KEEPS, migrations.RunSQL.noop)]
