"""Who but their author reads counseling notes, over HTTP (P2-71)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView
from casemgmt.sessions.models import CounselingNote, CounselingReading
from casemgmt.sessions.services.overseeing import read_for_oversight

from . import note_shapes as shapes


class CounselingOversightView(ApiView):
    """POST: a supervisor reads what a colleague wrote, which is put on record."""

    audit_action = "counseling_note"

    @extend_schema(
        operation_id="counseling_notes_oversee",
        request=shapes.CounselingReadingIn,
        responses={201: shapes.CounselingNotesOut},
    )
    def post(self, request: Request) -> Response:
        """Read a colleague's counseling notes of a client in a session; the colleague sees that, and why."""
        given = dict(self.given(shapes.CounselingReadingIn))
        found = read_for_oversight(
            session_id=given.pop("session"), client_id=given.pop("client"), actor=self.actor, **given
        )
        rows = shapes.CounselingNoteOut(found, many=True, context={"actor": self.actor}).data
        return Response({"results": rows}, status=201)


class CounselingReadingsView(ListView):
    """GET: who read a note of one's own."""

    model = CounselingReading
    output = shapes.CounselingReadingOut
    audit_action = "counseling_reading"

    def rows(self) -> QuerySet[Any]:
        """Return the readings of one's own note; the same 404 for others' and absent ones."""
        note = CounselingNote.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        return super().rows().filter(note_id=note.pk)

    @extend_schema(operation_id="counseling_notes_readings", responses=page_of(shapes.CounselingReadingOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List who read a note of one's own, and why."""
        return super().get(request, **kwargs)
