"""CLN-04, CLN-30, G11, G12: what the chart holds is amended by another row, never edited or removed."""

from django.db import migrations

from casemgmt.kernel.promises import append_only

TABLES = (
    "chart_levelofcareassessment",
    "chart_continuingcareplan",
    "chart_contactattempt",
    "chart_returntouse",
    "chart_returntousereview",
    "chart_iopreview",
)


class Migration(migrations.Migration):
    dependencies = [("chart", "0001_initial"), ("kernel", "0001_promises")]
    operations = [append_only(table) for table in TABLES]
