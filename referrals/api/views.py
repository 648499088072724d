"""Referrals over HTTP: drafting, the two boxes, looking ahead, moving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.transitions import Order, TransitionsOut, TransitionsView
from casemgmt.api.views import DetailView, ListView, etag
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.lifecycle import Option
from referrals.consequences import ReferralOrder
from referrals.models import Referral
from referrals.packing import reachable_at
from referrals.services.drafting import NewReferral, change_draft, draft_referral
from referrals.services.moving import look_ahead, move_referral
from referrals.standing import Side, side_of
from referrals.surroundings import around

from . import serializers as shapes

EITHER_SIDE = PolymorphicProxySerializer(
    component_name="ReferralForSide",
    serializers=[shapes.ReferralOut, shapes.ReceivedReferralOut],
    resource_type_field_name=None,
)


def all_of(referral: Referral, actor: Actor) -> Any:
    """Return a referral as the sender's staff see it."""
    referral.around = around(referral, side=Side.SENDER)  # type: ignore[attr-defined]
    return shapes.ReferralOut(referral, context={"actor": actor}).data


class ReferralsView(ListView):
    """GET lists the sent box or the inbox, urgent and newest first; POST drafts a referral."""

    model = Referral
    output = shapes.ReferralRowOut
    query = shapes.ReferralsIn
    ordering = ("-urgency", "-moved_at", "-id")
    audit_action = "referral"

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, with the names a line shows."""
        rows: QuerySet[Any] = Referral.objects.visible_to(self.actor).with_deadline()
        return rows.select_related("organization", "receiver", "program").defer(
            "packet", "told", "reason", "returned_summary"
        )

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep one box, one stage, one client, what is overdue."""
        box = "organization_id" if asked["box"] == "sent" else "receiver_id"
        rows = rows.filter(**{box: self.actor.organization_id})
        if "stage" in asked:
            rows = rows.filter(stage=asked["stage"])
        if "overdue" in asked:
            rows = rows.filter(overdue=asked["overdue"])
        if "client" in asked:
            rows = rows.filter(client_id=asked["client"], organization_id=self.actor.organization_id)
        return rows

    @extend_schema(
        operation_id="referrals_list", parameters=[shapes.ReferralsIn], responses=page_of(shapes.ReferralRowOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List referrals."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="referrals_draft", request=shapes.ReferralIn, responses={201: shapes.ReferralOut})
    def post(self, request: Request) -> Response:
        """Draft a referral; nothing leaves yet."""
        given = self.given(shapes.ReferralIn)
        new = NewReferral(
            episode_id=given.pop("episode"),
            program_id=given.pop("program"),
            **{**given, "categories": tuple(dict.fromkeys(given.get("categories", ())))},
        )
        referral = draft_referral(new=new, actor=self.actor)
        return Response(all_of(referral, self.actor), status=201, headers=etag(referral.version))


class ReferralView(DetailView):
    """GET reads a referral, in the shape of the reader's side; PATCH edits a draft."""

    model = Referral
    output = shapes.ReferralOut
    audit_action = "referral"

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, with the sender's name."""
        return super().rows().select_related("organization")

    def shown(self, row: Referral) -> Any:
        """Return all to the sender, the packet to the receiver."""
        if side_of(row, self.actor) is not Side.RECEIVER:
            return all_of(row, self.actor)
        row.around = around(row, side=Side.RECEIVER)  # type: ignore[attr-defined]
        row.contact = reachable_at(row)  # type: ignore[attr-defined]
        return shapes.ReceivedReferralOut(row).data

    @extend_schema(operation_id="referrals_read", responses=EITHER_SIDE)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one referral."""
        return super().get(request, pk, **kwargs)

    @extend_schema(operation_id="referrals_change", request=shapes.ReferralChangesIn, responses=shapes.ReferralOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit a draft; needs If-Match."""
        version = self.if_match(required=True)
        changes = self.given(shapes.ReferralChangesIn)
        if "categories" in changes:
            changes["categories"] = list(dict.fromkeys(changes["categories"]))
        referral = change_draft(referral_id=pk, changes=changes, version=version, actor=self.actor)
        return Response(all_of(referral, self.actor), headers=etag(referral.version))


class ReferralTransitionsView(TransitionsView):
    """GET says what may happen next on the reader's side; POST makes it happen."""

    audit_action = "referral"
    order_in = shapes.ReferralOrderIn

    def look(self, pk: UUID) -> tuple[str, int, UUID | None, list[Option]]:
        """Look ahead."""
        referral, found = look_ahead(referral_id=pk, actor=self.actor)
        return str(referral.stage), referral.version, referral.client_id, found

    def move(self, pk: UUID, order: Order) -> tuple[dict[str, Any], int]:
        """Move the referral."""
        wanted = ReferralOrder(verb=order.verb, given=order.given, reason=order.reason, version=order.version)
        row = move_referral(referral_id=pk, order=wanted, actor=self.actor)
        return dict(shapes.ReferralMoveOut(row).data), row.referral.version

    @extend_schema(operation_id="referrals_transitions", responses=TransitionsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is allowed, blocked and why."""
        return super().get(request, pk)

    @extend_schema(
        operation_id="referrals_move", request=shapes.ReferralOrderIn, responses={201: shapes.ReferralMoveOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Move; 422 with what is missing when no consent covers the sending."""
        return super().post(request, pk)
