"""Nobody expects who cannot come: care on hold, ended, or a client who died. PostgreSQL keeps it, whoever writes (F9)."""

from django.db import migrations

# Two transactions may meet: one puts an episode on hold, another plans a session of it, and neither sees the other's
# rows. So the part that is expected takes a share of the rows it depends on: whoever changes one of those waits for it
# or is waited for, and who comes second sees what the first did. Each side is judged at its commit.
NOBODY_WAITS = """
CREATE FUNCTION sessions_expected_may_come() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part sessions_attendance;
BEGIN
  SELECT * INTO part FROM sessions_attendance
    WHERE id = NEW.id AND state = 'expected' AND starts_at > casemgmt_now();
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM FROM clients_client WHERE id = part.client_id AND NOT deceased FOR SHARE;
  IF FOUND AND part.episode_id IS NOT NULL THEN
    PERFORM FROM episodes_episode WHERE id = part.episode_id AND ended_at IS NULL AND stage <> 'on_hold' FOR SHARE;
  END IF;
  IF FOUND AND part.enrollment_id IS NOT NULL THEN
    PERFORM FROM programs_enrollment WHERE id = part.enrollment_id AND stage NOT IN ('on_hold', 'ended') FOR SHARE;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'attendance % is expected of care that is on hold or has ended', part.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_expected_may_come';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION sessions_nobody_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM sessions_attendance AS a WHERE a.state = 'expected' AND a.starts_at > casemgmt_now()
    AND CASE TG_TABLE_NAME WHEN 'clients_client' THEN a.client_id WHEN 'episodes_episode' THEN a.episode_id
        ELSE a.enrollment_id END = NEW.id;
  IF FOUND THEN
    RAISE EXCEPTION '% % is still expected at sessions', TG_TABLE_NAME, NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_nobody_waits';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER sessions_expected_may_come AFTER INSERT OR UPDATE ON sessions_attendance
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'expected')
  EXECUTE FUNCTION sessions_expected_may_come();
CREATE CONSTRAINT TRIGGER sessions_nobody_waits AFTER UPDATE ON clients_client
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.deceased AND NOT OLD.deceased)
  EXECUTE FUNCTION sessions_nobody_waits();
CREATE CONSTRAINT TRIGGER sessions_nobody_waits AFTER UPDATE ON episodes_episode
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.stage <> OLD.stage AND (NEW.stage = 'on_hold' OR NEW.ended_at IS NOT NULL))
  EXECUTE FUNCTION sessions_nobody_waits();
CREATE CONSTRAINT TRIGGER sessions_nobody_waits AFTER UPDATE ON programs_enrollment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.stage <> OLD.stage AND NEW.stage IN ('on_hold', 'ended'))
  EXECUTE FUNCTION sessions_nobody_waits();
"""

UNDO = """
DROP TRIGGER sessions_nobody_waits ON programs_enrollment;
DROP TRIGGER sessions_nobody_waits ON episodes_episode;
DROP TRIGGER sessions_nobody_waits ON clients_client;
DROP TRIGGER sessions_expected_may_come ON sessions_attendance;
DROP FUNCTION sessions_nobody_waits();
DROP FUNCTION sessions_expected_may_come();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sessions", "0003_sessions_plan_group_size"),
        ("programs", "0004_lead_and_enrollments_agree"),
        ("episodes", "0004_co_signatures"),
    ]
    operations = [migrations.RunSQL(NOBODY_WAITS, UNDO)]
