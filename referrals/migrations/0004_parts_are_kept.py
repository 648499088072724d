"""What PostgreSQL keeps of a referral's parts: what was said stays, and is seen with the referral only."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, walled

PARTS = ("referralclock", "referralsupplement", "referralconfirmation")


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0003_the_whole_loop"),
        ("access", "0002_second_wall"),
        ("kernel", "0001_promises"),
    ]
    operations = [
        append_only("referrals_referralsupplement"),
        append_only("referrals_referralconfirmation"),
        append_only("referrals_declinerule"),
        *[walled(f"referrals_{part}", parent=("referrals_referral", "referral_id")) for part in PARTS],
    ]
