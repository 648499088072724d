"""Shapes of what surrounds a referral for both sides."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from referrals.models import ReferralClock, ReferralSupplement
from referrals.timing import Clock


class ClockOut(serializers.ModelSerializer[ReferralClock]):
    """One deadline, in the receiver's business time."""

    kind = serializers.ChoiceField(choices=Clock.choices)

    class Meta:
        model = ReferralClock
        fields = (
            "kind",
            "started_at",
            "running_since",
            "due_at",
            "warned_at",
            "breached_at",
            "escalated_at",
            "stopped_at",
        )


class SupplementOut(serializers.ModelSerializer[ReferralSupplement]):
    """What was told later, with its notice."""

    class Meta:
        model = ReferralSupplement
        fields = ("seq", "at", "categories", "packet", "packet_sha256")


class LoopOut(serializers.Serializer[Any]):
    """How each side sees the end (F3).

    `claimed`: one side closed it; `closed`: both agree; `disputed`: one does not; `ended`: it ended otherwise.
    """

    state = serializers.ChoiceField(choices=["open", "claimed", "closed", "disputed", "ended"])
    sender_agrees = serializers.BooleanField(allow_null=True, help_text="Null: has not said.")
    receiver_agrees = serializers.BooleanField(allow_null=True, help_text="Null: has not said.")


SURROUNDINGS = (
    "contact_name",
    "appointment_at",
    "first_visit_at",
    "no_shows",
    "returned_summary",
    "question",
    "clocks",
    "supplements",
    "loop",
    "place",
)


class SurroundingsOut(serializers.Serializer[Any]):
    """What both sides see beside the packet."""

    question = serializers.CharField(
        source="around.question", required=False, help_text="What the receiver asked last; empty: nothing."
    )
    clocks = ClockOut(source="around.clocks", many=True)
    supplements = SupplementOut(source="around.supplements", many=True, required=False)
    loop = LoopOut(source="around.loop")
    place = serializers.ChoiceField(
        choices=["none", "kept", "over_capacity"],
        source="around.place",
        help_text="The place that the program keeps for the client until an enrollment takes it over (G6).",
    )
