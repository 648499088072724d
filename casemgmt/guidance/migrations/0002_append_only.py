"""DG-20: what was told and what was decided is corrected by another row, never edited or removed."""

from django.db import migrations

from casemgmt.kernel.promises import append_only


class Migration(migrations.Migration):
    dependencies = [("guidance", "0001_initial"), ("kernel", "0001_promises")]
    operations = [append_only("guidance_statement"), append_only("guidance_guidancedecision")]
