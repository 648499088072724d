"""What PostgreSQL keeps for this room: ledgers that only grow and agree, hours spent once, walls round who came."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, stage_agrees, walled

# PEER-05: sessions of one person do not overlap unless one is a group. A range of one id stands in for equality, which
# GiST has for uuid only by an extension that the embedded server does not ship.
NO_OVERLAP = """
CREATE TYPE sessions_uuidrange AS RANGE (subtype = uuid);
ALTER TABLE sessions_session ADD CONSTRAINT sessions_no_overlap EXCLUDE USING gist (
  sessions_uuidrange(staff_id, staff_id, '[]') WITH &&,
  tstzrange(starts_at, ends_at) WITH &&
) WHERE (format <> 'group' AND stage IN ('scheduled', 'held'));
"""

UNDO_NO_OVERLAP = """
ALTER TABLE sessions_session DROP CONSTRAINT sessions_no_overlap;
DROP TYPE sessions_uuidrange;
"""

# An attendance carries its session's start so that one client's sessions can be read in order by one index.
SAME_START = """
ALTER TABLE sessions_session ADD CONSTRAINT session_start_named UNIQUE (id, starts_at);
ALTER TABLE sessions_attendance ADD CONSTRAINT attendance_starts_with_session
  FOREIGN KEY (session_id, starts_at) REFERENCES sessions_session (id, starts_at) ON UPDATE CASCADE;
"""

UNDO_SAME_START = """
ALTER TABLE sessions_attendance DROP CONSTRAINT attendance_starts_with_session;
ALTER TABLE sessions_session DROP CONSTRAINT session_start_named;
"""


class Migration(migrations.Migration):
    dependencies = [("sessions", "0001_initial"), ("kernel", "0001_promises"), ("access", "0002_second_wall")]
    operations = [
        append_only("sessions_sessionmove"),
        stage_agrees(subject="sessions_session", ledger="sessions_sessionmove", column="session_id"),
        append_only("sessions_attendancemove"),
        migrations.RunSQL(NO_OVERLAP, UNDO_NO_OVERLAP),
        migrations.RunSQL(SAME_START, UNDO_SAME_START),
        walled("sessions_attendance", client="client_id"),
        walled("sessions_attendancemove", parent=("sessions_attendance", "attendance_id")),
        walled("sessions_seriesmember", client="client_id"),
    ]
