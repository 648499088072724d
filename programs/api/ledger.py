"""How the ledger of an enrollment is shown, and to whom how much of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.accounts.roles import SEES_PAST_EPISODES
from programs.models import EnrollmentMove


class EnrollmentMoveOut(serializers.ModelSerializer[EnrollmentMove]):
    """One row of the ledger. Peers and houses read where and since when, not why (table 1.9, notes 1 and 2)."""

    details_hidden = serializers.SerializerMethodField(help_text="Something is kept from your role.")

    class Meta:
        model = EnrollmentMove
        fields = (
            "seq",
            "enrollment_id",
            "verb",
            "rule",
            "from_stage",
            "to_stage",
            "at",
            "effective_at",
            "actor_kind",
            "actor_id",
            "reason",
            "given",
            "details_hidden",
        )

    def get_details_hidden(self, row: EnrollmentMove) -> bool:
        """Return whether something is kept from the reader."""
        return not self.context["actor"].has_role(*SEES_PAST_EPISODES)

    def to_representation(self, row: EnrollmentMove) -> dict[str, Any]:
        """Return the row as its reader may know it."""
        shown: dict[str, Any] = super().to_representation(row)
        return shown | {"reason": "", "given": {}} if shown["details_hidden"] else shown
