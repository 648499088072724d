"""The quick log over HTTP: what a peer specialist tells on a phone between two visits."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView
from casemgmt.policies.services import policy_of
from casemgmt.sessions.note_words import SUMMARY_LIMIT, units
from casemgmt.sessions.services.handing_over import Handoff
from casemgmt.sessions.services.quick_log import GROUP, Logged, QuickLog, log_session
from casemgmt.sessions.words import LONGEST_MINUTES, Discipline, Mode

from .note_shapes import REASON_LIMIT, HandoffIn

MODES = [*Mode.choices, (GROUP, "Group")]


class QuickLogIn(StrictSerializer):
    """A session that was held: `client`, `minutes`, `mode`, `summary`, `distress`, `handoff`, and nothing else.

    The last three fields answer a refusal: who has two trades says which, who tells it later says when and why.
    """

    client = serializers.UUIDField()
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    mode = serializers.ChoiceField(choices=MODES, required=False, default=Mode.IN_PERSON.value)
    summary = serializers.CharField(max_length=SUMMARY_LIMIT, required=False, allow_blank=True, default="")
    distress = serializers.BooleanField(required=False, default=False)
    handoff = HandoffIn(required=False)
    kind = serializers.ChoiceField(choices=Discipline.choices, required=False, help_text="Follows from one's role.")
    started_at = serializers.DateTimeField(required=False, help_text="Without it the session ended just now.")
    late_reason = serializers.CharField(max_length=REASON_LIMIT, required=False, allow_blank=True, default="")


class QuickLogOut(serializers.Serializer[Any]):
    """What was made: a held session, the client's part in it, and a signed note."""

    session_id = serializers.UUIDField()
    attendance_id = serializers.UUIDField()
    note_id = serializers.UUIDField()
    client_id = serializers.UUIDField()
    episode_id = serializers.UUIDField(allow_null=True)
    enrollment_id = serializers.UUIDField(allow_null=True)
    organization_id = serializers.UUIDField()
    staff_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Discipline.choices)
    mode = serializers.ChoiceField(choices=MODES)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    units = serializers.IntegerField(help_text="Quarters of an hour; no advice for bills (PEER-05).")
    summary = serializers.CharField()
    distress = serializers.BooleanField()
    handoff_to_id = serializers.UUIDField(allow_null=True)
    handoff_method = serializers.CharField()
    handoff_at = serializers.DateTimeField(allow_null=True)
    late_reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    cosign_needed = serializers.BooleanField()
    credential = serializers.ChoiceField(
        choices=["valid", "missing", "overridden"], allow_null=True, help_text="How a peer's stands; null: not asked."
    )


SAID = (
    "session_id",
    "client_id",
    "episode_id",
    "organization_id",
    "summary",
    "distress",
    "handoff_to_id",
    "handoff_method",
    "handoff_at",
    "late_reason",
    "cosign_needed",
)


def shown(made: Logged) -> dict[str, Any]:
    """Return what was made as `QuickLogOut` tells it."""
    note, part, session = made.note, made.attendance, made.attendance.session
    rest = policy_of(session.organization_id).session_unit_rest_minutes
    found: dict[str, Any] = {name: getattr(note, name) for name in SAID}
    found |= {
        "attendance_id": part.pk,
        "note_id": note.pk,
        "enrollment_id": part.enrollment_id,
        "staff_id": session.staff_id,
        "kind": session.discipline,
        "mode": GROUP if session.format == GROUP else session.mode,
        "started_at": session.starts_at,
        "ended_at": session.ends_at,
        "minutes": part.minutes,
        "units": units(part.minutes, rest=rest),
        "recorded_at": note.signed_at,
        "credential": made.credential.value if made.credential else None,
    }
    answer: dict[str, Any] = QuickLogOut(found).data
    return answer


class QuickLogView(ApiView):
    """POST: log a session that one held."""

    audit_action = "session_log"

    @extend_schema(operation_id="session_log", request=QuickLogIn, responses={200: QuickLogOut, 201: QuickLogOut})
    def post(self, request: Request) -> Response:
        """Log a session; the same told again within a minute is answered as before, with 200."""
        given = dict(self.given(QuickLogIn))
        handoff = given.pop("handoff", None)
        new = QuickLog(client_id=given.pop("client"), handoff=Handoff(**handoff) if handoff else None, **given)
        made = log_session(new=new, actor=self.actor)
        return Response(shown(made), status=200 if made.repeated else 201)
