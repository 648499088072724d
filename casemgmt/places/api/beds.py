"""Beds over HTTP: the beds of a house, who gets one, moving, holding, freeing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.paging import page
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, PageIn, etag
from casemgmt.places.models import Bed, BedUse
from casemgmt.places.services.beds import (
    NewBed,
    NewHold,
    add_bed,
    assign_bed,
    change_bed,
    end_use,
    hold_bed,
    move_stay,
)
from casemgmt.places.services.house import occupied
from casemgmt.places.words import HoldReason
from programs.models import Program

from . import bed_shapes as shapes
from .serializers import VersionIn


def _in_bed(beds: Iterable[Any]) -> list[UUID]:
    """Return the clients whom these beds show, each once."""
    uses = (bed.use for bed in beds if bed.use is not None)
    return list(dict.fromkeys(use.client_id for use in uses if use.client_id))


class HouseBedsView(ListView):
    """GET: the beds of a house of one's organization, by room, and who is in them. POST: one more."""

    model = Bed
    output = shapes.BedOut
    ordering = ("room", "name", "id")
    audit_action = "bed"

    @extend_schema(operation_id="beds_list", parameters=[PageIn], responses=page_of(shapes.BedOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List beds; who is in one is told only of clients whom you may see."""
        house = Program.objects.visible_to(self.actor).own(self.actor).fetch(kwargs["pk"])
        asked, beds = self.asked(PageIn), self.rows().filter(program=house)
        rows, following = page(
            beds, places=beds, ordering=self.ordering, cursor=asked.get("cursor"), limit=asked["limit"]
        )
        shown = occupied(rows, actor=self.actor)
        self.saw("bed.listed", object_id=house.id, client_ids=_in_bed(shown))
        return Response({"results": shapes.BedOut(shown, many=True).data, "next": following})

    @extend_schema(operation_id="beds_add", request=shapes.BedIn, responses={201: shapes.BedOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Add a bed to a residence of your organization; 409 `bed_exists`."""
        bed = add_bed(program_id=pk, new=NewBed(**self.given(shapes.BedIn)), actor=self.actor)
        (shown,) = occupied([bed], actor=self.actor)
        return Response(self.shown(shown), status=201, headers=etag(bed.version))


class BedView(DetailView):
    """GET: one bed. PATCH: what is known of it, and whether it is in service."""

    model = Bed
    output = shapes.BedOut
    audit_action = "bed"

    def shown(self, row: Any) -> Any:
        """Return the bed with how it is now; who is in it was seen, also by somebody who changed the bed (HIP-02)."""
        (bed,) = occupied([row], actor=self.actor)
        self.saw("bed.read", object_id=row.pk, client_ids=_in_bed([bed]))
        return super().shown(bed)

    @extend_schema(operation_id="beds_read", responses=shapes.BedOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one bed."""
        bed = self.rows().fetch(pk)  # type: ignore[attr-defined]
        return Response(self.shown(bed), headers=etag(bed.version))

    @extend_schema(operation_id="beds_change", request=shapes.BedChangesIn, responses=shapes.BedOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change a bed; If-Match says which version was seen. A taken one stays in service."""
        changes, version = self.given(shapes.BedChangesIn), self.if_match(required=True)
        bed = change_bed(bed_id=pk, changes=changes, version=version, actor=self.actor)
        return Response(self.shown(bed), headers=etag(bed.version))


class StaysView(ApiView):
    """POST: somebody gets a bed."""

    audit_action = "bed"

    @extend_schema(operation_id="beds_assign", request=shapes.StayIn, responses={201: shapes.BedUseOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Give a bed to somebody enrolled in its house; 409 `bed_taken`, `client_has_bed`."""
        given = self.given(shapes.StayIn)
        use = assign_bed(bed_id=pk, enrollment_id=given["enrollment"], starts_at=given["starts_at"], actor=self.actor)
        return Response(shapes.BedUseOut(use).data, status=201, headers=etag(use.version))


class HoldsView(ApiView):
    """POST: a bed is kept free."""

    audit_action = "bed"

    @extend_schema(operation_id="beds_hold", request=shapes.HoldIn, responses={201: shapes.BedUseOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Keep a bed free, for somebody or for nobody; 409 `bed_taken`."""
        given = self.given(shapes.HoldIn)
        new = NewHold(HoldReason(given["reason"]), until=given["until"], client_id=given["client"])
        use = hold_bed(bed_id=pk, new=new, actor=self.actor)
        return Response(shapes.BedUseOut(use).data, status=201, headers=etag(use.version))


class BedUsesView(ListView):
    """GET: stays and holds one may see, newest first, also ended ones."""

    model = BedUse
    output = shapes.BedUseOut
    query = shapes.BedUsesIn
    filters = {"bed": "bed_id", "client": "client_id", "enrollment": "enrollment_id", "kind": "kind"}
    audit_action = "bed_use"

    def rows(self) -> QuerySet[Any]:
        """Return visible uses with their clients."""
        return super().rows().select_related("client")

    @extend_schema(operation_id="bed_uses_list", parameters=[shapes.BedUsesIn], responses=page_of(shapes.BedUseOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List stays and holds."""
        return super().get(request, **kwargs)


class BedMoveView(ApiView):
    """POST: somebody moves to another bed of the house."""

    audit_action = "bed"

    @extend_schema(operation_id="bed_uses_move", request=shapes.BedMoveIn, responses={201: shapes.BedUseOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Move; the old stay ends where the new one begins."""
        given = self.given(shapes.BedMoveIn)
        version = given.get("version", self.if_match(required=False))
        use = move_stay(use_id=pk, bed_id=given["bed"], version=version, actor=self.actor)
        return Response(shapes.BedUseOut(use).data, status=201, headers=etag(use.version))


class BedEndView(ApiView):
    """POST: a bed is free again."""

    audit_action = "bed"

    @extend_schema(operation_id="bed_uses_end", request=VersionIn, responses={200: shapes.BedUseOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """End a stay or a hold; the enrollment goes on."""
        version = self.given(VersionIn).get("version", self.if_match(required=False))
        use = end_use(use_id=pk, version=version, actor=self.actor)
        return Response(shapes.BedUseOut(use).data, headers=etag(use.version))
