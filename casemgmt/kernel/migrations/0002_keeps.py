"""The function by which a row keeps what it says (`promises.keeps`)."""

from django.db import migrations

KEEPS = """
-- Arguments: the columns that may still change.
CREATE FUNCTION casemgmt_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV THEN
    RAISE EXCEPTION 'rows of % are append-only once they are said', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_promises")]
    operations = [migrations.RunSQL(KEEPS, "DROP FUNCTION casemgmt_keeps();")]
