"""MSR-02: responses are amended by another row, never edited or removed."""

from django.db import migrations

from casemgmt.kernel.promises import append_only


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial"), ("kernel", "0001_promises")]
    operations = [append_only("measures_response")]
