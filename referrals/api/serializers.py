"""Shapes of referrals: the sender sees all, the receiver the packet and what surrounds it (REF-04)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import OrderIn
from casemgmt.api.views import PageIn
from casemgmt.consent.words import Category
from referrals import words
from referrals.declining import PARTIES
from referrals.models import Referral, ReferralMove

from .surroundings import SURROUNDINGS, SurroundingsOut

READS_CONTENT = CASE_MANAGER_AND_UP | {Role.PRIVACY_OFFICER.value}  # table 1.9, notes 1 and 2: not peers, not houses


class ToldIn(StrictSerializer):
    """The sender's own words for what no record holds yet, by category. A packet takes what its categories name."""

    level_of_care = serializers.CharField(max_length=500, required=False)
    risk_level = serializers.CharField(max_length=500, required=False)
    medications = serializers.CharField(max_length=4000, required=False)
    diagnosis = serializers.CharField(max_length=2000, required=False)
    goals = serializers.CharField(max_length=4000, required=False)
    accessibility = serializers.CharField(max_length=2000, required=False)
    safety_plan = serializers.ChoiceField(choices=["yes", "no"], required=False, help_text="Whether one exists.")
    move_in = serializers.CharField(max_length=500, required=False)
    funding = serializers.CharField(max_length=2000, required=False)
    moud = serializers.CharField(max_length=2000, required=False)
    emergency_contact = serializers.CharField(max_length=2000, required=False)


class ReferralChangesIn(StrictSerializer):
    """What shall change of a draft."""

    urgency = serializers.ChoiceField(choices=[*words.Urgency.values, words.EMERGENT], required=False)
    reason = serializers.CharField(max_length=4000, required=False)
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=Category.choices),
        max_length=40,
        required=False,
        help_text="What the packet shall hold; empty: what this kind of service needs.",
    )
    told = ToldIn(required=False)


class ReferralIn(ReferralChangesIn):
    """A new draft. `emergent` is refused: an emergency goes the crisis path (REF-03)."""

    episode = serializers.UUIDField()
    program = serializers.UUIDField()
    reason = serializers.CharField(max_length=4000)


class ReferralDataIn(StrictSerializer):
    """What the rules need to be told; `GET …/transitions/` says which of these a verb needs."""

    question = serializers.CharField(max_length=2000, required=False, help_text="What the receiver asks.")
    told = ToldIn(required=False, help_text="The sender's answer, by category; a consent must cover each.")
    contact_name = serializers.CharField(max_length=120, required=False, help_text="Whom of the receiver to ask.")
    over_capacity_reason = serializers.CharField(
        max_length=500, required=False, help_text="Why a supervisor accepts for a full program (G6)."
    )
    estimate = serializers.DateField(required=False, help_text="When there may be a place.")
    appointment_at = serializers.DateTimeField(required=False, help_text="Of the first visit.")
    rebook_reason = serializers.ChoiceField(choices=words.RebookReason.choices, required=False)
    first_visit_at = serializers.DateTimeField(required=False, help_text="When the client came.")
    hold_reason = serializers.ChoiceField(choices=words.HoldReason.choices, required=False)
    decline_reason = serializers.ChoiceField(choices=words.DeclineReason.choices, required=False)
    declined_by = serializers.ChoiceField(choices=PARTIES, required=False)
    cancel_reason = serializers.ChoiceField(choices=words.CancelReason.choices, required=False)
    fail_reason = serializers.ChoiceField(choices=words.FailReason.choices, required=False)
    error_reason = serializers.ChoiceField(choices=words.ErrorReason.choices, required=False)
    outcome = serializers.ChoiceField(choices=words.Outcome.choices, required=False)
    summary = serializers.CharField(max_length=8000, required=False, help_text="What the receiver returns.")
    client_confirmed = serializers.BooleanField(required=False, help_text="The client told the sender so (REF-08).")


class ReferralOrderIn(OrderIn):
    """One move of a referral. It holds from the moment it is made."""

    effective_at = None  # type: ignore[assignment]
    data = ReferralDataIn(required=False, default=dict)  # type: ignore[assignment]


class ReferralsIn(PageIn):
    """Which box, and what of it."""

    box = serializers.ChoiceField(choices=["sent", "inbox"], default="sent")
    stage = serializers.ChoiceField(choices=words.ReferralStage.choices, required=False)
    client = serializers.UUIDField(required=False, help_text="Only in the sent box.")
    overdue = serializers.BooleanField(required=False, help_text="Only what is overdue, or only what is not.")


class ReferralRowOut(serializers.ModelSerializer[Referral]):
    """One line of a box. The receiver sees no client here: who it is stands in the packet."""

    client_id = serializers.SerializerMethodField()
    organization_name = serializers.CharField(source="organization.name")
    receiver_name = serializers.CharField(source="receiver.name")
    program_name = serializers.CharField(source="program.name")
    due_at = serializers.DateTimeField(allow_null=True, help_text="When the next deadline ends; null: none runs.")
    overdue = serializers.BooleanField()

    class Meta:
        model = Referral
        fields = (
            "id",
            "stage",
            "kind",
            "urgency",
            "client_id",
            "organization_id",
            "organization_name",
            "receiver_id",
            "receiver_name",
            "program_id",
            "program_name",
            "moved_at",
            "sent_at",
            "appointment_at",
            "due_at",
            "overdue",
            "version",
        )

    def get_client_id(self, referral: Referral) -> str | None:
        """Return the client's id to the sender, null to the receiver."""
        mine = self.context["actor"].organization_id == referral.organization_id
        return str(referral.client_id) if mine else None


# What a role that only drafts does not read (P2-41), unless they wrote it.
CONTENT = ("packet", "supplements", "returned_summary", "question")
WRITTEN = ("told", "reason")


class ReferralOut(SurroundingsOut, serializers.ModelSerializer[Referral]):
    """A referral as its sender's staff see it; who only drafts sees of its content what they wrote (P2-41)."""

    class Meta:
        model = Referral
        fields = (
            "id",
            "client_id",
            "episode_id",
            "organization_id",
            "receiver_id",
            "program_id",
            "kind",
            "urgency",
            "stage",
            "reason",
            "categories",
            "told",
            "created_by",
            "created_at",
            "sent_by",
            "consent_id",
            "packet",
            "packet_sha256",
            "moved_at",
            "sent_at",
            "acknowledged_at",
            "answered_at",
            "ended_at",
            "ended_reason",
            "ended_by",
            "parked_until",
            *SURROUNDINGS,
            "version",
        )
        extra_kwargs = {name: {"required": False} for name in (*CONTENT, *WRITTEN)}

    def to_representation(self, referral: Referral) -> dict[str, Any]:
        """Leave out what the role need not know."""
        shown: dict[str, Any] = super().to_representation(referral)
        actor = self.context["actor"]
        if not actor.is_system and not actor.has_role(*READS_CONTENT):
            for name in CONTENT if referral.created_by == actor.id else (*CONTENT, *WRITTEN):
                shown.pop(name)
        return shown


class ReachOut(serializers.Serializer[Any]):
    """A number or address of the client that the packet disclosed."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    value = serializers.CharField()
    preferred = serializers.BooleanField()


class ReceivedReferralOut(SurroundingsOut, serializers.ModelSerializer[Referral]):
    """A referral as its receiver sees it: the packet with its notice, and where it stands."""

    organization_name = serializers.CharField(source="organization.name")
    contact = ReachOut(many=True)

    class Meta:
        model = Referral
        fields = (
            "id",
            "organization_id",
            "organization_name",
            "receiver_id",
            "program_id",
            "kind",
            "urgency",
            "stage",
            "packet",
            "packet_sha256",
            "contact",
            "moved_at",
            "sent_at",
            "acknowledged_at",
            "answered_at",
            "ended_at",
            "ended_reason",
            "ended_by",
            *SURROUNDINGS,
            "version",
        )


class ReferralMoveOut(serializers.ModelSerializer[ReferralMove]):
    """One row of the ledger."""

    class Meta:
        model = ReferralMove
        fields = (
            "seq",
            "referral_id",
            "verb",
            "rule",
            "from_stage",
            "to_stage",
            "at",
            "actor_kind",
            "actor_id",
            "actor_organization_id",
            "reason",
            "given",
        )
