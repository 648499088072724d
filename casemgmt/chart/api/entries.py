"""What the entries of the chart have in common over HTTP: how they are asked for and shown, amended and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import DetailView, ListView, PageIn
from casemgmt.chart.words import reads_details

REASON_LIMIT = 500

COMMON = (
    "id",
    "line_id",
    "client_id",
    "episode_id",
    "organization_id",
    "recorded_by_id",
    "recorded_at",
    "supersedes_id",
    "superseded_by_id",
    "reason",
    "withdrawn",
    "details_hidden",
)


class EntriesIn(PageIn):
    """Whose entries; the last row of each line unless `amended` asks for all."""

    client = serializers.UUIDField()
    episode = serializers.UUIDField(required=False)
    amended = serializers.BooleanField(required=False, default=False, help_text="Also rows that were amended.")


class EntryWithdrawalIn(StrictSerializer):
    """Why an entry should not have been made."""

    reason = serializers.CharField(max_length=REASON_LIMIT)


def amendment_reason() -> serializers.CharField:
    """Return the field that says why an entry is amended."""
    return serializers.CharField(max_length=REASON_LIMIT, help_text="Why it is amended.")


class EntryOut(serializers.ModelSerializer[Any]):
    """One row. `hidden` names what only readers of the chart and its author see; `details_hidden` says that it is."""

    hidden: ClassVar[tuple[str, ...]] = ()

    superseded_by_id = serializers.SerializerMethodField(help_text="The row in its place; null while it is the last.")
    details_hidden = serializers.SerializerMethodField()

    def get_superseded_by_id(self, row: Any) -> UUID | None:
        """Return the id of the row in its place."""
        later = getattr(row, "superseded_by", None)
        return later.pk if later is not None else None

    def get_details_hidden(self, row: Any) -> bool:
        """Return whether something is kept from the reader (table 1.9, notes 1 and 2)."""
        return bool(self.hidden) and not reads_details(self.context["actor"], recorded_by_id=row.recorded_by_id)

    def to_representation(self, row: Any) -> dict[str, Any]:
        """Return the row as its reader may know it."""
        shown = super().to_representation(row)
        if shown["details_hidden"]:
            # the reason of an amendment may tell what was amended
            shown |= {**dict.fromkeys(self.hidden), "reason": ""}
        return shown


class EntriesView(ListView):
    """GET lists a client's entries of one kind."""

    query = EntriesIn
    filters = {"client": "client_id", "episode": "episode_id"}

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, each with the row in its place."""
        return super().rows().select_related("superseded_by")

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep the last row of each line, or all."""
        kept: Any = super().narrow(rows, asked)
        return kept if asked["amended"] else kept.current()  # type: ignore[no-any-return]

    def made(self, row: Any) -> Response:
        """Answer with a row that was written."""
        return Response(self.shown(row), status=201)


class EntryView(DetailView):
    """GET: one row, in force or not."""

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, each with the row in its place."""
        return super().rows().select_related("superseded_by")

    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Answer one row."""
        row = self.rows().fetch(pk)  # type: ignore[attr-defined]
        self.saw(f"{self.audit_action}.read", object_id=row.pk, client_ids=[row.client_id])
        return Response(self.shown(row))
