"""Reads of notes and credentials, scoped to an actor. Drafts are their author's; counseling notes stay so (P2-71)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from casemgmt.access.querysets import ClientScopedQuerySet, LockableQuerySet, live_grants
from casemgmt.accounts.roles import KEEPERS, SEES_RECORDS, Role
from casemgmt.kernel.actor import Actor
from programs.querysets import of_told_episodes

from .note_words import OVERSEES, PROFESSIONALS, READS_NOTES, READS_PEER_NOTES
from .words import CAME, Discipline


class NoteQuerySet(ClientScopedQuerySet[Any]):
    """Notes of sessions. `readers` see every signed one of the kind; everybody sees what they wrote themselves."""

    readers: ClassVar[frozenset[str]] = READS_NOTES

    def visible_to(self, actor: Actor) -> Self:
        """Return the signed notes that the actor's roles read, and its own; shared ones with whoever was there.

        A shared note is about nobody: the organization that ran the group reads it, and whoever may see a client who
        came. To peers and houses, of the present episode only (CLN-31).
        """
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        about = Q(Exists(live_grants(actor).filter(client_id=OuterRef("client_id"))))
        rows = self.filter(about | self._shared(actor)).filter(of_told_episodes(actor))
        return rows.filter(Q(author_id=actor.id) | Q(signed_at__isnull=False) & self._read_by(actor))

    def _shared(self, actor: Actor) -> Q:
        """Return what keeps the notes about nobody that the actor may read."""
        attendances: Any = self.model._meta.get_field("session").related_model._meta.get_field("attendances")
        theirs = attendances.related_model.objects.visible_to(actor).filter(state__in=CAME)
        came = Q(Exists(theirs.filter(session_id=OuterRef("session_id"))))
        return Q(client__isnull=True) & (Q(organization_id=actor.organization_id) | came)

    def _read_by(self, actor: Actor) -> Q:
        """Return what keeps the notes that the actor's roles read (table 1.9)."""
        return Q() if actor.has_role(*self.readers) else Q(pk__in=[])

    def current(self) -> Self:
        """Return the last row of each line: those that no amendment took the place of."""
        return self.filter(amended_by__isnull=True)

    def unsigned(self) -> Self:
        """Return drafts."""
        return self.filter(signed_at__isnull=True)

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)


class PeerNoteQuerySet(NoteQuerySet):
    """Peer notes; peers read one another's."""

    readers = READS_PEER_NOTES


class ClinicalNoteQuerySet(NoteQuerySet):
    """Clinical notes; not for peers and houses."""


class ContactNoteQuerySet(NoteQuerySet):
    """Case managers' notes of contacts, and house logs; houses read house logs."""

    def _read_by(self, actor: Actor) -> Q:
        if actor.has_role(*self.readers):
            return Q()
        return Q(discipline=Discipline.HOUSE) if actor.has_role(Role.HOUSE_MANAGER) else Q(pk__in=[])


class CounselingNoteQuerySet(LockableQuerySet[Any]):
    """Counseling notes: one's own, and nobody else's, whatever glass was broken (P2-70, P2-71, HIP-10)."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what the actor wrote as a professional about clients it may see for other reasons than an emergency.

        Machines of ours see none here; what they must do with a note names it (`every`).
        """
        if actor.id is None or actor.organization_id is None or not actor.has_role(*PROFESSIONALS):
            return self.none()
        return self.filter(author_id=actor.id, organization_id=actor.organization_id).of_clients_of(actor)

    def overseen_by(self, actor: Actor) -> Self:
        """Return signed notes of others in the organization of a supervisor, about clients the supervisor may see."""
        if actor.organization_id is None or not actor.has_role(*OVERSEES):
            return self.none()
        others = self.filter(organization_id=actor.organization_id, signed_at__isnull=False).exclude(author_id=actor.id)
        return others.of_clients_of(actor)

    def of_clients_of(self, actor: Actor) -> Self:
        """Return those about clients that the actor may see; broken glass shows none (HIP-10)."""
        grants = live_grants(replace(actor, reading=False))  # that is what leaves broken glass out
        return self.filter(Exists(grants.filter(client_id=OuterRef("client_id"))))

    def current(self) -> Self:
        """Return the last row of each line."""
        return self.filter(amended_by__isnull=True)

    def unsigned(self) -> Self:
        """Return drafts."""
        return self.filter(signed_at__isnull=True)

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)


class CounselingReadingQuerySet(LockableQuerySet[Any]):
    """Who else read a counseling note, and why."""

    def visible_to(self, actor: Actor) -> Self:
        """Return readings of the actor's own notes."""
        if actor.is_system:
            return self
        notes: Any = self.model._meta.get_field("note").related_model
        return self.filter(Exists(notes.objects.visible_to(actor).filter(pk=OuterRef("note_id"))))


class CredentialQuerySet(LockableQuerySet[Any]):
    """Credentials of staff. No client data."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's to those who run it, to everybody their own and those they supervise."""
        if actor.is_system:
            return self
        if actor.organization_id is None or actor.id is None:
            return self.none()
        rows = self.filter(organization_id=actor.organization_id)
        if actor.has_role(*KEEPERS):
            return rows
        return rows.filter(Q(user_id=actor.id) | Q(supervisor_id=actor.id))

    def in_force(self) -> Self:
        """Return the last one recorded of each person and organization; it may have lapsed."""
        later = self.model.objects.filter(
            organization_id=OuterRef("organization_id"), user_id=OuterRef("user_id"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(later))

    def lock_free(self) -> Self:
        """Return these rows locked for this transaction, without those that somebody else holds."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)


class CredentialOverrideQuerySet(LockableQuerySet[Any]):
    """What supervisors allowed although a credential had lapsed."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the organization's to those who run it, to everybody their own."""
        if actor.is_system:
            return self
        if actor.organization_id is None or actor.id is None:
            return self.none()
        rows = self.filter(organization_id=actor.organization_id)
        return rows if actor.has_role(*KEEPERS) else rows.filter(user_id=actor.id)

    def covering(self, *, user_id: UUID, organization_id: UUID, day: date) -> Self:
        """Return those that allow a person's sessions on a day."""
        mine = self.filter(user_id=user_id, organization_id=organization_id)
        return mine.filter(from_date__lte=day, until_date__gte=day)
