"""Shapes of waitlists. What an actor may not see of whom is shown as a position, and no more."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.places.models import OfferSkip, WaitlistEntry, WaitlistMove, WaitlistRule
from casemgmt.places.rules.ranking import MOST_POINTS, Weights
from casemgmt.places.words import (
    TOLD_REMOVALS,
    EntryStage,
    Need,
    RemovalReason,
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
    promised = serializers.IntegerField(help_text="By accepted referrals; the client is not enrolled yet.")
    open = serializers.IntegerField(allow_null=True)
    waiting = serializers.IntegerField()
    beds = serializers.IntegerField(help_text="In service.")
    beds_open = serializers.IntegerField()
