"""The directory whole: sites, hours, listings that can be trusted, and who said how many places there are."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import casemgmt.kernel.clock
import casemgmt.kernel.ids
from casemgmt.kernel.promises import append_only

# A place that ended is used by no program, and the street of a residence is not published (rules.md §7). Judged at
# commit, whoever wrote; the places are locked first, so that of two transactions the later one sees the other's rows.
PLACES_FIT = """
CREATE FUNCTION programs_places_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told uuid[];
  place record;
BEGIN
  IF TG_TABLE_NAME = 'programs_site' THEN
    told := ARRAY[NEW.id];
  ELSIF TG_TABLE_NAME = 'programs_program' THEN
    told := ARRAY(SELECT site_id FROM programs_program_sites WHERE program_id = NEW.id);
  ELSE
    told := ARRAY[NEW.site_id];
  END IF;
  FOR place IN SELECT id, ended_at, street_published FROM programs_site WHERE id = ANY(told) ORDER BY id
    FOR NO KEY UPDATE
  LOOP
    CONTINUE WHEN place.ended_at IS NULL AND NOT place.street_published;
    IF EXISTS (
      SELECT FROM programs_program_sites AS l JOIN programs_program AS p ON p.id = l.program_id
      WHERE l.site_id = place.id AND (place.ended_at IS NOT NULL OR p.kind = 'sober_living') OFFSET 0
    ) THEN
      RAISE EXCEPTION 'a program is at a site that ended, or a residence at a published street'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'site_fits_its_programs';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER programs_site_fits AFTER INSERT OR UPDATE OF ended_at, street_published ON programs_site
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programs_places_fit();
CREATE CONSTRAINT TRIGGER programs_program_fits AFTER UPDATE OF kind ON programs_program
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programs_places_fit();
CREATE CONSTRAINT TRIGGER programs_link_fits AFTER INSERT OR UPDATE ON programs_program_sites
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programs_places_fit();
"""

UNDO = """
DROP TRIGGER programs_link_fits ON programs_program_sites;
DROP TRIGGER programs_program_fits ON programs_program;
DROP TRIGGER programs_site_fits ON programs_site;
DROP FUNCTION programs_places_fit();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_services_invitations_and_keys"),
        ("programs", "0004_lead_and_enrollments_agree"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CapacityReport",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("old_total", models.PositiveIntegerField(null=True)),
                ("new_total", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField(db_default=casemgmt.kernel.clock.DatabaseNow())),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor_id", models.UUIDField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="capacity_reports",
                        to="programs.program",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["program", "-seq"], name="capacity_report_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("actor_kind", ""), _negated=True), name="capacity_report_has_actor"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=casemgmt.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("freq", models.CharField(choices=[("WEEKLY", "Weekly"), ("MONTHLY", "Monthly")], max_length=8)),
                ("interval", models.PositiveSmallIntegerField(default=1)),
                (
                    "byday",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=4), size=None),
                ),
                ("opens_at", models.TimeField()),
                ("closes_at", models.TimeField()),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("description", models.TextField(blank=True)),
                ("extra", models.JSONField(blank=True, default=dict)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="schedules", to="programs.program"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.site",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("program", "position"), name="schedule_once_per_position"),
                    models.CheckConstraint(
                        condition=models.Q(("freq__in", ["WEEKLY", "MONTHLY"])), name="schedule_freq_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("byday", []), _negated=True), name="schedule_has_days"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("interval", 1),
                            models.Q(("interval__gte", 2), ("interval__lte", 12), ("valid_from__isnull", False)),
                            _connector="OR",
                        ),
                        name="schedule_interval_counts_from_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="schedule_days_in_order",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="program",
            name="alert",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="program",
            name="application_process",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="program",
            name="assurer_email",
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="program",
            name="capacity_confirmed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="program",
            name="capacity_confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="fees",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="program",
            name="interpretation",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="program",
            name="maximum_age",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="program",
            name="minimum_age",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="program",
            name="payers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="phone",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="program",
            name="populations",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="state",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="program",
            name="waitlist_only",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="site",
            name="accessibility",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="site",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="site",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=35), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="phones",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="postal_code",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="site",
            name="street",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="site",
            name="street_published",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="site",
            name="timezone",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="site",
            index=models.Index(fields=["name", "id"], name="site_by_name"),
        ),
        migrations.AddIndex(
            model_name="site",
            index=models.Index(fields=["organization", "name", "id"], name="site_by_organization"),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("minimum_age__isnull", True), ("minimum_age__lte", 120), _connector="OR"),
                    models.Q(("maximum_age__isnull", True), ("maximum_age__lte", 120), _connector="OR"),
                    models.Q(
                        ("minimum_age__isnull", True),
                        ("maximum_age__isnull", True),
                        ("minimum_age__lte", models.F("maximum_age")),
                        _connector="OR",
                    ),
                ),
                name="program_ages_fit",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "populations__contained_by",
                        [
                            "adolescents",
                            "young_adults",
                            "older_adults",
                            "women",
                            "men",
                            "lgbtq",
                            "pregnant_or_postpartum",
                            "parents_with_children",
                            "veterans",
                            "reentry",
                            "co_occurring",
                            "unhoused",
                        ],
                    ),
                    (
                        "payers__contained_by",
                        [
                            "medicaid",
                            "medicare",
                            "private_insurance",
                            "military_insurance",
                            "indian_health_service",
                            "state_funded",
                            "grant",
                            "sliding_scale",
                            "self_pay",
                            "no_charge",
                        ],
                    ),
                ),
                name="program_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("capacity_total__isnull", False), ("capacity_confirmed_at__isnull", True), _connector="OR"
                ),
                name="program_capacity_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("street_published", False), models.Q(("street", ""), _negated=True), _connector="OR"
                ),
                name="site_publishes_what_is_known",
            ),
        ),
        append_only("programs_capacityreport"),
        migrations.RunSQL(PLACES_FIT, UNDO),
    ]
