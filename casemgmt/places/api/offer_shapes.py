"""Shapes of offers. To whom is told only of clients whom the actor may see."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.places.models import Offer
from casemgmt.places.words import TOLD_WITHDRAWALS, DeclineReason, Need, OfferOutcome, SkipReason

from .serializers import RankOut


class OfferIn(StrictSerializer):
    """What is offered: any place of the program, or one of its beds."""

    bed = serializers.UUIDField(required=False, allow_null=True, default=None)


class OffersIn(PageIn):
    """Filters of the list of offers."""

    client = serializers.UUIDField(required=False)
    program = serializers.UUIDField(required=False)
    entry = serializers.UUIDField(required=False)
    outcome = serializers.ChoiceField(choices=OfferOutcome.choices, required=False)


class OfferAcceptanceIn(StrictSerializer):
    """Who will provide the service, if that is known."""

    provider = serializers.UUIDField(required=False, allow_null=True, default=None)


class DeclineIn(StrictSerializer):
    """Why the client does not take the place."""

    reason = serializers.ChoiceField(choices=DeclineReason.choices)


class WithdrawalIn(StrictSerializer):
    """Why an offer is taken back."""

    reason = serializers.ChoiceField(choices=[(each.value, each.label) for each in TOLD_WITHDRAWALS])


class OfferOut(serializers.ModelSerializer[Offer]):
    """A place offered to somebody in line, with the rank as it was then. `expires_at_local`: by the client's clock."""

    outcome = serializers.ChoiceField(choices=OfferOutcome.choices)
    rank = RankOut()
    timezone = serializers.SerializerMethodField()
    expires_at_local = serializers.SerializerMethodField()

    class Meta:
        model = Offer
        fields = (
            "id",
            "entry_id",
            "client_id",
            "program_id",
            "bed_id",
            "outcome",
            "reason",
            "position",
            "rank",
            "offered_at",
            "offered_by",
            "expires_at",
            "expires_at_local",
            "timezone",
            "ended_at",
            "enrollment_id",
            "version",
        )

    def get_timezone(self, offer: Offer) -> str:
        """Return the client's zone, or that of the organization that cares for them."""
        return offer.client.timezone or offer.entry.episode.organization.timezone

    def get_expires_at_local(self, offer: Offer) -> str:
        """Return when it expires by the client's clock, with the offset."""
        return offer.expires_at.astimezone(ZoneInfo(self.get_timezone(offer))).isoformat()


class MadeOfferOut(serializers.Serializer[Any]):
    """An offer that was just made or taken back: to which position. `offer` is null where you may not see to whom."""

    id = serializers.UUIDField()
    position = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=OfferOutcome.choices)
    expires_at = serializers.DateTimeField()
    skipped = serializers.IntegerField(help_text="How many stood ahead; `…/skips/` says why each was passed over.")
    offer = OfferOut(allow_null=True)


class SkipOut(serializers.Serializer[Any]):
    """Somebody who stood ahead of the one who got an offer, and why the place was not for them.

    `entry_id`, `reason` and `needs` are null where you may not see whom it is.
    """

    position = serializers.IntegerField()
    entry_id = serializers.UUIDField(allow_null=True)
    reason = serializers.ChoiceField(choices=SkipReason.choices, allow_null=True)
    needs = serializers.ListField(child=serializers.ChoiceField(choices=Need.choices), allow_null=True)
