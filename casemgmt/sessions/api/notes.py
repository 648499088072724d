"""Notes of every kind over HTTP. One set of views per kind: the kinds are different tables with different readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import DetailView, ListView, ScopedView, etag
from casemgmt.sessions.models import Attendance, ClinicalNote, ContactNote, CounselingNote, Note, PeerNote
from casemgmt.sessions.services.signing import amend_note, cosign_note, sign_note
from casemgmt.sessions.services.writing import edit_note, write_note

from . import note_shapes as shapes


class NoteRows(ScopedView):
    """What the views of one kind share."""

    content: ClassVar[type[StrictSerializer]]
    draft: ClassVar[type[StrictSerializer]]
    amendment: ClassVar[type[StrictSerializer]]

    @property
    def kind(self) -> type[Note]:
        """The table."""
        return self.model  # type: ignore[return-value]

    def rows(self) -> QuerySet[Any]:
        """Return what the actor may see, with the row in its place and the minutes of the client's part."""
        part = Attendance.objects.filter(session_id=OuterRef("session_id"), client_id=OuterRef("client_id"))
        minutes = Subquery(part.values("minutes")[:1])
        seen: QuerySet[Any] = super().rows().select_related("amended_by", "session").annotate(attended_minutes=minutes)
        return seen

    def answer(self, note: Note, *, status: int) -> Response:
        """Answer with a note as it stands now."""
        row = self.rows().fetch(note.pk)  # type: ignore[attr-defined]
        return Response(self.shown(row), status=status, headers=etag(row.version))


class NotesView(NoteRows, ListView):
    """GET lists notes of one kind, latest first; POST begins a draft."""

    query = shapes.NotesIn
    filters = {"client": "client_id", "session": "session_id", "line": "line_id"}
    ordering = ("-happened_at", "-id")

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Return the last row of each line, unless all are asked for."""
        kept = super().narrow(rows, asked)
        return kept if asked["amended"] else kept.current()  # type: ignore[attr-defined]

    def post(self, request: Request) -> Response:
        """Begin a draft."""
        given = dict(self.given(self.draft))
        session_id, client_id = given.pop("session"), given.pop("client", None)
        telling = shapes.telling_of(given)
        made = write_note(
            model=self.kind, session_id=session_id, client_id=client_id, telling=telling, actor=self.actor
        )
        return self.answer(made, status=201)


class NoteView(NoteRows, DetailView):
    """GET: one note; PATCH: one's draft."""

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change one's draft; what is not told stays."""
        telling = shapes.telling_of(dict(self.given(self.content)))
        version = self.if_match(required=True)
        made = edit_note(model=self.kind, note_id=pk, telling=telling, version=version, actor=self.actor)
        return self.answer(made, status=200)


class NoteSignaturesView(NoteRows):
    """POST: sign one's draft."""

    def post(self, request: Request, pk: UUID) -> Response:
        """Sign one's draft; from then on it is amended."""
        late_reason = self.given(shapes.NoteSignatureIn)["late_reason"]
        version = self.if_match(required=False)
        made = sign_note(model=self.kind, note_id=pk, late_reason=late_reason, version=version, actor=self.actor)
        return self.answer(made, status=201)


class NoteCosignaturesView(NoteRows):
    """POST: co-sign somebody's note."""

    def post(self, request: Request, pk: UUID) -> Response:
        """Co-sign a note that needs it."""
        self.given(shapes.NoteCosignatureIn)
        made = cosign_note(model=self.kind, note_id=pk, version=self.if_match(required=False), actor=self.actor)
        return self.answer(made, status=201)


class NoteAmendmentsView(NoteRows):
    """POST: another row in the place of a signed note."""

    def post(self, request: Request, pk: UUID) -> Response:
        """Amend a signed note, with a reason; both rows stay readable."""
        given = dict(self.given(self.amendment))
        reason = given.pop("reason")
        telling = shapes.telling_of(given)
        made = amend_note(model=self.kind, note_id=pk, telling=telling, reason=reason, actor=self.actor)
        return self.answer(made, status=201)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of note: its word in addresses, table and shapes. `cosigned`: whether somebody may co-sign one."""

    word: str
    model: type[Note]
    content: type[StrictSerializer]
    output: type[shapes.NoteOut]
    cosigned: bool = True


KINDS = (
    Kind("peer", PeerNote, shapes.PeerContentIn, shapes.PeerNoteOut),
    Kind("clinical", ClinicalNote, shapes.ClinicalContentIn, shapes.ClinicalNoteOut),
    Kind("contact", ContactNote, shapes.ContactContentIn, shapes.ContactNoteOut),
    Kind("counseling", CounselingNote, shapes.CounselingContentIn, shapes.CounselingNoteOut, cosigned=False),
)


def addresses(kind: Kind) -> list[URLPattern]:
    """Return the addresses of one kind, each with views and a description of its own."""
    name, word = kind.model.__name__, kind.word
    shared = {
        "model": kind.model,
        "output": kind.output,
        "content": kind.content,
        "draft": shapes.draft_of(kind.content, name),
        "amendment": shapes.amendment_of(kind.content, name),
        "audit_action": f"{word}_note",
        "__module__": __name__,
    }

    def of(base: type[NoteRows], **operations: dict[str, Any]) -> Any:
        told = {
            method: extend_schema(operation_id=f"{word}_notes_{about.pop('verb')}", **about)
            for method, about in operations.items()
        }
        made: Any = type(f"{word.title()}{base.__name__}", (base,), {**shared, "__doc__": base.__doc__})
        return extend_schema_view(**told)(made).as_view()

    out: dict[int, Any] = {201: kind.output}
    listed = {"verb": "list", "parameters": [shapes.NotesIn], "responses": page_of(kind.output)}
    drafted = {"verb": "write", "request": shared["draft"], "responses": out}
    changed = {"verb": "change", "request": kind.content, "responses": kind.output}
    signed = {"verb": "sign", "request": shapes.NoteSignatureIn, "responses": out}
    cosigned = {"verb": "cosign", "request": shapes.NoteCosignatureIn, "responses": out}
    amended = {"verb": "amend", "request": shared["amendment"], "responses": out}
    root, one = f"notes/{word}/", f"notes/{word}/<uuid:pk>/"
    found = [
        path(root, of(NotesView, get=listed, post=drafted), name=f"{word}-notes"),
        path(one, of(NoteView, get={"verb": "read", "responses": kind.output}, patch=changed), name=f"{word}-note"),
        path(f"{one}signatures/", of(NoteSignaturesView, post=signed), name=f"{word}-note-signatures"),
        path(f"{one}amendments/", of(NoteAmendmentsView, post=amended), name=f"{word}-note-amendments"),
    ]
    if kind.cosigned:
        name = f"{word}-note-co-signatures"
        found.append(path(f"{one}co-signatures/", of(NoteCosignaturesView, post=cosigned), name=name))
    return found
