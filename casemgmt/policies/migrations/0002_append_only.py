"""What an organization set can only be followed by another row, never changed."""

from django.db import migrations

from casemgmt.kernel.promises import append_only


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial"), ("kernel", "0001_promises")]
    operations = [append_only("policies_policysetting")]
