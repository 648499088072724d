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
"""

REVERSE = """
DROP FUNCTION casemgmt_append_only();
DROP FUNCTION casemgmt_now();
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FUNCTIONS, REVERSE)]
