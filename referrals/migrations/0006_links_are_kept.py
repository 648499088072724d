"""What PostgreSQL keeps of links: seen with their referral, never removed, the secrets' hashes never changed."""

from django.db import migrations

from casemgmt.kernel.promises import keeps, never_removed, walled

CHANGES = (
    "tries",
    "opened_at",
    "session_hash",
    "session_ends_at",
    "ended_at",
    "ended_because",
    "version",
    "updated_at",
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_links")]
    operations = [
        walled("referrals_referrallink", parent=("referrals_referral", "referral_id")),
        never_removed("referrals_referrallink"),
        keeps("referrals_referrallink", name="as_made", when="OLD.ended_at IS NULL", but=CHANGES),
        # an end is an end
        keeps("referrals_referrallink", name="ended", when="OLD.ended_at IS NOT NULL", but=()),
    ]
