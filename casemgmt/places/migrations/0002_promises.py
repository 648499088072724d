"""What PostgreSQL keeps for this room: ledgers that only grow and agree, beds used once at a time, walls."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, stage_agrees, walled

# F5: no bed has two uses at a time, and nobody stays in two at a time. A range of one id stands in for equality, which
# GiST has for uuid only by an extension that the embedded server does not ship. What ends where it begins is empty.
ONE_AT_A_TIME = """
CREATE TYPE places_uuidrange AS RANGE (subtype = uuid);
ALTER TABLE places_beduse ADD CONSTRAINT bed_used_once_at_a_time EXCLUDE USING gist (
  places_uuidrange(bed_id, bed_id, '[]') WITH &&,
  tstzrange(starts_at, ends_at) WITH &&
);
ALTER TABLE places_beduse ADD CONSTRAINT bed_one_per_client EXCLUDE USING gist (
  places_uuidrange(client_id, client_id, '[]') WITH &&,
  tstzrange(starts_at, ends_at) WITH &&
) WHERE (kind = 'stay');
"""

UNDO_ONE_AT_A_TIME = """
ALTER TABLE places_beduse DROP CONSTRAINT bed_one_per_client;
ALTER TABLE places_beduse DROP CONSTRAINT bed_used_once_at_a_time;
DROP TYPE places_uuidrange;
"""

# CLN-10: only residences have beds. F5: who stays is enrolled in the house that the bed is in.
BEDS_FIT = """
CREATE FUNCTION places_bed_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM programs_program WHERE id = NEW.program_id AND kind = 'sober_living') THEN
    RAISE EXCEPTION 'only a residence has beds' USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_in_residence';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER places_bed_fits BEFORE INSERT OR UPDATE OF program_id ON places_bed
  FOR EACH ROW EXECUTE FUNCTION places_bed_fits();
CREATE FUNCTION places_bed_use_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'stay' AND NOT EXISTS (
    SELECT FROM programs_enrollment AS e JOIN places_bed AS b ON b.program_id = e.program_id
    WHERE e.id = NEW.enrollment_id AND b.id = NEW.bed_id AND e.client_id = NEW.client_id
  ) THEN
    RAISE EXCEPTION 'who stays is enrolled there' USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_stay_enrolled';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER places_bed_use_fits BEFORE INSERT OR UPDATE OF kind, bed_id, client_id, enrollment_id ON places_beduse
  FOR EACH ROW EXECUTE FUNCTION places_bed_use_fits();
"""

UNDO_BEDS_FIT = """
DROP TRIGGER places_bed_use_fits ON places_beduse;
DROP FUNCTION places_bed_use_fits();
DROP TRIGGER places_bed_fits ON places_bed;
DROP FUNCTION places_bed_fits();
"""

# F5: at a commit, an entry has the stage `offered` exactly when one offer to it is open.
OFFERS_AGREE = """
CREATE FUNCTION places_offers_agree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  subject uuid := CASE WHEN TG_TABLE_NAME = 'places_offer' THEN (to_jsonb(NEW) ->> 'entry_id')::uuid ELSE NEW.id END;
BEGIN
  IF (SELECT stage = 'offered' FROM places_waitlistentry WHERE id = subject)
     IS DISTINCT FROM EXISTS (SELECT FROM places_offer WHERE entry_id = subject AND outcome = 'open') THEN
    RAISE EXCEPTION 'a waitlist entry disagrees with its offers' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER places_entry_agrees_with_offers AFTER INSERT OR UPDATE OF stage ON places_waitlistentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION places_offers_agree();
CREATE CONSTRAINT TRIGGER places_offer_agrees_with_entry AFTER INSERT OR UPDATE OF outcome ON places_offer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION places_offers_agree();
"""

UNDO_OFFERS_AGREE = """
DROP TRIGGER places_offer_agrees_with_entry ON places_offer;
DROP TRIGGER places_entry_agrees_with_offers ON places_waitlistentry;
DROP FUNCTION places_offers_agree();
"""


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial"), ("kernel", "0001_promises"), ("access", "0002_second_wall")]
    operations = [
        append_only("places_waitlistmove"),
        stage_agrees(subject="places_waitlistentry", ledger="places_waitlistmove", column="entry_id"),
        append_only("places_waitlistrule"),
        append_only("places_offerskip"),
        migrations.RunSQL(ONE_AT_A_TIME, UNDO_ONE_AT_A_TIME),
        migrations.RunSQL(BEDS_FIT, UNDO_BEDS_FIT),
        migrations.RunSQL(OFFERS_AGREE, UNDO_OFFERS_AGREE),
        walled("places_waitlistentry", client="client_id"),
        walled("places_waitlistmove", parent=("places_waitlistentry", "entry_id")),
        walled("places_offer", client="client_id"),
        walled("places_offerskip", parent=("places_waitlistentry", "entry_id")),
        walled("places_beduse", client="client_id", about_nobody=True),
    ]
