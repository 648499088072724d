"""What PostgreSQL keeps for this room: ledgers that only grow and agree, logs that stay, hours spent once."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, stage_agrees

# PEER-05: sessions of one person do not overlap unless one is a group. A range of one id stands in for equality, which
# GiST has for uuid only by an extension that the embedded server does not ship.
NO_OVERLAP = """
CREATE TYPE programs_uuidrange AS RANGE (subtype = uuid);
ALTER TABLE programs_sessionlog ADD CONSTRAINT session_no_overlap EXCLUDE USING gist (
  programs_uuidrange(staff_id, staff_id, '[]') WITH &&,
  tstzrange(started_at, ended_at) WITH &&
) WHERE (mode <> 'group');
"""

UNDO = """
ALTER TABLE programs_sessionlog DROP CONSTRAINT session_no_overlap;
DROP TYPE programs_uuidrange;
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("kernel", "0001_promises")]
    operations = [
        append_only("programs_enrollmentmove"),
        stage_agrees(subject="programs_enrollment", ledger="programs_enrollmentmove", column="enrollment_id"),
        append_only("programs_sessionlog"),
        migrations.RunSQL(NO_OVERLAP, UNDO),
    ]
