"""The worklist: what is to be done, and saying that it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.worklist.models import WorkItem
from casemgmt.worklist.services import finish_item

from .serializers import WorkItemDoneIn, WorkItemOut, WorkItemsIn


class WorkItemsView(ListView):
    """GET: the organization's work, most urgent first."""

    model = WorkItem
    output = WorkItemOut
    query = WorkItemsIn
    filters = {"role": "role", "kind": "kind", "client": "client_id"}
    ordering = ("priority", "due_at", "id")
    audit_action = "work_item"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what is done, or what is not."""
        return super().narrow(rows, asked).filter(done_at__isnull=not asked["done"])

    @extend_schema(operation_id="work_items_list", parameters=[WorkItemsIn], responses=page_of(WorkItemOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List work."""
        return super().get(request, **kwargs)


class WorkItemView(DetailView):
    """GET: one thing to do."""

    model = WorkItem
    output = WorkItemOut
    audit_action = "work_item"

    @extend_schema(operation_id="work_items_read", responses=WorkItemOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one item."""
        return super().get(request, pk, **kwargs)


class WorkItemDoneView(ApiView):
    """POST: it is done."""

    audit_action = "work_item"

    @extend_schema(operation_id="work_items_finish", request=WorkItemDoneIn, responses={200: WorkItemOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Say how an item ended; a second time is 409 `already_done`."""
        given = self.given(WorkItemDoneIn)
        item = finish_item(item_id=pk, outcome=given["outcome"], version=given.get("version"), actor=self.actor)
        return Response(WorkItemOut(item).data, headers=etag(item.version))
