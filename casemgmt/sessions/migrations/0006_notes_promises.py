"""What PostgreSQL keeps of notes: signed ones stay as they are, none goes away, walls round whom they are about."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, keeps, never_removed, walled

NOTES = ("sessions_peernote", "sessions_clinicalnote", "sessions_contactnote")
COUNSELING = "sessions_counselingnote"

# A note carries its session's start so that one client's notes can be read in order by one index.
SAME_START = """
ALTER TABLE {table} ADD CONSTRAINT {table}_starts_with_session
  FOREIGN KEY (session_id, happened_at) REFERENCES sessions_session (id, starts_at) ON UPDATE CASCADE;
"""

# PEER-05: what was signed; F9: then only somebody else's signature is added, once. What was corrected of its session's
# start moves with it.
SIGNED = ("happened_at", "cosigned_at", "cosigned_by_id", "version", "updated_at", "reminded_at")


def same_start(table):
    return migrations.RunSQL(
        SAME_START.format(table=table), f"ALTER TABLE {table} DROP CONSTRAINT {table}_starts_with_session;"
    )


def kept(table):
    signed = "OLD.signed_at IS NOT NULL AND OLD.cosigned_at IS NULL"
    return [
        keeps(table, name="signed", when=signed, but=SIGNED),
        keeps(table, name="cosigned", when="OLD.cosigned_at IS NOT NULL", but=("happened_at",)),
        never_removed(table),
        same_start(table),
    ]


class Migration(migrations.Migration):
    dependencies = [("sessions", "0005_sessions_notes"), ("kernel", "0002_keeps"), ("access", "0002_second_wall")]
    operations = [
        *[each for table in (*NOTES, COUNSELING) for each in kept(table)],
        *[
            walled(table, client="client_id", about_nobody=True, beside=("sessions_attendance", "session_id"))
            for table in NOTES
        ],
        walled(COUNSELING, client="client_id", author="author_id"),
        walled("sessions_counselingreading", parent=(COUNSELING, "note_id")),
        append_only("sessions_counselingreading"),
        append_only("sessions_credentialoverride"),
        keeps("sessions_credential", name="recorded", when="true", but=("warned_at",)),
        never_removed("sessions_credential"),
    ]
