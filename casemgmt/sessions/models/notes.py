"""What is written of a session, one table per kind. A signed note is never changed; another row amends it (PEER-05)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode
from casemgmt.kernel.models import Entity
from casemgmt.sessions.note_querysets import ClinicalNoteQuerySet, ContactNoteQuerySet, PeerNoteQuerySet
from casemgmt.sessions.note_words import LINE_LIMIT, SUMMARY_LIMIT, TEXT_LIMIT, Competency, HandoffMethod
from casemgmt.sessions.words import Discipline
from programs.rules.kinds import Modality

from .session import Session


class Note(Entity):
    """One row. Rows that amend each other form a line and share `line_id`; its last row holds.

    `client` None: the note that a group shares, about nobody. `content` names the columns that say something, `texts`
    those in people's own words. `disciplines` says of which sessions a note of this kind may be written.
    """

    content: ClassVar[tuple[str, ...]] = ()
    texts: ClassVar[tuple[str, ...]] = ()
    disciplines: ClassVar[tuple[Discipline, ...]] = ()

    line_id = models.UUIDField(editable=False)  # the id of the line's first row
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()  # the session's start, kept equal by a foreign key: notes of a client in order
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)  # None: a draft, its author's
    late_reason = models.CharField(max_length=500, blank=True)  # why it was signed so late (PEER-05)
    cosign_needed = models.BooleanField(default=False)
    cosigned_at = models.DateTimeField(null=True, blank=True)
    cosigned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    amends = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="amended_by", editable=False
    )
    reason = models.CharField(max_length=500, blank=True)  # why it was amended
    reminded_at = models.DateTimeField(null=True, blank=True)  # when its author was asked to sign it

    class Meta:
        abstract = True
        constraints = [
            # F9: a session has one line of a kind for each client, and one for all
            models.UniqueConstraint(
                fields=["session", "client"],
                condition=Q(amends__isnull=True),
                nulls_distinct=False,
                name="%(class)s_one_line",
            ),
            # PEER-05: an amendment says why, goes on with a line and is signed; the first row does neither
            models.CheckConstraint(
                condition=Q(amends__isnull=True, reason="", line_id=F("id"))
                | (Q(amends__isnull=False, signed_at__isnull=False) & ~Q(reason="") & ~Q(line_id=F("id"))),
                name="%(class)s_amendment_whole",
            ),
            # PEER-05: nothing is signed before it happened
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(signed_at__gte=F("happened_at")), name="%(class)s_signed_after"
            ),
            # F9: somebody else co-signs, what was signed and needs it
            models.CheckConstraint(
                condition=Q(cosigned_at__isnull=True, cosigned_by__isnull=True)
                | Q(cosigned_at__gte=F("signed_at"), cosigned_by__isnull=False, cosign_needed=True)
                & ~Q(cosigned_by=F("author")),
                name="%(class)s_cosigned_by_another",
            ),
        ]
        indexes = [
            # reader: one client's notes, latest first
            models.Index(fields=["client", "-happened_at", "-id"], name="%(class)s_by_client"),
            # reader: all one may see, latest first
            models.Index(fields=["-happened_at", "-id"], name="%(class)s_latest"),
            # reader: one session's notes
            models.Index(fields=["session", "-happened_at", "-id"], name="%(class)s_by_session"),
            # reader: the tick that asks authors to sign
            models.Index(
                fields=["created_at"],
                name="%(class)s_draft",
                condition=Q(signed_at__isnull=True, reminded_at__isnull=True),
            ),
        ]


class CareNote(Note):
    """What the notes of peers, clinicians, case managers and houses share: a summary, and distress handed over."""

    summary = models.CharField(max_length=SUMMARY_LIMIT, blank=True)
    distress = models.BooleanField(default=False)
    handoff_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handoff_method = models.CharField(max_length=9, blank=True, choices=HandoffMethod.choices)
    handoff_at = models.DateTimeField(null=True, blank=True)

    class Meta(Note.Meta):
        abstract = True
        constraints = [
            *Note.Meta.constraints,
            # PEER-03: a hand-over is told whole
            models.CheckConstraint(
                condition=Q(handoff_to__isnull=True, handoff_at__isnull=True, handoff_method="")
                | Q(handoff_to__isnull=False, handoff_at__isnull=False, handoff_method__in=HandoffMethod.values),
                name="%(class)s_handoff_whole",
            ),
            # F9: who was in distress is never told to the others of a group
            models.CheckConstraint(
                condition=Q(client__isnull=False) | Q(distress=False, handoff_to__isnull=True),
                name="%(class)s_shared_names_nobody",
            ),
        ]


SHARED = ("summary", "distress", "handoff_to_id", "handoff_method", "handoff_at")


class PeerNote(CareNote):
    """A peer specialist's note: what the client said, in the client's words, and nothing clinical (PEER-05)."""

    content = (*SHARED, "competencies", "goals", "next_step", "transport", "group_size")
    texts = ("summary", "goals", "next_step")
    disciplines = (Discipline.PEER,)

    competencies = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    goals = ArrayField(models.CharField(max_length=LINE_LIMIT), default=list, blank=True)  # as the client words them
    next_step = models.CharField(max_length=500, blank=True)
    transport = models.BooleanField(null=True, blank=True)  # None: not told
    group_size = models.PositiveSmallIntegerField(null=True, blank=True)  # how many were there, known to us or not

    objects = PeerNoteQuerySet.as_manager()

    class Meta(CareNote.Meta):
        abstract = False
        constraints = [
            *CareNote.Meta.constraints,
            # PEER-03: a peer hands distress over
            models.CheckConstraint(
                condition=Q(distress=False) | Q(handoff_to__isnull=False), name="peernote_distress_handed_over"
            ),
            # PEER-01
            models.CheckConstraint(
                condition=Q(competencies__contained_by=Competency.values), name="peernote_competencies_known"
            ),
            # F9: how many were there stands in the shared note only
            models.CheckConstraint(
                condition=Q(group_size__isnull=True) | Q(client__isnull=True, group_size__gte=1, group_size__lte=500),
                name="peernote_group_size_shared",
            ),
        ]


class ClinicalNote(CareNote):
    """A clinician's note. Peers, case managers and houses write none (PEER-02, table 1.9)."""

    content = (*SHARED, "presentation", "intervention", "response", "plan", "modalities")
    texts = ("summary", "presentation", "intervention", "response", "plan")
    disciplines = (Discipline.CLINICAL,)

    presentation = models.CharField(max_length=TEXT_LIMIT, blank=True)
    intervention = models.CharField(max_length=TEXT_LIMIT, blank=True)
    response = models.CharField(max_length=TEXT_LIMIT, blank=True)
    plan = models.CharField(max_length=TEXT_LIMIT, blank=True)
    modalities = ArrayField(models.CharField(max_length=28), default=list, blank=True)

    objects = ClinicalNoteQuerySet.as_manager()

    class Meta(CareNote.Meta):
        abstract = False
        constraints = [
            *CareNote.Meta.constraints,
            # rules.md 3.4: the nine labels and `other`
            models.CheckConstraint(
                condition=Q(modalities__contained_by=Modality.values), name="clinicalnote_modalities_known"
            ),
        ]


class ContactNote(CareNote):
    """A case manager's note of a contact, or a house log (table 1.9)."""

    content = (*SHARED, "next_step")
    texts = ("summary", "next_step")
    disciplines = (Discipline.CONTACT, Discipline.HOUSE)

    discipline = models.CharField(max_length=8, choices=Discipline.choices)  # the session's
    next_step = models.CharField(max_length=500, blank=True)

    objects = ContactNoteQuerySet.as_manager()

    class Meta(CareNote.Meta):
        abstract = False
        constraints = [
            *CareNote.Meta.constraints,
            # table 1.9: the two kinds that houses and case managers write
            models.CheckConstraint(
                condition=Q(discipline__in=[Discipline.CONTACT, Discipline.HOUSE]), name="contactnote_discipline_known"
            ),
        ]
