from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_reviews_climb"),
    ]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="elsewhere",
            field=models.BooleanField(db_default=True),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                condition=models.Q(("elsewhere", True), ("revoked_at__isnull", True)),
                fields=["organization_id", "client_id"],
                name="grant_live_elsewhere",
            ),
        ),
    ]
