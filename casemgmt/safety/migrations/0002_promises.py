"""What PostgreSQL keeps for this room: the ledger agrees, what happened stays, a rota has no two at once."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, stage_agrees

# Ranges of one id and of one number stand in for equality, which GiST has for neither without an extension that the
# embedded server does not ship. The number is the role and whether it is the backup.
NO_OVERLAP = """
CREATE TYPE safety_uuidrange AS RANGE (subtype = uuid);
ALTER TABLE safety_oncallshift ADD CONSTRAINT on_call_shift_no_overlap EXCLUDE USING gist (
  safety_uuidrange(organization_id, organization_id, '[]') WITH &&,
  int4range(
    (CASE role WHEN 'therapist' THEN 0 ELSE 2 END) + backup::int,
    (CASE role WHEN 'therapist' THEN 0 ELSE 2 END) + backup::int,
    '[]'
  ) WITH &&,
  tstzrange(starts_at, ends_at) WITH &&
) WHERE (cancelled_at IS NULL);
"""

UNDO = """
ALTER TABLE safety_oncallshift DROP CONSTRAINT on_call_shift_no_overlap;
DROP TYPE safety_uuidrange;
"""


class Migration(migrations.Migration):
    dependencies = [("safety", "0001_initial"), ("kernel", "0001_promises")]
    operations = [
        append_only("safety_alertmove"),
        stage_agrees(subject="safety_riskalert", ledger="safety_alertmove", column="alert_id"),
        append_only("safety_alertpage"),
        append_only("safety_alertnote"),
        migrations.RunSQL(NO_OVERLAP, UNDO),
    ]
