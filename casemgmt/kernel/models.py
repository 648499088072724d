"""The shape every editable row shares. Nothing else belongs here."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from .clock import DatabaseNow
from .errors import StaleVersion
from .ids import new_id


class Entity(models.Model):
    """An editable row: time-ordered id, when it was made and last changed (UTC), and a version for stale screens."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
    updated_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"

    def require_version(self, version: int | None) -> None:
        """Raise StaleVersion when the caller saw another version; None means the caller made no claim."""
        if version is not None and version != self.version:
            raise StaleVersion(current_version=self.version)

    def save_changes(self, *fields: str, at: datetime) -> None:
        """Save just `fields` of a locked row, at `at` (aware UTC), and count its version up."""
        self.version += 1
        self.updated_at = at
        self.save(update_fields=[*fields, "version", "updated_at"])
