"""What PostgreSQL keeps of places that acceptances promised: for whom and where stays; an end is written once."""

from django.db import migrations

from casemgmt.kernel.promises import keeps, never_removed, walled

CHANGES = ("ended_at", "enrollment_id", "version", "updated_at")


class Migration(migrations.Migration):
    dependencies = [("programs", "0007_place_holds"), ("kernel", "0001_promises")]
    operations = [
        # §9: a place is promised to one client, by one acceptance
        keeps("programs_placehold", name="as_made", when="OLD.ended_at IS NULL", but=CHANGES),
        # what was taken over or given back is not promised again
        keeps("programs_placehold", name="ended", when="OLD.ended_at IS NOT NULL", but=()),
        never_removed("programs_placehold"),
        walled("programs_placehold", client="client_id", packet="source_id"),
    ]
