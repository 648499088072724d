"""The trail can be added to and never changed (HIP-02)."""

from django.db import migrations

from casemgmt.kernel.promises import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [append_only("audit_auditevent")]
