"""Counseling notes, kept apart from everything else, and who but their author read one (P2-70, P2-71)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import User
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.sessions.note_querysets import CounselingNoteQuerySet, CounselingReadingQuerySet
from casemgmt.sessions.note_words import ReadingPurpose
from casemgmt.sessions.words import Discipline

from .notes import Note

COUNSELING_LIMIT = 8000


class CounselingNote(Note):
    """What a professional thinks about a conversation with a client. Its author reads it, and nobody else by default.

    In no search, export, packet or suggestion, and not behind broken glass: no other room may import this table.
    """

    content = ("analysis",)
    texts = ("analysis",)
    disciplines = (Discipline.CLINICAL,)

    analysis = models.TextField(blank=True)

    objects = CounselingNoteQuerySet.as_manager()

    class Meta(Note.Meta):
        abstract = False
        constraints = [
            *Note.Meta.constraints,
            # P2-70: about one client; what a group shares is no counseling note
            models.CheckConstraint(condition=Q(client__isnull=False), name="counselingnote_about_somebody"),
            # P2-71: nobody else is asked to sign it, because nobody else reads it
            models.CheckConstraint(condition=Q(cosign_needed=False), name="counselingnote_signed_alone"),
        ]


class CounselingReading(models.Model):
    """Somebody else than the author read a counseling note: who, when, for what purpose. Never changed (P2-71)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.ForeignKey(CounselingNote, on_delete=models.PROTECT, related_name="readings")
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=13, choices=ReadingPurpose.choices)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=DatabaseNow())

    objects = CounselingReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            # P2-71: only for what the law names, and with words
            models.CheckConstraint(
                condition=Q(purpose__in=ReadingPurpose.values) & Q(reason__regex=r"\S.{13,}\S"),
                name="counseling_reading_explained",
            ),
        ]
        indexes = [
            # reader: the author of a note, latest first
            models.Index(fields=["note", "-id"], name="counseling_reading_by_note"),
        ]

    def __str__(self) -> str:
        return f"counseling reading {self.pk}"
