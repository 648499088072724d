"""Shapes of waitlists and offers. What an actor may not see of whom is shown as a position, and no more."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.places.models import Offer, OfferSkip, WaitlistEntry, WaitlistMove, WaitlistRule
from casemgmt.places.rules.ranking import MOST_POINTS, Weights
from casemgmt.places.words import (
    TOLD_REMOVALS,
    TOLD_WITHDRAWALS,
    DeclineReason,
    EntryStage,
    Need,
    OfferOutcome,
    RemovalReason,
    SkipReason,
    WaitPriority,
)

MOST_NEEDS = len(Need)
POINTS: dict[str, Any] = {"min_value": 0, "max_value": MOST_POINTS, "required": False}


class EntryIn(StrictSerializer):
    """Who is to wait for a place."""

    episode = serializers.UUIDField()
    priority = serializers.ChoiceField(choices=WaitPriority.choices, required=False, default=WaitPriority.ROUTINE.value)
    asked_for = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Not before that day; null: as soon as there is a place.",
    )
    needs = serializers.ListField(
        child=serializers.ChoiceField(choices=Need.choices), required=False, default=list, max_length=MOST_NEEDS
    )


class EntryChangesIn(StrictSerializer):
    """What may change while somebody waits."""

    priority = serializers.ChoiceField(choices=WaitPriority.choices, required=False)
    asked_for = serializers.DateField(required=False, allow_null=True)
    needs = serializers.ListField(
        child=serializers.ChoiceField(choices=Need.choices), required=False, max_length=MOST_NEEDS
    )


class VersionIn(StrictSerializer):
    """Which version was seen; none makes no claim."""

    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class RemovalIn(VersionIn):
    """Why somebody waits no longer."""

    reason = serializers.ChoiceField(choices=[(each.value, each.label) for each in TOLD_REMOVALS])


class EntriesIn(PageIn):
    """Filters of the list of entries."""

    client = serializers.UUIDField(required=False)
    program = serializers.UUIDField(required=False)
    episode = serializers.UUIDField(required=False)
    stage = serializers.ChoiceField(choices=EntryStage.choices, required=False)


class RankTermOut(serializers.Serializer[Any]):
    """One term of a rank."""

    term = serializers.CharField()
    times = serializers.IntegerField()
    points = serializers.IntegerField()


class RankOut(serializers.Serializer[Any]):
    """Points, where they come from, and by which version of the organization's rule (0: the default)."""

    version = serializers.IntegerField()
    points = serializers.IntegerField()
    terms = RankTermOut(many=True)


class EntryOut(serializers.ModelSerializer[WaitlistEntry]):
    """One client in line for one program."""

    stage = serializers.ChoiceField(choices=EntryStage.choices)
    needs = serializers.ListField(child=serializers.ChoiceField(choices=Need.choices))
    removal_reason = serializers.ChoiceField(choices=RemovalReason.choices, allow_blank=True)

    class Meta:
        model = WaitlistEntry
        fields: tuple[str, ...] = (
            "id",
            "client_id",
            "episode_id",
            "program_id",
            "stage",
            "priority",
            "priority_by_id",
            "asked_for",
            "needs",
            "added_at",
            "in_line_since",
            "confirmed_at",
            "passed_over",
            "turned_down",
            "closed_at",
            "removal_reason",
            "enrollment_id",
            "version",
        )


class EntryInLineOut(EntryOut):
    """An entry with where it stands now and why; closed ones stand nowhere."""

    position = serializers.IntegerField(allow_null=True)
    rank = RankOut(allow_null=True)
    unconfirmed = serializers.BooleanField(help_text="Nobody asked for longer than the organization's days.")

    class Meta(EntryOut.Meta):
        fields: tuple[str, ...] = (*EntryOut.Meta.fields, "position", "rank", "unconfirmed")


class OpenOfferOut(serializers.Serializer[Any]):
    """An offer that waits for an answer, as the line shows it."""

    id = serializers.UUIDField()
    expires_at = serializers.DateTimeField()


class PositionOut(serializers.Serializer[Any]):
    """One position in line. `entry` is null where you may not see whom it is: another organization's client.

    `offer` is told to the organization that runs the program, and where you see the client.
    """

    position = serializers.IntegerField()
    stage = serializers.ChoiceField(choices=EntryStage.choices)
    entry = EntryInLineOut(allow_null=True)
    offer = OpenOfferOut(allow_null=True)


class WaitlistMoveOut(serializers.ModelSerializer[WaitlistMove]):
    """One row of an entry's ledger. `given` holds codes and, of an offer or a new rank, the points as they were."""

    class Meta:
        model = WaitlistMove
        fields = ("seq", "verb", "rule", "from_stage", "to_stage", "at", "actor_kind", "actor_id", "given")


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


class EntrySkipOut(serializers.ModelSerializer[OfferSkip]):
    """A place that went past an entry, and why."""

    needs = serializers.ListField(child=serializers.ChoiceField(choices=Need.choices))

    class Meta:
        model = OfferSkip
        fields = ("seq", "position", "reason", "needs", "at")


class WaitlistRuleIn(StrictSerializer):
    """All weights of a new version; what is left out has its default."""

    urgent_points = serializers.IntegerField(**POINTS, default=Weights().urgent_points)
    day_points = serializers.IntegerField(**POINTS, default=Weights().day_points)
    most_days = serializers.IntegerField(**POINTS, default=Weights().most_days)
    step_down_points = serializers.IntegerField(**POINTS, default=Weights().step_down_points)
    reentry_points = serializers.IntegerField(**POINTS, default=Weights().reentry_points)
    passed_over_points = serializers.IntegerField(**POINTS, default=Weights().passed_over_points)
    reason = serializers.CharField(max_length=500)


class WaitlistRuleOut(serializers.ModelSerializer[WaitlistRule]):
    """One version of how an organization orders its lines."""

    class Meta:
        model = WaitlistRule
        fields = (
            "seq",
            "version",
            "urgent_points",
            "day_points",
            "most_days",
            "step_down_points",
            "reentry_points",
            "passed_over_points",
            "reason",
            "set_by_id",
            "at",
        )


class PlacesOut(serializers.Serializer[Any]):
    """Places of a program in numbers; nobody is named. `total` and `open` null: unknown, which is not free."""

    program_id = serializers.UUIDField()
    total = serializers.IntegerField(allow_null=True)
    taken = serializers.IntegerField(help_text="By enrollments.")
    beyond = serializers.IntegerField(help_text="By a supervisor's word, counted apart (G6).")
    held = serializers.IntegerField(help_text="By offers that wait for an answer.")
    open = serializers.IntegerField(allow_null=True)
    waiting = serializers.IntegerField()
    beds = serializers.IntegerField(help_text="In service.")
    beds_open = serializers.IntegerField()
