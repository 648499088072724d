"""The ledger can only grow, and the stage of an episode is always what its ledger says (F2, STG-12)."""

from django.db import migrations

from casemgmt.kernel.promises import append_only, stage_agrees


class Migration(migrations.Migration):
    dependencies = [("episodes", "0001_initial")]
    operations = [
        append_only("episodes_stagemove"),
        stage_agrees(subject="episodes_episode", ledger="episodes_stagemove", column="episode_id"),
    ]
