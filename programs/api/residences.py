"""Acknowledgements of house rules over HTTP: recording and reading them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ListView, PageIn
from programs.models import Enrollment, HouseAgreement
from programs.services.residences import NewAgreement, record_house_agreement

from .serializers import HASH


class HouseAgreementIn(StrictSerializer):
    """The client acknowledged the house rules; or, with `withdrawn` and a reason, the one on record was none."""

    agreed_at = serializers.DateTimeField(required=False, help_text="Without it the client agreed just now.")
    rules_hash = serializers.RegexField(HASH, required=False, help_text="SHA-256 of the rules that the client read.")
    witness = serializers.UUIDField(required=False, help_text="Without it whoever records it was there.")
    withdrawn = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class HouseAgreementOut(serializers.ModelSerializer[HouseAgreement]):
    """One row about an acknowledgement; the last of an enrollment holds."""

    class Meta:
        model = HouseAgreement
        fields = (
            "seq",
            "enrollment_id",
            "agreed_at",
            "rules_hash",
            "withdrawn",
            "supersedes_id",
            "witnessed_by_id",
            "reason",
            "recorded_at",
            "actor_kind",
            "actor_id",
        )


class HouseAgreementsView(ListView):
    """GET lists what was acknowledged, newest first; POST records an acknowledgement or takes one back."""

    model = HouseAgreement
    output = HouseAgreementOut
    ordering = ("-seq",)
    audit_action = "house_agreement"

    def rows(self) -> QuerySet[Any]:
        """Return the rows of an enrollment the actor may see; raise NotVisible for another."""
        enrollment = Enrollment.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return HouseAgreement.objects.filter(enrollment=enrollment).select_related("enrollment")

    def client_of(self, row: Any) -> UUID | None:
        """Return the client of the enrollment."""
        return row.enrollment.client_id  # type: ignore[no-any-return]

    @extend_schema(operation_id="house_agreements_list", parameters=[PageIn], responses=page_of(HouseAgreementOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the acknowledgements of an enrollment in a residence."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="house_agreements_record", request=HouseAgreementIn, responses={201: HouseAgreementOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Record that the client acknowledged the house rules in force (G8)."""
        given = dict(self.given(HouseAgreementIn))
        new = NewAgreement(witness_id=given.pop("witness", None), **given)
        row = record_house_agreement(enrollment_id=pk, new=new, actor=self.actor)
        return Response(self.shown(row), status=201)
