from django.db import migrations, models

# A grant says whether its client is registered by another organization, so that a page of the client list is read from
# two indexes. Who registered a client never changes; a grant for a client who is not there yet counts as elsewhere.
ELSEWHERE = """
CREATE FUNCTION access_grant_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.elsewhere := NOT EXISTS (
    SELECT FROM clients_client AS c WHERE c.id = NEW.client_id AND c.organization_id = NEW.organization_id);
  RETURN NEW;
END
$$;
CREATE TRIGGER access_grant_elsewhere BEFORE INSERT OR UPDATE OF client_id, organization_id, elsewhere ON access_grant
  FOR EACH ROW EXECUTE FUNCTION access_grant_elsewhere();
CREATE TRIGGER clients_client_registered_once BEFORE UPDATE OF organization_id ON clients_client
  FOR EACH ROW WHEN (OLD.organization_id <> NEW.organization_id) EXECUTE FUNCTION casemgmt_append_only();
SELECT set_config('casemgmt.actor_kind', 'system', true);
UPDATE access_grant SET elsewhere = true;
"""

UNDO = """
DROP TRIGGER clients_client_registered_once ON clients_client;
DROP TRIGGER access_grant_elsewhere ON access_grant;
DROP FUNCTION access_grant_elsewhere();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0001_initial"),
        ("access", "0005_registered_elsewhere"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="client", name="client_by_name"),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(fields=["organization", "family_name", "given_name", "id"], name="client_by_name"),
        ),
        migrations.RunSQL(ELSEWHERE, UNDO),
    ]
