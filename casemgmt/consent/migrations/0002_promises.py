"""What PostgreSQL keeps for this room: a signed consent keeps its words, and the ledgers only grow."""

from django.db import migrations

from casemgmt.kernel.promises import append_only

# P2-18, P2-19: what the client signed is what later disclosures are judged by. After the signature only the taking-back
# may be written, and never unwritten.
SIGNED_STAYS = """
CREATE FUNCTION consent_signed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may_change CONSTANT text[] := ARRAY['status', 'revoked_at', 'revoked_for', 'version', 'updated_at'];
BEGIN
  IF OLD.status = 'draft' THEN
    IF TG_OP = 'DELETE' THEN
      RETURN OLD;
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE'
    OR to_jsonb(NEW) - may_change <> to_jsonb(OLD) - may_change
    OR NEW.status = 'draft'
    OR (OLD.status = 'revoked' AND (NEW.status <> 'revoked' OR NEW.revoked_at <> OLD.revoked_at))
    OR NOT NEW.revoked_for @> OLD.revoked_for
  THEN
    RAISE EXCEPTION 'a signed consent does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER consent_signed_stays BEFORE UPDATE OR DELETE ON consent_consent
  FOR EACH ROW EXECUTE FUNCTION consent_signed_stays();
"""

UNDO = """
DROP TRIGGER consent_signed_stays ON consent_consent;
DROP FUNCTION consent_signed_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial"), ("kernel", "0001_promises")]
    operations = [
        migrations.RunSQL(SIGNED_STAYS, UNDO),
        append_only("consent_consentrevocation"),
        append_only("consent_noticedelivery"),
        append_only("consent_disclosure"),
    ]
