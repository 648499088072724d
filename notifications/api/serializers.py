"""Shapes of texts and consent to them; plans are in plan_shapes. A contact point is named by id."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from notifications.disclosures import CURRENT, DISCLOSURES
from notifications.models import (
    CaptureChannel,
    ConsentEvent,
    InboundText,
    Message,
    MessageKind,
    MessageStatus,
    TextingConsent,
    TextingConsentEvent,
)
from notifications.models.texting_consent import CONFIRMED_BY_CLIENT
from notifications.services.opt_out_review import REVIEWS
from notifications.services.texting_consent import BY_STAFF

# Table 1.9: peers and house managers learn that a text came, not what it says (SMS-43).
READS_TEXTS = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})
TOLD_TO_STAFF = ("paper", "web", "verbal", "phone_call", "email")


class MessagesIn(PageIn):
    """Filters of the list of messages."""

    client = serializers.UUIDField(required=False)
    check_in = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=MessageStatus.choices, required=False)
    kind = serializers.ChoiceField(choices=MessageKind.choices, required=False)


class MessageOut(serializers.ModelSerializer[Message]):
    """One text to a client: by its wording's name, not its words."""

    class Meta:
        model = Message
        fields = (
            "id",
            "client_id",
            "contact_point_id",
            "check_in_id",
            "kind",
            "template",
            "template_version",
            "language",
            "status",
            "reason",
            "planned_at",
            "due_at",
            "sent_at",
            "attempts",
        )


class InboundTextsIn(PageIn):
    """Filters of the list of inbound texts."""

    client = serializers.UUIDField(required=False)
    unmatched = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Of an unknown number, or of one that several share."
    )


class InboundTextOut(serializers.ModelSerializer[InboundText]):
    """One text somebody sent us; its words only for those whose role reads them."""

    class Meta:
        model = InboundText
        fields = (
            "id",
            "client_id",
            "contact_point_id",
            "check_in_id",
            "understood_as",
            "opted_out",
            "received_at",
            "body",
            "unknown_sender",
        )

    def to_representation(self, text: InboundText) -> dict[str, Any]:
        """Leave out the words and the number for roles that do not read them."""
        shown: dict[str, Any] = super().to_representation(text)
        actor = self.context.get("actor")
        if actor is None or not actor.has_role(*READS_TEXTS):
            shown.pop("body")
            shown.pop("unknown_sender")
        return shown


class TextingConsentIn(StrictSerializer):
    """What a client told staff about texts to one number."""

    contact_point = serializers.UUIDField()
    event = serializers.ChoiceField(choices=[(each.value, each.label) for each in BY_STAFF])
    channel = serializers.ChoiceField(
        choices=[(value, label) for value, label in CaptureChannel.choices if value in TOLD_TO_STAFF]
    )
    disclosure_version = serializers.ChoiceField(
        choices=sorted(DISCLOSURES), required=False, help_text=f"What the client was shown; now {CURRENT}."
    )
    evidence = serializers.CharField(
        max_length=128,
        required=False,
        allow_blank=True,
        default="",
        help_text="Hash of the scanned paper, or its place.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the disclosure of an opt-in (SMS-02)."""
        if attrs["event"] == ConsentEvent.OPT_IN and "disclosure_version" not in attrs:
            raise serializers.ValidationError({"disclosure_version": ["Say what the client was shown."]})
        return attrs


class TextingDisclosureOut(serializers.Serializer[Any]):
    """What a client is shown before agreeing to texts."""

    version = serializers.CharField(help_text="To be given as `disclosure_version` when the client agreed.")
    text = serializers.CharField()


class OptOutReviewIn(StrictSerializer):
    """What a person made of an opt-out in the client's own wording."""

    decision = serializers.ChoiceField(choices=[(each.value, each.label) for each in REVIEWS])
    channel = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in CONFIRMED_BY_CLIENT],
        required=False,
        allow_blank=True,
        default="",
        help_text="How the client confirmed that texts may go on; only a lifted opt-out has it.",
    )
    evidence = serializers.CharField(max_length=128, required=False, allow_blank=True, default="")


class TextingConsentsIn(PageIn):
    """Filters of the list of consents to text."""

    client = serializers.UUIDField(required=False)


class TextingConsentOut(serializers.ModelSerializer[TextingConsent]):
    """The present consent for one number."""

    class Meta:
        model = TextingConsent
        fields = ("id", "client_id", "contact_point_id", "state", "changed_at")


class TextingConsentEventOut(serializers.ModelSerializer[TextingConsentEvent]):
    """One row of the ledger of consent to text."""

    class Meta:
        model = TextingConsentEvent
        fields = (
            "seq",
            "consent_id",
            "event",
            "state_after",
            "at",
            "channel",
            "disclosure_version",
            "alias",
            "message_types",
            "frequency_cap",
            "evidence",
            "inferred",
            "actor_kind",
            "actor_id",
        )
