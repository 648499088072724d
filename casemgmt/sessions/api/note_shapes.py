"""Shapes of notes: what is told of each kind, and how it is shown."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.policies.services import policy_of
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import ClinicalNote, ContactNote, CounselingNote, CounselingReading, Note, PeerNote
from casemgmt.sessions.models.counseling import COUNSELING_LIMIT
from casemgmt.sessions.note_words import (
    LINE_LIMIT,
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    Competency,
    HandoffMethod,
    ReadingPurpose,
    units,
)
from casemgmt.sessions.services.handing_over import Handoff
from casemgmt.sessions.services.writing import Telling
from programs.rules.kinds import Modality

REASON_LIMIT = 500
MOST_GOALS = 20


class HandoffIn(StrictSerializer):
    """To which clinician a client in distress was handed over (PEER-03)."""

    to_staff = serializers.UUIDField()
    method = serializers.ChoiceField(choices=HandoffMethod.choices)
    at = serializers.DateTimeField()


class CareContentIn(StrictSerializer):
    """What notes of peers, clinicians, case managers and houses share."""

    summary = serializers.CharField(max_length=SUMMARY_LIMIT, required=False, allow_blank=True)
    distress = serializers.BooleanField(required=False)
    handoff = HandoffIn(required=False, allow_null=True)


class PeerContentIn(CareContentIn):
    """A peer's note, in the client's words. `group_size` counts everybody who was there; in a shared note only."""

    competencies = serializers.ListField(
        child=serializers.ChoiceField(choices=Competency.choices), required=False, max_length=len(Competency)
    )
    goals = serializers.ListField(
        child=serializers.CharField(max_length=LINE_LIMIT), required=False, max_length=MOST_GOALS
    )
    next_step = serializers.CharField(max_length=500, required=False, allow_blank=True)
    transport = serializers.BooleanField(required=False, allow_null=True)
    group_size = serializers.IntegerField(min_value=1, max_value=500, required=False, allow_null=True)


class ClinicalContentIn(CareContentIn):
    """A clinician's note."""

    presentation = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True)
    intervention = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True)
    response = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True)
    plan = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True)
    modalities = serializers.ListField(
        child=serializers.ChoiceField(choices=Modality.choices), required=False, max_length=len(Modality)
    )


class ContactContentIn(CareContentIn):
    """A case manager's note of a contact, or a house log: the session says which."""

    next_step = serializers.CharField(max_length=500, required=False, allow_blank=True)


class CounselingContentIn(StrictSerializer):
    """What a professional thinks about the conversation; nothing that belongs into the record (P2-70)."""

    analysis = serializers.CharField(max_length=COUNSELING_LIMIT, required=False, allow_blank=True)


def draft_of(content: type[StrictSerializer], name: str) -> type[StrictSerializer]:
    """Return the shape that begins a draft with `content`. Without `client`: a group's shared note, about nobody."""
    fields = {
        "__doc__": "A new draft. Without `client`: the note that a group shares, about nobody.",
        "session": serializers.UUIDField(),
        "client": serializers.UUIDField(required=False, allow_null=True),
    }
    return type(f"{name}In", (content,), fields)


def amendment_of(content: type[StrictSerializer], name: str) -> type[StrictSerializer]:
    """Return the shape that amends a signed note: what is not told stays as it was."""
    fields = {
        "__doc__": "What is amended, and why. What is not told stays as it was.",
        "reason": serializers.CharField(max_length=REASON_LIMIT),
    }
    return type(f"{name}AmendmentIn", (content,), fields)


def telling_of(given: dict[str, Any]) -> Telling:
    """Return what was given as the services take it."""
    told = dict(given)
    handoff_told = "handoff" in told
    handoff = told.pop("handoff", None)
    return Telling(told=told, handoff=Handoff(**handoff) if handoff else None, handoff_told=handoff_told)


class NoteSignatureIn(StrictSerializer):
    """Signing. `late_reason`: why more than 72 hours after the session (PEER-05)."""

    late_reason = serializers.CharField(max_length=REASON_LIMIT, required=False, allow_blank=True, default="")


class NoteCosignatureIn(StrictSerializer):
    """Co-signing says nothing more."""


class NotesIn(PageIn):
    """Whose notes, of which session or line; the last row of each line unless `amended` asks for all."""

    client = serializers.UUIDField(required=False)
    session = serializers.UUIDField(required=False)
    line = serializers.UUIDField(required=False)
    amended = serializers.BooleanField(required=False, default=False, help_text="Also rows that were amended.")


COMMON = (
    "id",
    "line_id",
    "session_id",
    "session_stage",
    "client_id",
    "episode_id",
    "organization_id",
    "author_id",
    "status",
    "happened_at",
    "recorded_at",
    "signed_at",
    "late_reason",
    "cosign_needed",
    "cosigned_at",
    "cosigned_by_id",
    "amends_id",
    "amended_by_id",
    "reason",
    "units",
    "version",
)
CARE = ("summary", "distress", "handoff_to_id", "handoff_method", "handoff_at")
STATUSES = [("draft", "Draft"), ("cosign_needed", "Co-sign needed"), ("signed", "Signed"), ("amended", "Amended")]


class NoteOut(serializers.ModelSerializer[Any]):
    """One row: when it happened, when it was recorded and signed. `units` are quarters of an hour, no bill's advice."""

    status = serializers.SerializerMethodField()
    session_stage = serializers.ChoiceField(
        source="session.stage", choices=SessionStage.choices, help_text="A note of one entered in error counts no more."
    )
    recorded_at = serializers.DateTimeField(source="created_at")
    amended_by_id = serializers.SerializerMethodField(help_text="The row in its place; null while it is the last.")
    units = serializers.SerializerMethodField(help_text="Of the client's part; null in a group's shared note.")

    @extend_schema_field(serializers.ChoiceField(STATUSES))
    def get_status(self, row: Note) -> str:
        """Return `draft`, `cosign_needed`, `signed` or `amended`."""
        if row.signed_at is None:
            return "draft"
        if getattr(row, "amended_by", None) is not None:
            return "amended"
        return "cosign_needed" if row.cosign_needed and row.cosigned_at is None else "signed"

    def get_amended_by_id(self, row: Note) -> UUID | None:
        """Return the id of the row in its place."""
        later = getattr(row, "amended_by", None)
        return later.pk if later is not None else None

    def get_units(self, row: Note) -> int | None:
        """Return the units by the setting of the reader's organization (PEER-05)."""
        minutes = getattr(row, "attended_minutes", None)
        if minutes is None:
            return None
        return units(minutes, rest=self._rest)

    @cached_property
    def _rest(self) -> int:
        return policy_of(self.context["actor"].organization_id).session_unit_rest_minutes


class PeerNoteOut(NoteOut):
    """One peer note. How many were in a group is told in the organization that ran it, and nowhere else (F9)."""

    group_size = serializers.SerializerMethodField()

    class Meta:
        model = PeerNote
        fields = (*COMMON, *CARE, "competencies", "goals", "next_step", "transport", "group_size")

    def get_group_size(self, row: PeerNote) -> int | None:
        """Return how many were there, to the organization that ran it."""
        return row.group_size if row.organization_id == self.context["actor"].organization_id else None


class ClinicalNoteOut(NoteOut):
    """One clinical note."""

    class Meta:
        model = ClinicalNote
        fields = (*COMMON, *CARE, "presentation", "intervention", "response", "plan", "modalities")


class ContactNoteOut(NoteOut):
    """One note of a contact, or house log."""

    class Meta:
        model = ContactNote
        fields = (*COMMON, *CARE, "discipline", "next_step")


class CounselingNoteOut(NoteOut):
    """One counseling note, to its author."""

    class Meta:
        model = CounselingNote
        fields = (*COMMON, "analysis")


class CounselingReadingIn(StrictSerializer):
    """A supervisor's look into what a colleague wrote of a client in a session (P2-71)."""

    session = serializers.UUIDField()
    client = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=ReadingPurpose.choices)
    reason = serializers.CharField(max_length=REASON_LIMIT)


class CounselingNotesOut(serializers.Serializer[Any]):
    """What was read, the last row first."""

    results = CounselingNoteOut(many=True)


class CounselingReadingOut(serializers.ModelSerializer[CounselingReading]):
    """Who read a note of one's own, and why."""

    class Meta:
        model = CounselingReading
        fields = ("id", "note_id", "reader_id", "purpose", "reason", "at")
