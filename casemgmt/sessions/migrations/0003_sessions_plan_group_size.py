"""How many clients a session is for, counted by PostgreSQL: who reads a session need not see whom (F9)."""

from django.conf import settings
from django.db import migrations, models

# A trigger sees every client's row, whoever writes; so the count is right for readers who see only some of them.
COUNT = """
CREATE FUNCTION sessions_count_group() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before_it integer := CASE WHEN TG_OP <> 'INSERT' AND OLD.state <> 'cancelled' THEN 1 ELSE 0 END;
  after_it integer := CASE WHEN TG_OP <> 'DELETE' AND NEW.state <> 'cancelled' THEN 1 ELSE 0 END;
BEGIN
  IF before_it <> after_it THEN
    UPDATE sessions_session SET group_size = group_size + after_it - before_it
      WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.session_id ELSE NEW.session_id END;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_attendance_counted AFTER INSERT OR DELETE OR UPDATE OF state ON sessions_attendance
  FOR EACH ROW EXECUTE FUNCTION sessions_count_group();
UPDATE sessions_session SET group_size = (
  SELECT count(*) FROM sessions_attendance AS a WHERE a.session_id = sessions_session.id AND a.state <> 'cancelled');
"""

UNCOUNT = """
DROP TRIGGER sessions_attendance_counted ON sessions_attendance;
DROP FUNCTION sessions_count_group();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_services_invitations_and_keys"),
        ("programs", "0004_lead_and_enrollments_agree"),
        ("sessions", "0002_promises"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="session",
            name="group_size",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.RunSQL(COUNT, UNCOUNT),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("format", "group"), ("group_size__lte", 1), _connector="OR"),
                name="session_individual_is_one",
            ),
        ),
    ]
