"""What PostgreSQL keeps of what happens to consents, and of restrictions (P2-18, P2-19a, P2-50)."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, keeps, never_removed, walled

# As in 0002, with what came since: a consent is replaced once; a day that an event sets is set once; doubts come and go.
SIGNED_STAYS = """
CREATE OR REPLACE FUNCTION consent_signed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may_change CONSTANT text[] := ARRAY['status', 'revoked_at', 'revoked_for', 'superseded_at', 'disputed_at',
    'suspended_at', 'warned_at', 'expiry_told_at', 'expires_at', 'version', 'updated_at'];
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
    OR (OLD.status = 'superseded' AND (NEW.status <> 'superseded' OR NEW.superseded_at <> OLD.superseded_at))
    OR NOT NEW.revoked_for @> OLD.revoked_for
    OR (NEW.expires_at IS DISTINCT FROM OLD.expires_at AND (OLD.expires_at IS NOT NULL OR OLD.expires_event = ''))
    OR (OLD.expiry_told_at IS NOT NULL AND NEW.expiry_told_at IS DISTINCT FROM OLD.expiry_told_at)
  THEN
    RAISE EXCEPTION 'a signed consent does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
"""

DECIDED = ("terminated_at", "terminated_by", "termination_basis", "termination_note", "version", "updated_at")


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_steps_restrictions"), ("access", "0002_second_wall"), ("kernel", "0002_keeps")]
    operations = [
        migrations.RunSQL(SIGNED_STAYS, migrations.RunSQL.noop),
        append_only("consent_consentstep"),
        # P2-50: an answer stays; an agreement may still end, once
        keeps("consent_restrictionrequest", name="decided", when="OLD.decision <> 'pending'", but=DECIDED),
        keeps("consent_restrictionrequest", name="ended", when="OLD.terminated_at IS NOT NULL", but=("updated_at",)),
        never_removed("consent_restrictionrequest"),
        walled("consent_consentstep", parent=("consent_consent", "consent_id")),
        walled("consent_restrictionrequest", client="client_id"),
    ]
