"""What PostgreSQL keeps for this room: the ledger only grows and agrees, and what was sent stays as it was sent."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, stage_agrees

# F4: the packet is what the receiver saw and what its hash stands for.
PACKET_STAYS = """
CREATE FUNCTION referral_packet_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.packet_sha256 <> '' AND (
    NEW.packet, NEW.packet_sha256, NEW.consent_id, NEW.sent_at, NEW.sent_by
  ) IS DISTINCT FROM (
    OLD.packet, OLD.packet_sha256, OLD.consent_id, OLD.sent_at, OLD.sent_by
  ) THEN
    RAISE EXCEPTION 'a packet that was sent does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.client_id, NEW.episode_id, NEW.organization_id, NEW.receiver_id, NEW.program_id, NEW.kind)
    IS DISTINCT FROM (OLD.client_id, OLD.episode_id, OLD.organization_id, OLD.receiver_id, OLD.program_id, OLD.kind)
  THEN
    RAISE EXCEPTION 'who is referred to whom does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER referral_packet_stays BEFORE UPDATE ON referrals_referral
  FOR EACH ROW EXECUTE FUNCTION referral_packet_stays();
"""

UNDO = """
DROP TRIGGER referral_packet_stays ON referrals_referral;
DROP FUNCTION referral_packet_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("kernel", "0001_promises")]
    operations = [
        append_only("referrals_referralmove"),
        stage_agrees(subject="referrals_referral", ledger="referrals_referralmove", column="referral_id"),
        migrations.RunSQL(PACKET_STAYS, UNDO),
    ]
