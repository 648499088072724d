"""Ledgers of this room can only grow, and a consent to text is always what its ledger says (SMS-01, reliability 4.2)."""

from django.db import migrations

from casemgmt.kernel.promises import append_only

AGREES = """
CREATE FUNCTION notifications_consent_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  consent uuid;
  state_now text;
  state_told text;
BEGIN
  IF TG_TABLE_NAME = 'notifications_textingconsent' THEN
    consent := NEW.id;
  ELSE
    consent := NEW.consent_id;
  END IF;
  SELECT state INTO state_now FROM notifications_textingconsent WHERE id = consent;
  SELECT state_after INTO state_told FROM notifications_textingconsentevent
    WHERE consent_id = consent ORDER BY seq DESC LIMIT 1;
  IF state_now IS DISTINCT FROM coalesce(state_told, 'none') THEN
    RAISE EXCEPTION 'a consent to text disagrees with its ledger' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER textingconsent_agrees_with_ledger
  AFTER INSERT OR UPDATE OF state ON notifications_textingconsent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION notifications_consent_agrees();
CREATE CONSTRAINT TRIGGER textingconsentevent_agrees_with_consent
  AFTER INSERT ON notifications_textingconsentevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION notifications_consent_agrees();
"""

UNDO = """
DROP TRIGGER textingconsentevent_agrees_with_consent ON notifications_textingconsentevent;
DROP TRIGGER textingconsent_agrees_with_ledger ON notifications_textingconsent;
DROP FUNCTION notifications_consent_agrees();
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [
        append_only("notifications_attempt"),
        append_only("notifications_attemptoutcome"),
        append_only("notifications_textingconsentevent"),
        migrations.RunSQL(AGREES, UNDO),
    ]
