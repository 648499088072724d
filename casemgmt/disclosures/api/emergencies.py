"""Emergency disclosures over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.consent.words import DisclosureMethod
from casemgmt.disclosures.models import EmergencyContent, EmergencyDisclosure
from casemgmt.disclosures.rules.emergencies import SCRIPT, WAYS
from casemgmt.disclosures.services import emergencies
from casemgmt.disclosures.services.content import Chosen
from casemgmt.disclosures.words import EmergencyOutcome, RecipientKind

from . import shapes


def answer(emergency: EmergencyDisclosure) -> Response:
    """Return an emergency disclosure with its ETag."""
    return Response(shapes.EmergencyOut(emergency).data, headers=etag(emergency.version))


class ClientEmergenciesView(ApiView):
    """POST: tell medical personnel now."""

    audit_action = "emergency_disclosure"

    @extend_schema(
        operation_id="emergency_disclosures_open", request=shapes.EmergencyIn, responses={201: shapes.ToldOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Tell medical personnel in an emergency, without a consent; the answer holds what to tell."""
        given = self.given(shapes.EmergencyIn)
        chosen = Chosen(tuple(dict.fromkeys(given["categories"])), given.get("told", {}))
        new = emergencies.NewEmergency(
            recipient_kind=RecipientKind(given["recipient_kind"]),
            chosen=chosen,
            facts=given,
            method=DisclosureMethod(given["method"]),
        )
        made = emergencies.open_emergency(client_id=pk, new=new, actor=self.actor)
        return Response(shapes.ToldOut(made).data, status=201, headers=etag(made.version))


class EmergenciesView(ListView):
    """GET: emergency disclosures, newest first."""

    model = EmergencyDisclosure
    output = shapes.EmergencyOut
    query = shapes.EmergenciesIn
    filters = {"client": "client_id"}
    audit_action = "emergency_disclosure"

    def narrow(self, rows: QuerySet[Any], asked: Any) -> QuerySet[Any]:
        """Keep what is finished or not, judged or not, if asked."""
        kept = super().narrow(rows, asked)
        for name in ("closed", "reviewed"):
            if asked[name] is not None:
                kept = kept.filter(**{f"{name}_at__isnull": not asked[name]})
        return kept

    @extend_schema(
        operation_id="emergency_disclosures_list",
        parameters=[shapes.EmergenciesIn],
        responses=page_of(shapes.EmergencyOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List emergency disclosures: all of the organization's for the privacy officer, else by client and team."""
        return super().get(request, **kwargs)


class EmergencyView(DetailView):
    """GET reads one; PATCH writes down facts."""

    model = EmergencyDisclosure
    output = shapes.EmergencyOut
    audit_action = "emergency_disclosure"

    @extend_schema(operation_id="emergency_disclosures_read", responses=shapes.EmergencyOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one emergency disclosure."""
        return super().get(request, pk, **kwargs)

    @extend_schema(
        operation_id="emergency_disclosures_change", request=shapes.FactsIn, responses={200: shapes.EmergencyOut}
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Write down facts; needs If-Match."""
        version = self.if_match(required=True)
        facts = self.given(shapes.FactsIn)
        return answer(emergencies.tell_facts(emergency_id=pk, facts=facts, version=version, actor=self.actor))


class ContentView(DetailView):
    """GET: what was told."""

    model = EmergencyContent
    output = shapes.ContentOut
    audit_action = "emergency_content"

    def rows(self) -> QuerySet[Any]:
        """Return the content of emergencies that the actor may read, of clients the actor may see."""
        seen = EmergencyDisclosure.objects.visible_to(self.actor)
        return super().rows().filter(emergency__in=seen)

    @extend_schema(operation_id="emergency_disclosures_content", responses=shapes.ContentOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read what was told in an emergency."""
        return super().get(request, pk, **kwargs)


class ClosingView(ApiView):
    """POST: the record is finished."""

    audit_action = "emergency_disclosure"

    @extend_schema(
        operation_id="emergency_disclosures_close", request=shapes.SeenVersionIn, responses={200: shapes.EmergencyOut}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Close the record; 422 names the facts that it lacks."""
        version = self.given(shapes.SeenVersionIn).get("version")
        return answer(emergencies.close_emergency(emergency_id=pk, version=version, actor=self.actor))


class ReviewView(ApiView):
    """POST: judge it."""

    audit_action = "emergency_disclosure"

    @extend_schema(
        operation_id="emergency_disclosures_review",
        request=shapes.EmergencyReviewIn,
        responses={200: shapes.EmergencyOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Judge an emergency disclosure; for a privacy officer who did not make it."""
        given = self.given(shapes.EmergencyReviewIn)
        judged = emergencies.review_emergency(
            emergency_id=pk,
            outcome=EmergencyOutcome(given["outcome"]),
            remark=given["remark"],
            version=given.get("version"),
            actor=self.actor,
        )
        return answer(judged)


class ScriptView(ApiView):
    """GET: what to say to everybody else."""

    audit_action = "emergency_script"

    @extend_schema(operation_id="emergency_disclosures_script", responses=shapes.ScriptOut)
    def get(self, request: Request) -> Response:
        """Read what may be said to family, police and others: nothing that identifies."""
        self.saw("emergency_script.read", object_id=None, client_ids=[])
        return Response({"say": list(SCRIPT), "besides": list(WAYS)})
