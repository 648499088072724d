"""Shapes of episodes, their moves and proposals."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import OptionOut, OrderIn
from casemgmt.api.views import PageIn
from casemgmt.episodes.models import AskedBy, StageProposal
from casemgmt.episodes.stages import CARE, Stage

from .shown import DiscreetSerializer, StageMoveOut

TERMINATION_CAUSES = (
    "return_to_use",
    "violence_or_threat",
    "house_or_program_rules",
    "payment",
    "eligibility",
    "other",
)


class MoveDataIn(StrictSerializer):
    """What the rules need to be told; `GET …/transitions/` says which of these a verb needs."""

    start_date = serializers.DateField(required=False)
    level_of_care = serializers.UUIDField(required=False, help_text="The signed level of care (G5).")
    peer = serializers.UUIDField(required=False)
    goals = serializers.CharField(max_length=2000, required=False)
    residence = serializers.UUIDField(required=False, help_text="The program's id.")
    move_in = serializers.DateField(required=False)
    prior_treatment_end = serializers.DateField(required=False)
    trigger = serializers.ChoiceField(
        choices=["return_to_use", "symptom_rise", "housing_loss", "request"], required=False
    )
    progress_summary = serializers.CharField(max_length=4000, required=False)
    old_service = serializers.ChoiceField(
        choices=["end", "continue"], required=False, help_text="What becomes of the stage's service that is left (T9)."
    )
    return_to_use = serializers.UUIDField(required=False, help_text="The recorded return to use (T19).")
    expedite = serializers.BooleanField(required=False, help_text="Start ahead and have it co-signed (T8).")
    divergence_reason = serializers.CharField(max_length=2000, required=False)
    capacity_override_reason = serializers.CharField(max_length=2000, required=False)
    skip_reason = serializers.CharField(max_length=2000, required=False)
    client_view = serializers.CharField(max_length=2000, required=False)
    resume_date = serializers.DateField(required=False)
    wait_reason = serializers.CharField(max_length=500, required=False)
    target_service = serializers.ChoiceField(choices=[stage.value for stage in CARE], required=False)
    priority = serializers.ChoiceField(choices=["routine", "urgent"], required=False)
    cancel_reason = serializers.ChoiceField(
        choices=["withdrew", "unreachable", "ineligible", "duplicate"], required=False
    )
    hold_reason = serializers.ChoiceField(
        choices=["hospital", "custody", "client_request", "no_contact", "awaiting_placement"], required=False
    )
    review_date = serializers.DateField(required=False)
    keep_checkins = serializers.BooleanField(required=False, help_text="Check-ins go on while on hold (T11).")
    summary = serializers.CharField(max_length=4000, required=False)
    last_contact = serializers.DateField(required=False)
    discharge_reason = serializers.ChoiceField(
        choices=["dropped_out", "terminated_by_facility", "incarcerated", "other"], required=False
    )
    causes = serializers.ListField(
        child=serializers.ChoiceField(choices=TERMINATION_CAUSES), min_length=1, max_length=6, required=False
    )
    supervisor_justification = serializers.CharField(max_length=4000, required=False)
    reentry_information_given = serializers.BooleanField(required=False)
    receiving_organization = serializers.UUIDField(required=False)
    handover_date = serializers.DateField(required=False)
    handover_confirmed_by = serializers.CharField(max_length=200, required=False)
    death_source = serializers.CharField(max_length=200, required=False)
    died_on = serializers.DateField(required=False)


class EpisodeOptionOut(OptionOut):
    """One step of the pathway: also up or down by support, and whether it passes over clinical support."""

    direction = serializers.ChoiceField(choices=["step_up", "step_down"], allow_blank=True)
    skip = serializers.BooleanField()


class AttendedOut(serializers.Serializer[Any]):
    """What was attended of a running enrollment in the last week that is over, and in the one before (CLN-02)."""

    enrollment_id = serializers.UUIDField()
    kind = serializers.CharField()
    monday = serializers.DateField(help_text="Of the last ISO week that is over.")
    minutes = serializers.IntegerField()
    minutes_before = serializers.IntegerField()
    minimum_minutes = serializers.IntegerField(allow_null=True)
    no_shows_in_a_row = serializers.IntegerField()


class EpisodeTransitionsOut(serializers.Serializer[Any]):
    """Where an episode stands and what may happen next; a verb's special cases come before its plain one."""

    stage = serializers.CharField()
    version = serializers.IntegerField()
    transitions = EpisodeOptionOut(many=True)
    attended = AttendedOut(many=True, help_text="For people to weigh; empty for who may not read it.")


class EpisodeOrderIn(OrderIn):
    """One move of an episode."""

    data = MoveDataIn(required=False, default=dict)  # type: ignore[assignment]


class EpisodeIn(StrictSerializer):
    """A new episode at intake."""

    client = serializers.UUIDField()
    source = serializers.CharField(max_length=60)  # type: ignore[assignment]
    reason = serializers.CharField(max_length=2000)
    previous = serializers.UUIDField(
        required=False, help_text="The client's last ended episode here, when they come back (T18)."
    )
    asked_by = serializers.ChoiceField(
        choices=["client", "staff"], required=False, default="staff", help_text="Whose wish it is to begin (T18)."
    )


class EpisodesIn(PageIn):
    """Filters of the list of episodes."""

    client = serializers.UUIDField(required=False)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)


class ProposalIn(StrictSerializer):
    """A move somebody asks for."""

    verb = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    asked_by = serializers.ChoiceField(
        choices=[each for each in AskedBy.choices if each[0] != AskedBy.SYSTEM],
        required=False,
        help_text="Whose wish it is, where staff record it for somebody else; without it, their own.",
    )
    data = MoveDataIn(required=False, default=dict)  # type: ignore[assignment]


class ConfirmationIn(StrictSerializer):
    """A yes, with what the step still needs to be told."""

    data = MoveDataIn(required=False, default=dict)  # type: ignore[assignment]
    reason = serializers.CharField(
        max_length=2000,
        required=False,
        default="",
        help_text="Added to the proposal's, where the step has to have one.",
    )
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class DismissalIn(StrictSerializer):
    """A no, with its reason."""

    reason = serializers.CharField(max_length=500)
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)


class ProposalOut(DiscreetSerializer[StageProposal]):
    """A proposed move and where it stands. Peers and houses read the reasons of their own."""

    hidden = {"reason": "", "source_type": "", "source_id": None}
    author = "proposed_by"

    class Meta:
        model = StageProposal
        fields = (
            "id",
            "episode_id",
            "verb",
            "target",
            "status",
            "reason",
            "given",
            "details_hidden",
            "asked_by",
            "source_type",
            "source_id",
            "proposed_by_kind",
            "proposed_by",
            "confirmed_by",
            "decided_by",
            "decided_at",
            "version",
        )


class ConfirmationOut(serializers.Serializer[Any]):
    """What a yes led to: the proposal, and the ledger row once somebody who may decide it has said yes."""

    proposal = ProposalOut()
    move = StageMoveOut(allow_null=True)
