"""Which enrollments may run together, over HTTP: the rules that hold, setting one, and what was set before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.kernel.errors import NotPermitted
from programs.models import CombinationRule
from programs.rules.combinations import SHIPPED, Combination, Relation
from programs.rules.kinds import Kind
from programs.services.combinations import combinations_of, set_combination, set_combination_aside

NAME = r"^[a-z][a-z0-9_]{0,39}$"


class CombinationIn(StrictSerializer):
    """One rule: `kind` needs one of `kinds` beside it, or excludes each of them (in both directions)."""

    name = serializers.RegexField(NAME, help_text="A rule of the same name, shipped ones too, gives way to it.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    relation = serializers.ChoiceField(choices=Relation.choices)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=Kind.choices), allow_empty=False, max_length=len(Kind)
    )
    sentence = serializers.CharField(max_length=300, help_text="Why; whoever is refused reads it.")
    reason = serializers.CharField(max_length=500)


class CombinationAsideIn(StrictSerializer):
    """A rule that the organization does without from now on."""

    name = serializers.RegexField(NAME)
    reason = serializers.CharField(max_length=500)


class CombinationOut(serializers.Serializer[Any]):
    """One rule that holds. `shipped`: it came with the system, and the organization has not set its own."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    relation = serializers.ChoiceField(choices=Relation.choices)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices))
    sentence = serializers.CharField()
    shipped = serializers.BooleanField()


class CombinationsOut(serializers.Serializer[Any]):
    """All rules that hold, by name; there are never more than fifty."""

    results = CombinationOut(many=True)


class CombinationSetOut(serializers.ModelSerializer[CombinationRule]):
    """One row of the history: a rule as it was set, or set aside."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    relation = serializers.ChoiceField(choices=Relation.choices)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices))

    class Meta:
        model = CombinationRule
        fields = ("seq", "name", "kind", "relation", "kinds", "sentence", "in_force", "reason", "set_by_id", "at")


class CombinationsView(ApiView):
    """GET: the rules that hold for the actor's organization; POST sets one."""

    audit_action = "combination"

    @extend_schema(operation_id="combinations_read", responses=CombinationsOut)
    def get(self, request: Request) -> Response:
        """Read the rules that hold now."""
        if self.actor.organization_id is None:
            raise NotPermitted()
        rules = combinations_of(self.actor.organization_id)
        self.saw("combination.listed", object_id=None, client_ids=[])
        shown = [CombinationOut({**asdict(rule), "shipped": rule in SHIPPED}).data for rule in rules]
        return Response({"results": shown})

    @extend_schema(operation_id="combinations_set", request=CombinationIn, responses={201: CombinationSetOut})
    def post(self, request: Request) -> Response:
        """Set a rule of one's organization (STG-01)."""
        given = dict(self.given(CombinationIn))
        reason = given.pop("reason")
        rule = Combination(**{**given, "kinds": tuple(given["kinds"])})
        row = set_combination(rule=rule, reason=reason, actor=self.actor)
        return Response(CombinationSetOut(row).data, status=201)


class CombinationsAsideView(ApiView):
    """POST: do without a rule."""

    audit_action = "combination"

    @extend_schema(
        operation_id="combinations_set_aside", request=CombinationAsideIn, responses={201: CombinationSetOut}
    )
    def post(self, request: Request) -> Response:
        """Set a rule aside, from now on."""
        given = self.given(CombinationAsideIn)
        row = set_combination_aside(name=given["name"], reason=given["reason"], actor=self.actor)
        return Response(CombinationSetOut(row).data, status=201)


class CombinationHistoryView(ListView):
    """GET: what one's organization set and set aside, newest first."""

    model = CombinationRule
    output = CombinationSetOut
    ordering = ("-seq",)
    audit_action = "combination"

    @extend_schema(operation_id="combinations_history", parameters=[PageIn], responses=page_of(CombinationSetOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the settings of one's organization."""
        return super().get(request, **kwargs)
