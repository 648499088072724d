"""What both sides do beside moving a referral, over HTTP: agree on its end, look for somebody else, read its ledger.

And what an organization sets of what a decline means for it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.kernel.errors import NotPermitted
from referrals import words
from referrals.declining import MOST_PARK_DAYS, PARTIES, Meaning, meanings_of, set_meaning
from referrals.models import DeclineRule, Referral, ReferralConfirmation, ReferralMove
from referrals.services.confirming import confirm_end
from referrals.services.suggesting import suggest


class EndConfirmationIn(StrictSerializer):
    """Whether one's side agrees how the loop closed."""

    agrees = serializers.BooleanField()
    outcome = serializers.ChoiceField(choices=words.Outcome.choices, required=False, help_text="How it ended instead.")
    reason = serializers.CharField(max_length=500, required=False, help_text="Why not; needed to disagree.")


class SuggestionOut(serializers.Serializer[Any]):
    """A program that may be asked instead."""

    program_id = serializers.UUIDField(source="program.id")
    program_name = serializers.CharField(source="program.name")
    receiver_id = serializers.UUIDField(source="program.organization_id")
    receiver_name = serializers.CharField(source="program.organization.name")
    city = serializers.CharField(source="program.city")
    places = serializers.ChoiceField(choices=["open", "full", "unknown"])
    because = serializers.ListField(child=serializers.CharField())


class SuggestionsOut(serializers.Serializer[Any]):
    """At most ten, those with places first."""

    results = SuggestionOut(many=True)


class EndConfirmationOut(serializers.ModelSerializer[ReferralConfirmation]):
    """What one side said of the end."""

    class Meta:
        model = ReferralConfirmation
        fields = ("seq", "referral_id", "side", "agrees", "outcome", "reason", "at", "actor_id")


class ConfirmationView(ApiView):
    """POST: say whether one's side agrees how the loop closed."""

    audit_action = "referral"

    @extend_schema(operation_id="referrals_confirm", request=EndConfirmationIn, responses={201: EndConfirmationOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Agree, or say how it ended instead; the last word of each side holds."""
        given = self.given(EndConfirmationIn)
        row = confirm_end(
            referral_id=pk,
            agrees=given["agrees"],
            outcome=given.get("outcome", ""),
            reason=given.get("reason", ""),
            actor=self.actor,
        )
        return Response(EndConfirmationOut(row).data, status=201)


class SuggestionsView(ApiView):
    """GET: whom to ask instead."""

    audit_action = "referral"

    @extend_schema(operation_id="referrals_suggestions", responses=SuggestionsOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """List programs of the same kind that were not asked yet; for the sender's side."""
        found = suggest(referral_id=pk, actor=self.actor)
        self.saw("referral.suggested", object_id=pk, client_ids=[])
        return Response({"results": SuggestionOut(found, many=True).data})


class MoveOut(serializers.ModelSerializer[ReferralMove]):
    """One row of the ledger. Each side reads why its own people did what they did, and what was told to the other."""

    reason = serializers.SerializerMethodField()

    class Meta:
        model = ReferralMove
        fields = ("seq", "verb", "rule", "from_stage", "to_stage", "at", "actor_kind", "actor_id", "reason", "given")

    def get_reason(self, row: ReferralMove) -> str | None:
        """Return the reason to the side that gave it, null to the other."""
        return row.reason if row.actor_organization_id == self.context["actor"].organization_id else None


class MovesView(ListView):
    """GET: the ledger of one referral, newest first."""

    model = ReferralMove
    output = MoveOut
    ordering = ("-seq",)
    audit_action = "referral_move"

    def rows(self) -> Any:
        """Return the rows of a referral that the actor may see; raise NotVisible."""
        referral = Referral.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(referral=referral)

    @extend_schema(operation_id="referrals_moves", parameters=[PageIn], responses=page_of(MoveOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Read what happened to a referral."""
        return super().get(request, **kwargs)


class DeclineRuleIn(StrictSerializer):
    """What shall follow for one's organization when a referral is declined for a reason by a party."""

    decline_reason = serializers.ChoiceField(choices=words.DeclineReason.choices)
    declined_by = serializers.ChoiceField(choices=PARTIES)
    consequence = serializers.ChoiceField(choices=words.Consequence.choices)
    park_days = serializers.IntegerField(min_value=0, max_value=MOST_PARK_DAYS, default=0)
    reason = serializers.CharField(max_length=500)


class MeaningOut(serializers.Serializer[Any]):
    """What follows from one reason and party."""

    decline_reason = serializers.ChoiceField(choices=words.DeclineReason.choices)
    declined_by = serializers.ChoiceField(choices=PARTIES)
    consequence = serializers.ChoiceField(choices=words.Consequence.choices)
    park_days = serializers.IntegerField()


class MeaningsOut(serializers.Serializer[Any]):
    """All of them; never more than ten."""

    results = MeaningOut(many=True)


class DeclineRuleOut(serializers.ModelSerializer[DeclineRule]):
    """One row of the history."""

    declined_by = serializers.ChoiceField(choices=PARTIES)

    class Meta:
        model = DeclineRule
        fields = ("seq", "decline_reason", "declined_by", "consequence", "park_days", "reason", "set_by_id", "at")


class DeclineRulesView(ApiView):
    """GET: what follows from a decline at one's organization; POST sets it."""

    audit_action = "decline_rule"

    @extend_schema(operation_id="decline_rules_read", responses=MeaningsOut)
    def get(self, request: Request) -> Response:
        """Read what holds now, shipped or set."""
        if self.actor.organization_id is None:
            raise NotPermitted()
        found = meanings_of(self.actor.organization_id)
        self.saw("decline_rule.listed", object_id=None, client_ids=[])
        return Response({"results": MeaningOut(found, many=True).data})

    @extend_schema(operation_id="decline_rules_set", request=DeclineRuleIn, responses={201: DeclineRuleOut})
    def post(self, request: Request) -> Response:
        """Set what follows from now on (F3)."""
        given = dict(self.given(DeclineRuleIn))
        reason = given.pop("reason")
        row = set_meaning(meaning=Meaning(**given), reason=reason, actor=self.actor)
        return Response(DeclineRuleOut(row).data, status=201)


class DeclineRuleHistoryView(ListView):
    """GET: what one's organization set, newest first."""

    model = DeclineRule
    output = DeclineRuleOut
    ordering = ("-seq",)
    audit_action = "decline_rule"

    @extend_schema(operation_id="decline_rules_history", parameters=[PageIn], responses=page_of(DeclineRuleOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was set, why and by whom."""
        return super().get(request, **kwargs)
