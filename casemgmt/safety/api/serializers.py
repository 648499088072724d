"""Shapes of alerts. Whoever may not read them whole is told the flag and the severity (table 1.9, note 1)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import OrderIn
from casemgmt.api.views import PageIn
from casemgmt.safety import words
from casemgmt.safety.lifecycle import AlertStage
from casemgmt.safety.models import AlertMove, AlertNote, AlertPage, RiskAlert

DECISIONS = ("call_again", "emergency_contact", "mobile_crisis", "emergency_services")  # SMS-62


class AlertsIn(PageIn):
    """Filters of the list of alerts. Without `closed` only those that are not closed are listed."""

    client = serializers.UUIDField(required=False)
    severity = serializers.ChoiceField(choices=words.Severity.choices, required=False)
    stage = serializers.ChoiceField(choices=AlertStage.choices, required=False)
    closed = serializers.BooleanField(required=False, default=False)
    mine = serializers.BooleanField(
        required=False, default=False, help_text="Those I was asked about by name, took, or raised."
    )
    page = serializers.UUIDField(required=False, help_text="The alert of one page, the source of a work item.")


class AlertIn(StrictSerializer):
    """A worry that somebody raises by hand."""

    client = serializers.UUIDField()
    severity = serializers.ChoiceField(choices=words.Severity.choices)
    what = serializers.ChoiceField(choices=[(each.value, each.label) for each in words.BY_HAND])
    episode = serializers.UUIDField(required=False, allow_null=True, default=None)


class AlertDataIn(StrictSerializer):
    """What the rules need to be told; `GET …/transitions/` says which of these a verb needs."""

    severity = serializers.ChoiceField(choices=words.Severity.choices, required=False)
    contact_outcome = serializers.ChoiceField(choices=words.ContactOutcome.choices, required=False)
    disposition = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in words.TOLD_DISPOSITIONS],
        required=False,
        help_text="`unable_to_reach` is a supervisor's, after three attempts over 24 hours (SMS-65).",
    )
    safety_plan_updated = serializers.BooleanField(required=False)
    follow_up_at = serializers.DateTimeField(required=False)
    cssrs_response = serializers.UUIDField(required=False, help_text="A recorded C-SSRS, not older than the alert.")
    cssrs_not_done = serializers.CharField(max_length=500, required=False, help_text="Why none was taken.")


class AlertOrderIn(OrderIn):
    """One move of an alert. Lowering needs a reason."""

    data = AlertDataIn(required=False, default=dict)  # type: ignore[assignment]


class NoteIn(StrictSerializer):
    """A note, or an attempt to reach the client with its channel and outcome. Without `happened_at`: just now."""

    kind = serializers.ChoiceField(choices=words.NoteKind.choices)
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    channel = serializers.ChoiceField(choices=words.Channel.choices, required=False)
    outcome = serializers.ChoiceField(choices=words.AttemptOutcome.choices, required=False)
    happened_at = serializers.DateTimeField(required=False)


class AlertOut(serializers.ModelSerializer[RiskAlert]):
    """One alert. `details_hidden`: `term`, `lexicon_version`, `disposition` and others' notes are kept from the reader.

    `nobody_on_call`: the rota was empty and all supervisors were asked. `call_only`: no text of ours gets through.
    """

    stage = serializers.ChoiceField(choices=AlertStage.choices)
    details_hidden = serializers.SerializerMethodField()

    class Meta:
        model = RiskAlert
        fields = (
            "id",
            "client_id",
            "organization_id",
            "episode_id",
            "severity",
            "stage",
            "what",
            "source",
            "source_id",
            "call_only",
            "nobody_on_call",
            "raised_at",
            "raised_by_id",
            "answer_by",
            "next_page_at",
            "contact_due_at",
            "acknowledged_at",
            "acknowledged_by_id",
            "closed_at",
            "closed_by_id",
            "disposition",
            "term",
            "lexicon_version",
            "details_hidden",
            "version",
        )

    def get_details_hidden(self, alert: RiskAlert) -> bool:
        """Return whether the reader is told the flag and the severity only."""
        return self.hides()

    def hides(self) -> bool:
        """True for readers who are told the flag and the severity only."""
        return not self.context["actor"].has_role(*words.READS_WHOLE)

    def to_representation(self, alert: RiskAlert) -> dict[str, Any]:
        """Return the alert as its reader may know it."""
        shown = super().to_representation(alert)
        return shown | dict.fromkeys(("disposition", "term", "lexicon_version"), "") if self.hides() else shown


class AlertPageOut(serializers.ModelSerializer[AlertPage]):
    """Somebody was asked: everybody with the role, or one person in it."""

    class Meta:
        model = AlertPage
        fields = ("id", "step", "purpose", "role", "user_id", "nobody_on_call", "paged_at", "deadline")


class AlertNoteOut(serializers.ModelSerializer[AlertNote]):
    """What somebody noted, or tried."""

    class Meta:
        model = AlertNote
        fields = ("seq", "kind", "text", "channel", "outcome", "happened_at", "written_at", "written_by_id")


class AlertMoveOut(serializers.ModelSerializer[AlertMove]):
    """One row of the ledger."""

    class Meta:
        model = AlertMove
        fields = (
            "seq",
            "alert_id",
            "verb",
            "rule",
            "from_stage",
            "to_stage",
            "at",
            "actor_kind",
            "actor_id",
            "reason",
            "given",
        )


class AlertWholeOut(AlertOut):
    """One alert with whom it asked, what was noted and what was decided.

    `decisions` are what a supervisor chooses from while nobody has reached a client in danger (SMS-62).
    """

    pages = AlertPageOut(many=True)
    notes = AlertNoteOut(many=True)
    moves = AlertMoveOut(many=True)
    decisions = serializers.SerializerMethodField()

    class Meta(AlertOut.Meta):
        fields = (*AlertOut.Meta.fields, "pages", "notes", "moves", "decisions")  # type: ignore[assignment]

    def get_decisions(self, alert: RiskAlert) -> list[str]:
        """Return the choices while a decision waits, none otherwise."""
        asked = [page.paged_at for page in alert.pages.all() if page.purpose == words.Purpose.DECIDE]
        reached = [note.happened_at for note in alert.notes.all() if note.outcome == words.AttemptOutcome.REACHED]
        waits = bool(asked) and not alert.is_closed and not (reached and max(reached) >= alert.ladder_from)
        return list(DECISIONS) if waits else []

    def to_representation(self, alert: RiskAlert) -> dict[str, Any]:
        """Return the alert as its reader may know it: a peer reads the notes that the peer wrote."""
        shown = super().to_representation(alert)
        if self.hides():
            own = str(self.context["actor"].id)
            shown["notes"] = [note for note in shown["notes"] if str(note["written_by_id"]) == own]
            shown["moves"] = [move | {"reason": "", "given": {}} for move in shown["moves"]]
        return shown
