"""Session logs live in the sessions room now; `sessions.0005` carried them over."""

from importlib import import_module

from django.db import migrations

from casemgmt.kernel.promises import append_only, walled

PROMISES = import_module("programs.migrations.0002_promises")


def undone(operation):
    """Return the operation that takes back what another one did; its own undoing does it again."""
    return migrations.RunSQL(operation.reverse_sql, operation.sql)


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_directory"), ("sessions", "0007_session_logs")]
    operations = [
        undone(walled("programs_sessionlog", client="client_id")),
        undone(append_only("programs_sessionlog")),
        undone(migrations.RunSQL(PROMISES.NO_OVERLAP, PROMISES.UNDO)),
        migrations.DeleteModel("SessionLog"),
    ]
