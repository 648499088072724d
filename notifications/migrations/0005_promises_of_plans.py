"""What clients wish, and what followed when they did not answer, can only grow; both stand behind the wall (CHK-09)."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, walled

TABLES = ("notifications_checkinpreference", "notifications_silencestep")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_plans_by_stage"), ("access", "0002_second_wall")]
    operations = [
        *[append_only(table) for table in TABLES],
        *[walled(table, client="client_id") for table in TABLES],
    ]
