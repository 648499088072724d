"""Enrollments over HTTP: planning, naming the provider, moving, reading the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.transitions import Order, TransitionsOut, TransitionsView
from casemgmt.api.views import DetailView, ListView, PageIn, etag
from casemgmt.kernel.lifecycle import Option
from programs.models import Enrollment, EnrollmentMove
from programs.services.enrollments import (
    NewEnrollment,
    look_ahead,
    move_enrollment,
    name_provider,
    plan_enrollment,
)
from programs.services.steps import EnrollmentOrder

from . import serializers as shapes
from .ledger import EnrollmentMoveOut


class EnrollmentsView(ListView):
    """GET lists enrollments, newest first; POST plans one."""

    model = Enrollment
    output = shapes.EnrollmentOut
    query = shapes.EnrollmentsIn
    filters = {"client": "client_id", "episode": "episode_id", "program": "program_id"}
    audit_action = "enrollment"

    def rows(self) -> QuerySet[Any]:
        """Return enrollments with their programs."""
        return super().rows().select_related("program")

    @extend_schema(
        operation_id="enrollments_list", parameters=[shapes.EnrollmentsIn], responses=page_of(shapes.EnrollmentOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List enrollments."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="enrollments_plan", request=shapes.EnrollmentIn, responses={201: shapes.EnrollmentOut})
    def post(self, request: Request) -> Response:
        """Plan an enrollment and hold a place; 409 `capacity_full`, or `transition_blocked` by a combination rule."""
        given = self.given(shapes.EnrollmentIn)
        new = NewEnrollment(
            episode_id=given["episode"],
            program_id=given["program"],
            provider_id=given["provider"],
            reason=given["reason"],
            over_capacity_reason=given["over_capacity_reason"].strip(),
        )
        enrollment = plan_enrollment(new=new, actor=self.actor)
        return Response(self.shown(enrollment), status=201, headers=etag(enrollment.version))


class EnrollmentView(DetailView):
    """GET: one enrollment; PATCH names its provider."""

    model = Enrollment
    output = shapes.EnrollmentOut
    audit_action = "enrollment"

    def rows(self) -> QuerySet[Any]:
        """Return the enrollments the actor may see, with their programs."""
        return super().rows().select_related("program")

    @extend_schema(operation_id="enrollments_read", responses=shapes.EnrollmentOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one enrollment."""
        return super().get(request, pk, **kwargs)

    @extend_schema(
        operation_id="enrollments_change", request=shapes.EnrollmentChangesIn, responses=shapes.EnrollmentOut
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Name the provider; If-Match says which version was seen."""
        given = self.given(shapes.EnrollmentChangesIn)
        enrollment = name_provider(
            enrollment_id=pk,
            provider_id=given["provider"],
            version=self.if_match(required=True),
            actor=self.actor,
        )
        return Response(self.shown(enrollment), headers=etag(enrollment.version))


class EnrollmentTransitionsView(TransitionsView):
    """GET says what may happen next; POST makes it happen."""

    audit_action = "enrollment"
    order_in = shapes.EnrollmentOrderIn

    def look(self, pk: UUID) -> tuple[str, int, UUID | None, list[Option]]:
        """Look ahead."""
        enrollment, found = look_ahead(enrollment_id=pk, actor=self.actor)
        return str(enrollment.stage), enrollment.version, enrollment.client_id, found

    def move(self, pk: UUID, order: Order) -> tuple[dict[str, Any], int]:
        """Move the enrollment."""
        wanted = EnrollmentOrder(
            verb=order.verb,
            given=order.given,
            reason=order.reason,
            effective_at=order.effective_at,
            version=order.version,
        )
        row = move_enrollment(enrollment_id=pk, order=wanted, actor=self.actor)
        return dict(EnrollmentMoveOut(row, context={"actor": self.actor}).data), row.enrollment.version

    @extend_schema(operation_id="enrollments_transitions", responses=TransitionsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is allowed, blocked and why."""
        return super().get(request, pk)

    @extend_schema(
        operation_id="enrollments_move", request=shapes.EnrollmentOrderIn, responses={201: EnrollmentMoveOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Move, or be told everything that stands against it."""
        return super().post(request, pk)


class EnrollmentMovesView(ListView):
    """GET: the ledger of one enrollment, newest first."""

    model = EnrollmentMove
    output = EnrollmentMoveOut
    ordering = ("-seq",)
    audit_action = "enrollment_move"

    def rows(self) -> QuerySet[Any]:
        """Return the moves of an enrollment the actor may see; raise NotVisible for another."""
        enrollment = Enrollment.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return EnrollmentMove.objects.filter(enrollment=enrollment).select_related("enrollment")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the move's enrollment."""
        return row.enrollment.client_id  # type: ignore[no-any-return]

    @extend_schema(operation_id="enrollments_moves", parameters=[PageIn], responses=page_of(EnrollmentMoveOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the moves of an enrollment."""
        return super().get(request, **kwargs)
