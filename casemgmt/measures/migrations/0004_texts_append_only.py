"""Accepted licenses and loaded wording are superseded by another row, never edited or removed (rules.md, 4)."""

from django.db import migrations

from casemgmt.kernel.promises import append_only


class Migration(migrations.Migration):
    dependencies = [("measures", "0003_due_and_texts"), ("kernel", "0001_promises")]
    operations = [append_only("measures_instrumentlicenseacceptance"), append_only("measures_instrumenttext")]
