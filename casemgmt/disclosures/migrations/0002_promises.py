"""What PostgreSQL keeps for this room: closed records stay, what was told stays, and who sees which rows."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, keeps, never_removed, walled

JUDGED = ("reviewed_at", "reviewed_by", "outcome", "remark", "version", "updated_at")


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0001_initial"), ("kernel", "0002_keeps"), ("access", "0002_second_wall")]
    operations = [
        # P2-61: the four facts are written immediately following, and stay
        keeps("disclosures_emergencydisclosure", name="closed", when="OLD.closed_at IS NOT NULL", but=JUDGED),
        keeps(
            "disclosures_emergencydisclosure", name="reviewed", when="OLD.reviewed_at IS NOT NULL", but=("updated_at",)
        ),
        never_removed("disclosures_emergencydisclosure"),
        append_only("disclosures_emergencycontent"),
        # P2-32: a statement was given once
        keeps("disclosures_oraldisclosure", name="complete", when="OLD.statement_at IS NOT NULL", but=("updated_at",)),
        never_removed("disclosures_oraldisclosure"),
        # P2-57: an accounting that was given is not given otherwise
        keeps("disclosures_accountingrequest", name="given", when="OLD.delivered_at IS NOT NULL", but=("updated_at",)),
        never_removed("disclosures_accountingrequest"),
        walled("disclosures_emergencydisclosure", own="organization_id"),
        walled("disclosures_emergencycontent", client="client_id"),
        walled("disclosures_oraldisclosure", client="client_id"),
        walled("disclosures_accountingrequest", client="client_id"),
    ]
