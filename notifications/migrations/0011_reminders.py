from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_services_invitations_and_keys"),
        ("clients", "0001_initial"),
        ("notifications", "0010_phones_shared_and_wishes"),
        ("sessions", "0008_confirmed_attendance"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_one_per_check_in",
        ),
        migrations.AddField(
            model_name="checkin",
            name="reminder_decided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("check_in", "Check In"),
                    ("reminder", "Reminder"),
                    ("appointment", "Appointment"),
                    ("opt_in_request", "Opt In Request"),
                    ("stop_confirm", "Stop Confirm"),
                    ("staff", "Staff"),
                    ("reply", "Reply"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="checkin",
            index=models.Index(
                condition=models.Q(("reminder_decided_at__isnull", True), ("status", "asked")),
                fields=["asked_at"],
                name="check_in_unreminded",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("status", "cancelled"), _negated=True), models.Q(("kind", "reminder"), _negated=True)
                ),
                fields=("check_in",),
                name="message_one_per_check_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "reminder")), fields=("check_in",), name="message_one_reminder_per_check_in"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reminder"), _negated=True), ("check_in__isnull", False), _connector="OR"
                ),
                name="message_reminder_fits",
            ),
        ),
    ]
