"""Shapes of the worklist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from casemgmt.accounts.roles import Role
from casemgmt.api.projection import Projected
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.worklist.models import ItemKind, WorkItem
from casemgmt.worklist.querysets import REFERRAL_KINDS


class OpenWorkIn(PageIn):
    """Filters of every list of work; together they narrow."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    kind = serializers.ChoiceField(choices=ItemKind.choices, required=False)
    client = serializers.UUIDField(required=False)
    due_before = serializers.DateTimeField(required=False)
    overdue = serializers.BooleanField(
        required=False, default=False, help_text="True: only what should have been done by now."
    )


class WorkItemsIn(OpenWorkIn):
    """Filters of the organization's worklist. Without `done` only open work is listed."""

    done = serializers.BooleanField(required=False, default=False)
    assignee = serializers.UUIDField(required=False)


class WorkItemOut(Projected, serializers.ModelSerializer[WorkItem]):
    """One thing to do, with a sentence that says what. About a referral received: who it is stands in the packet."""

    text = serializers.SerializerMethodField()
    client_id = serializers.SerializerMethodField()

    class Meta:
        model = WorkItem
        fields = (
            "id",
            "kind",
            "text",
            "client_id",
            "role",
            "assignee_id",
            "priority",
            "due_at",
            "source_type",
            "source_id",
            "done_at",
            "outcome",
            "version",
        )

    def get_client_id(self, item: WorkItem) -> UUID | None:
        """Return the client's id; null to the receiver of a referral, who sees the packet only (REF-04)."""
        return None if item.kind in REFERRAL_KINDS else item.client_id

    def get_text(self, item: Any) -> str:
        """Return the sentence for people."""
        return str(ItemKind(item.kind).label)


class WorkItemDoneIn(StrictSerializer):
    """How it ended."""

    outcome = serializers.ChoiceField(
        choices=["reached", "not_reached", "left_message", "settled", "not_needed", "dismissed"]
    )
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class WorkItemAssignIn(StrictSerializer):
    """Who shall do it; null gives it back to everybody of its role. Needs the version, here or as If-Match."""

    assignee = serializers.UUIDField(
        allow_null=True, help_text="Somebody of your organization who holds the item's role or one above."
    )
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class WorkItemReopenIn(StrictSerializer):
    """Why it is to be done after all."""

    reason = serializers.ChoiceField(choices=["finished_by_mistake", "not_settled"])
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)
