"""Mark the stages that episodes went through before this room heard of them. Nothing becomes due by it (MSR-09)."""

from __future__ import annotations

from typing import Any

from django.db import migrations

BATCH = 1000


def mark(apps: Any, schema_editor: Any) -> None:
    """Copy the pathway's ledger, in its order; the first row of an episode is its opening."""
    moves = apps.get_model("episodes", "StageMove").objects.using(schema_editor.connection.alias)
    marks = apps.get_model("measures", "StageMark")
    batch = []
    for move in moves.select_related("episode").order_by("seq").iterator(BATCH):
        batch.append(
            marks(
                episode_id=move.episode_id,
                client_id=move.episode.client_id,
                organization_id=move.episode.organization_id,
                move_id=move.seq if move.from_stage else None,
                stage=move.to_stage,
                effective_at=move.effective_at,
            )
        )
    marks.objects.using(schema_editor.connection.alias).bulk_create(batch, BATCH)


class Migration(migrations.Migration):
    dependencies = [("measures", "0004_texts_append_only"), ("episodes", "0002_ledger_agrees")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
