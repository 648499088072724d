"""The ledger tells who acted in which roles and for whom, is corrected by rows that supersede, and codes its ends (F2).

Rows from before enter what they led to; who acted in which roles was not kept then, and nothing is made up.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# The one time that rows of a ledger are written again: two new columns get what the old ones say.
TAKE_OVER = """
ALTER TABLE episodes_stagemove DISABLE TRIGGER episodes_stagemove_append_only;
UPDATE episodes_stagemove SET enters = to_stage;
ALTER TABLE episodes_stagemove ENABLE TRIGGER episodes_stagemove_append_only;
UPDATE episodes_episode AS e SET
  teds_code = CASE e.stage
    WHEN 'completed' THEN 1
    WHEN 'transferred' THEN 4
    WHEN 'deceased' THEN 6
    WHEN 'discharged' THEN CASE m.given ->> 'discharge_reason'
      WHEN 'dropped_out' THEN 2 WHEN 'terminated_by_facility' THEN 3 WHEN 'incarcerated' THEN 5 ELSE 7 END
    END,
  last_contact_on = (m.given ->> 'last_contact')::date
FROM episodes_stagemove AS m
WHERE e.stage IN ('completed', 'transferred', 'deceased', 'discharged')
  AND m.seq = (SELECT max(seq) FROM episodes_stagemove WHERE episode_id = e.id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("episodes", "0002_ledger_agrees"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="stagemove",
            name="stage_move_allowed",
        ),
        migrations.AddField(
            model_name="episode",
            name="last_contact_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="episode",
            name="teds_code",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "Treatment completed"),
                    (2, "Dropped out of treatment"),
                    (3, "Terminated by facility"),
                    (4, "Transferred to another treatment program or facility"),
                    (5, "Incarcerated"),
                    (6, "Death"),
                    (7, "Other"),
                ],
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="stagemove",
            name="actor_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="stagemove",
            name="definition",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="stagemove",
            name="enters",
            field=models.CharField(default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="stagemove",
            name="on_behalf_of",
            field=models.CharField(
                blank=True,
                choices=[
                    ("client", "Client"),
                    ("peer", "Peer"),
                    ("house", "House"),
                    ("case_manager", "Case Manager"),
                    ("clinician", "Clinician"),
                    ("system", "System"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="stagemove",
            name="supersedes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="superseded_by",
                to="episodes.stagemove",
            ),
        ),
        migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "completed"), ("teds_code__in", (1,))),
                    models.Q(("stage", "discharged"), ("teds_code__in", (2, 3, 5, 7))),
                    models.Q(("stage", "transferred"), ("teds_code__in", (4,))),
                    models.Q(("stage", "deceased"), ("teds_code__in", (6,))),
                    models.Q(
                        models.Q(("stage__in", ["completed", "discharged", "transferred", "deceased"]), _negated=True),
                        ("teds_code__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="episode_teds_code_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "from_stage__in",
                            [
                                "intake",
                                "waitlist",
                                "iop",
                                "therapy",
                                "peer_support",
                                "sober_living",
                                "aftercare",
                                "on_hold",
                                "completed",
                                "discharged",
                                "transferred",
                                "deceased",
                                "cancelled",
                            ],
                        ),
                        ("rule", "T20"),
                        ("supersedes__isnull", False),
                        (
                            "to_stage__in",
                            [
                                "intake",
                                "waitlist",
                                "iop",
                                "therapy",
                                "peer_support",
                                "sober_living",
                                "aftercare",
                                "on_hold",
                                "completed",
                                "discharged",
                                "transferred",
                                "deceased",
                                "cancelled",
                            ],
                        ),
                        ("verb", "correct"),
                    ),
                    models.Q(
                        ("supersedes__isnull", True),
                        models.Q(
                            models.Q(("from_stage", ""), ("to_stage", "intake")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "completed")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "discharged")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "iop")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "on_hold")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "aftercare"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "intake"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "intake"), ("to_stage", "cancelled")),
                            models.Q(("from_stage", "intake"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "intake"), ("to_stage", "iop")),
                            models.Q(("from_stage", "intake"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "intake"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "intake"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "intake"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "intake"), ("to_stage", "waitlist")),
                            models.Q(("from_stage", "iop"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "iop"), ("to_stage", "completed")),
                            models.Q(("from_stage", "iop"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "iop"), ("to_stage", "discharged")),
                            models.Q(("from_stage", "iop"), ("to_stage", "on_hold")),
                            models.Q(("from_stage", "iop"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "iop"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "iop"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "iop"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "completed")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "discharged")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "iop")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "on_hold"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "completed")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "discharged")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "iop")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "on_hold")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "peer_support"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "completed")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "discharged")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "iop")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "on_hold")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "sober_living"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "completed")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "discharged")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "iop")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "on_hold")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "therapy"), ("to_stage", "transferred")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "aftercare")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "cancelled")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "deceased")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "iop")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "peer_support")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "sober_living")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "therapy")),
                            models.Q(("from_stage", "waitlist"), ("to_stage", "transferred")),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="stage_move_allowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("enters", models.F("to_stage")),
                    models.Q(
                        (
                            "enters__in",
                            [
                                "intake",
                                "waitlist",
                                "iop",
                                "therapy",
                                "peer_support",
                                "sober_living",
                                "aftercare",
                                "on_hold",
                                "completed",
                                "discharged",
                                "transferred",
                                "deceased",
                                "cancelled",
                            ],
                        ),
                        ("from_stage", models.F("to_stage")),
                        ("supersedes__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="stage_move_enters_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("supersedes__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="stage_move_correction_has_reason",
            ),
        ),
    ]
