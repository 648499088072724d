"""What PostgreSQL keeps between the pathway and its enrollments, whoever writes (STG-01); and two tables that only grow.

1. An ended episode has no open enrollment.
2. While an episode leads with a stage of care, or a hold waits to resume to it, the last open enrollment of that kind
   stays open. A client's death ends them all.

Both are judged when the transaction commits, so the pathway and its enrollments may move in any order within it. The
check locks the episode, as every door does before: of two transactions that would break a promise only together, one
waits for the other and then sees it. Nothing is asked of an episode that never had such an enrollment: rule 2 speaks
when one ends.
"""

from django.db import migrations

from casemgmt.kernel.promises import append_only

FUNCTIONS = """
CREATE FUNCTION programs_enrollment_fits_episode() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  subject record;
  lead text;
  kind_left text;
BEGIN
  SELECT stage, episode_id INTO subject FROM programs_enrollment WHERE id = NEW.id;
  IF subject.stage <> 'ended' THEN
    SELECT stage INTO lead FROM episodes_episode WHERE id = subject.episode_id FOR NO KEY UPDATE;
    IF lead IN ('completed', 'discharged', 'transferred', 'deceased', 'cancelled') THEN
      RAISE EXCEPTION 'programs_enrollment is open and its episode has ended'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  IF TG_OP = 'INSERT' OR OLD.stage = 'ended' THEN
    RETURN NULL;
  END IF;
  IF EXISTS (
    SELECT FROM episodes_episode e JOIN clients_client c ON c.id = e.client_id WHERE e.id = OLD.episode_id AND c.deceased
  ) THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(nullif(held_stage, ''), stage) INTO lead
    FROM episodes_episode WHERE id = OLD.episode_id FOR NO KEY UPDATE;
  SELECT kind INTO kind_left FROM programs_program WHERE id = OLD.program_id;
  IF lead = kind_left AND NOT EXISTS (
    SELECT FROM programs_enrollment n JOIN programs_program p ON p.id = n.program_id
    WHERE n.episode_id = OLD.episode_id AND n.stage <> 'ended' AND p.kind = lead
  ) THEN
    RAISE EXCEPTION 'episodes_episode leads with a stage whose last programs_enrollment would end'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION programs_ended_episode_has_none_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM episodes_episode e JOIN programs_enrollment n ON n.episode_id = e.id
    WHERE e.id = NEW.id AND n.stage <> 'ended'
      AND e.stage IN ('completed', 'discharged', 'transferred', 'deceased', 'cancelled')
  ) THEN
    RAISE EXCEPTION 'episodes_episode has ended and a programs_enrollment of it is open'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER programs_enrollment_fits_episode
  AFTER INSERT OR UPDATE OF stage, episode_id, program_id ON programs_enrollment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programs_enrollment_fits_episode();
CREATE CONSTRAINT TRIGGER programs_ended_episode_has_none_open
  AFTER INSERT OR UPDATE OF stage ON episodes_episode
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programs_ended_episode_has_none_open();
"""

UNDO = """
DROP TRIGGER programs_ended_episode_has_none_open ON episodes_episode;
DROP TRIGGER programs_enrollment_fits_episode ON programs_enrollment;
DROP FUNCTION programs_ended_episode_has_none_open();
DROP FUNCTION programs_enrollment_fits_episode();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0003_combinations_and_residences"),
        ("episodes", "0002_ledger_agrees"),
        ("clients", "0001_initial"),
        ("kernel", "0001_promises"),
    ]
    operations = [
        append_only("programs_combinationrule"),
        append_only("programs_houseagreement"),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
