"""Programs over HTTP: reading the directory, publishing and editing programs, saying how many places there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import DetailView, ListView, PageIn, etag
from programs.models import CapacityReport, Program, Site
from programs.services.capacity import confirm_capacity
from programs.services.directory import NewProgram, change_program, publish_program
from programs.services.hours import NewHours

from . import program_shapes as shapes


def with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return programs with what ProgramOut shows of other tables: a few queries for any number of rows."""
    sites = Prefetch("sites", Site.objects.with_residence())
    return rows.select_related("organization").prefetch_related(sites, "schedules__site")


def flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a program's values as columns: a level of care is two of them, hours are lines."""
    values = dict(given)
    if "level_of_care" in values:
        level = values.pop("level_of_care")
        values["level_of_care_edition"] = level["edition"] if level else None
        values["level_of_care_code"] = level["code"] if level else ""
    if "schedules" in values:
        values["schedules"] = [NewHours(**{**line, "byday": tuple(line["byday"])}) for line in values["schedules"]]
    return values


class ProgramsView(ListView):
    """GET lists programs by name; POST publishes one."""

    model = Program
    output = shapes.ProgramOut
    query = shapes.ProgramsIn
    filters = {"kind": "kind", "organization": "organization_id", "published": "published"}
    ordering = ("name", "id")
    audit_action = "program"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep a modality or a level of residence as well."""
        rows = super().narrow(rows, asked)
        if "modality" in asked:
            rows = rows.filter(modalities__contains=[asked["modality"]])
        if "narr_level" in asked:
            rows = rows.exclude(narr_level="").filter(narr_level=asked["narr_level"])
        return with_names(rows)

    @extend_schema(operation_id="programs_list", parameters=[shapes.ProgramsIn], responses=page_of(shapes.ProgramOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List programs."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="programs_publish", request=shapes.ProgramIn, responses={201: shapes.ProgramOut})
    def post(self, request: Request) -> Response:
        """Put a program of one's own organization into the directory."""
        given = self.given(shapes.ProgramIn)
        program = publish_program(new=NewProgram(**flat(given)), actor=self.actor)
        shown = self.shown(with_names(self.rows()).get(pk=program.pk))
        return Response(shown, status=201, headers=etag(program.version))


class ProgramView(DetailView):
    """GET: one program; PATCH edits it."""

    model = Program
    output = shapes.ProgramOut
    audit_action = "program"

    def rows(self) -> QuerySet[Any]:
        """Return the programs the actor may see, with what is shown of other tables."""
        return with_names(super().rows())

    @extend_schema(operation_id="programs_read", responses=shapes.ProgramOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one program."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="programs_change", request=shapes.ProgramChangesIn, responses=shapes.ProgramOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit a program of one's own organization; If-Match says which version was seen."""
        given = self.given(shapes.ProgramChangesIn)
        program = change_program(
            program_id=pk, changes=flat(given), version=self.if_match(required=True), actor=self.actor
        )
        return Response(self.shown(self.rows().get(pk=program.pk)), headers=etag(program.version))


class CapacityView(ListView):
    """GET: who said when how many places a program has. POST: says so now."""

    model = CapacityReport
    output = shapes.CapacityReportOut
    ordering = ("-seq",)
    audit_action = "program_capacity"

    def rows(self) -> QuerySet[Any]:
        """Return the ledger of a program of one's own organization; raise NotVisible for a program nobody sees."""
        program = Program.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(program=program)

    @extend_schema(
        operation_id="program_capacity_list", parameters=[PageIn], responses=page_of(shapes.CapacityReportOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List who confirmed or changed the places of a program of one's own organization."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="program_capacity_confirm", request=shapes.CapacityIn, responses={200: shapes.ProgramOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Confirm the number of places of a program of one's own organization, or change it."""
        total = self.given(shapes.CapacityIn).get("capacity_total")
        program = confirm_capacity(program_id=pk, total=total, version=self.if_match(required=False), actor=self.actor)
        row = with_names(Program.objects.visible_to(self.actor)).get(pk=program.pk)
        shown = shapes.ProgramOut(row, context={"actor": self.actor}).data
        return Response(shown, headers=etag(program.version))
