"""Consents that name an intermediary and its participants (P2-13a)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_promises_of_steps")]

    operations = [
        migrations.AddField("consent", "through_intermediary", models.BooleanField(default=False)),
        migrations.AddField("consent", "intermediary_name", models.CharField(blank=True, max_length=200)),
        migrations.AddConstraint(
            "consent",
            models.CheckConstraint(
                condition=models.Q(
                    ("status", "draft"),
                    ("through_intermediary", False),
                    models.Q(("intermediary_name", ""), _negated=True),
                    _connector="OR",
                ),
                name="consent_intermediary_named",
            ),
        ),
    ]
