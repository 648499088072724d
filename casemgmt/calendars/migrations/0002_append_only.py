"""What an organization set of when it works can only be followed by another row, never changed."""

from django.db import migrations

from casemgmt.kernel.promises import append_only


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial"), ("kernel", "0001_promises")]
    operations = [append_only("calendars_businessweek"), append_only("calendars_closure")]
