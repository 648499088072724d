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
from casemgmt.kernel.errors import PreconditionMissing
from casemgmt.worklist.models import WorkItem
from casemgmt.worklist.services import assign_item, finish_item, reopen_item

from . import serializers as shapes


class WorkListView(ListView):
    """What every list of work shares: open items, most urgent first, and the filters."""

    model = WorkItem
    output = shapes.WorkItemOut
    query = shapes.OpenWorkIn
    filters = {"role": "role", "kind": "kind", "client": "client_id", "due_before": "due_at__lt"}
    ordering = ("priority", "due_at", "id")
    audit_action = "work_item"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what the filters keep: open work, unless the list can hold what is done and is asked for it."""
        kept: Any = super().narrow(rows, asked).filter(done_at__isnull=not asked.get("done", False))
        return kept.overdue() if asked["overdue"] else kept  # type: ignore[no-any-return]


class WorkItemsView(WorkListView):
    """GET: the organization's work."""

    query = shapes.WorkItemsIn
    filters = {**WorkListView.filters, "assignee": "assignee_id"}

    @extend_schema(
        operation_id="work_items_list", parameters=[shapes.WorkItemsIn], responses=page_of(shapes.WorkItemOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List your organization's work, most urgent first."""
        return super().get(request, **kwargs)


class MyWorkView(WorkListView):
    """GET: what falls to the caller."""

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what falls to the caller."""
        kept: Any = super().narrow(rows, asked)
        return kept.mine(self.actor)  # type: ignore[no-any-return]

    @extend_schema(
        operation_id="work_items_mine", parameters=[shapes.OpenWorkIn], responses=page_of(shapes.WorkItemOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what falls to you: assigned to you, or for a role of yours and with nobody nearer to the client."""
        return super().get(request, **kwargs)


class MyTeamsWorkView(WorkListView):
    """GET: what is to be done about the clients of the caller's teams."""

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep what is about clients whose team the caller is on."""
        kept: Any = super().narrow(rows, asked)
        return kept.of_my_teams(self.actor)  # type: ignore[no-any-return]

    @extend_schema(
        operation_id="work_items_my_teams", parameters=[shapes.OpenWorkIn], responses=page_of(shapes.WorkItemOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List all open work about clients whose care team you are on, whoever it falls to."""
        return super().get(request, **kwargs)


class WorkItemView(DetailView):
    """GET: one thing to do."""

    model = WorkItem
    output = shapes.WorkItemOut
    audit_action = "work_item"

    @extend_schema(operation_id="work_items_read", responses=shapes.WorkItemOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one item."""
        return super().get(request, pk, **kwargs)


class WorkItemDoneView(ApiView):
    """POST: it is done."""

    audit_action = "work_item"

    @extend_schema(operation_id="work_items_finish", request=shapes.WorkItemDoneIn, responses={200: shapes.WorkItemOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Say how an item ended; a second time is 409 `already_done`."""
        given = self.given(shapes.WorkItemDoneIn)
        item = finish_item(item_id=pk, outcome=given["outcome"], version=given.get("version"), actor=self.actor)
        return Response(shapes.WorkItemOut(item).data, headers=etag(item.version))


class WorkItemAssignView(ApiView):
    """POST: somebody shall do it."""

    audit_action = "work_item"

    @extend_schema(
        operation_id="work_items_assign", request=shapes.WorkItemAssignIn, responses={200: shapes.WorkItemOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Give open work to somebody, or back to its role; 428 without the version you saw, 409 if it is older."""
        given = self.given(shapes.WorkItemAssignIn)
        version = given.get("version", self.if_match(required=False))
        if version is None:
            raise PreconditionMissing()
        item = assign_item(item_id=pk, assignee_id=given["assignee"], version=version, actor=self.actor)
        return Response(shapes.WorkItemOut(item).data, headers=etag(item.version))


class WorkItemReopenView(ApiView):
    """POST: it is not done after all."""

    audit_action = "work_item"

    @extend_schema(
        operation_id="work_items_reopen", request=shapes.WorkItemReopenIn, responses={200: shapes.WorkItemOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Take back that you finished work by mistake, within your organization's hours for it."""
        given = self.given(shapes.WorkItemReopenIn)
        version = given.get("version", self.if_match(required=False))
        item = reopen_item(item_id=pk, reason=given["reason"], version=version, actor=self.actor)
        return Response(shapes.WorkItemOut(item).data, headers=etag(item.version))
