"""Shapes of sessions and of who comes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import OrderIn
from casemgmt.api.views import PageIn
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, AttendanceMove, Session, SessionMove
from casemgmt.sessions.services.steps import length_of
from casemgmt.sessions.words import LONGEST_MINUTES, AttendanceState, CancelledBy, Discipline, Format, Mode, PlaceType

TOLD_STATES = [(each.value, each.label) for each in AttendanceState if each != AttendanceState.EXPECTED]
TOLD_BY = [(each.value, each.label) for each in CancelledBy if each != CancelledBy.SYSTEM]
REST = [("attended", "Attended"), ("no_show", "No Show")]
MOST = 60  # clients at once


class SessionsIn(PageIn):
    """Of which sessions of your organization's calendar one asks."""

    staff = serializers.UUIDField(required=False)
    program = serializers.UUIDField(required=False)
    series = serializers.UUIDField(required=False)
    discipline = serializers.ChoiceField(choices=Discipline.choices, required=False)
    stage = serializers.ChoiceField(choices=SessionStage.choices, required=False)
    starts_from = serializers.DateTimeField(required=False, help_text="Begins then or later.")
    starts_before = serializers.DateTimeField(required=False)


class SessionIn(StrictSerializer):
    """A session that is planned."""

    starts_at = serializers.DateTimeField()
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    clients = serializers.ListField(child=serializers.UUIDField(), max_length=MOST, required=False, default=list)
    format = serializers.ChoiceField(choices=Format.choices, required=False, default=Format.INDIVIDUAL.value)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False, default=Mode.IN_PERSON.value)
    place_type = serializers.ChoiceField(choices=PlaceType.choices, required=False, default="", allow_blank=True)
    title = serializers.CharField(
        max_length=120, required=False, default="", allow_blank=True, help_text="Of a group; never a person's name."
    )
    program = serializers.UUIDField(required=False, allow_null=True, default=None)
    staff = serializers.UUIDField(required=False, help_text="Who holds it; else you.")
    discipline = serializers.ChoiceField(
        choices=Discipline.choices, required=False, help_text="Needed only when several fit who holds it."
    )


class SessionChangesIn(StrictSerializer):
    """What shall change of a scheduled session. Of a series, only this one changes; see `/series/` for the others."""

    starts_at = serializers.DateTimeField(required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES, required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    place_type = serializers.ChoiceField(choices=PlaceType.choices, required=False, allow_blank=True)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    staff = serializers.UUIDField(required=False)


class AttendanceToldIn(StrictSerializer):
    """What is told of one client's part."""

    client = serializers.UUIDField()
    state = serializers.ChoiceField(choices=TOLD_STATES)
    minutes = serializers.IntegerField(
        min_value=0, max_value=LONGEST_MINUTES, required=False, help_text="Needed for late and left_early."
    )
    cancelled_by = serializers.ChoiceField(choices=TOLD_BY, required=False, default="", allow_blank=True)
    reason = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, help_text="Needed to change what was told before."
    )


class SessionDataIn(StrictSerializer):
    """What the verbs need: `hold` takes `attendances`, `rest` and `late_reason`."""

    attendances = serializers.ListField(child=AttendanceToldIn(), max_length=MOST, required=False, default=list)
    rest = serializers.ChoiceField(
        choices=REST, required=False, default="", allow_blank=True, help_text="For everybody expected and not named."
    )
    late_reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    cancelled_by = serializers.ChoiceField(choices=TOLD_BY, required=False, default="", allow_blank=True)
    error_reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class SessionOrderIn(OrderIn):
    """One move of a session."""

    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    data = SessionDataIn(required=False, default=dict)  # type: ignore[assignment]


class SessionOut(serializers.ModelSerializer[Session]):
    """When, how long, how, with whom of the staff. Nobody learns here who comes (F9).

    To other organizations that is all: the title, the group's size and what was told stay with who runs it.
    """

    staff_name = serializers.CharField(source="staff.name", help_text="Of who holds it.")
    stage = serializers.ChoiceField(choices=SessionStage.choices)
    minutes = serializers.SerializerMethodField()
    group_size = serializers.IntegerField(allow_null=True, help_text="Who is not called off; null elsewhere.")
    details_hidden = serializers.SerializerMethodField(help_text="Something stays with the organization that runs it.")

    class Meta:
        model = Session
        fields = (
            "id",
            "organization_id",
            "program_id",
            "series_id",
            "series_date",
            "detached",
            "staff_id",
            "staff_name",
            "discipline",
            "format",
            "mode",
            "place_type",
            "title",
            "starts_at",
            "ends_at",
            "minutes",
            "timezone",
            "stage",
            "cancelled_by",
            "late_reason",
            "group_size",
            "details_hidden",
            "version",
        )

    def get_minutes(self, row: Session) -> int:
        """Return how long it lasts."""
        return length_of(row)

    def get_details_hidden(self, row: Session) -> bool:
        """Return whether something is kept from the reader."""
        actor = self.context["actor"]
        return bool(actor.organization_id != row.organization_id)

    def to_representation(self, row: Session) -> dict[str, Any]:
        """Return the session as its reader may know it."""
        shown: dict[str, Any] = super().to_representation(row)
        if not shown["details_hidden"]:
            return shown
        hidden = {"title": "", "late_reason": "", "place_type": "", "cancelled_by": "", "group_size": None}
        return shown | hidden | {"series_id": None, "series_date": None, "detached": False}


class WarningOut(serializers.Serializer[Any]):
    """Something that who plans should know; nothing was refused for it."""

    code = serializers.ChoiceField(choices=[("client_elsewhere", "Client Elsewhere")])
    client_id = serializers.UUIDField()
    session_id = serializers.UUIDField(help_text="Where they are expected in that time.")


class SessionPlannedOut(SessionOut):
    """A session as it was planned."""

    warnings = WarningOut(many=True, read_only=True)

    class Meta(SessionOut.Meta):
        fields = (*SessionOut.Meta.fields, "warnings")  # type: ignore[assignment]


class SessionMoveOut(serializers.ModelSerializer[SessionMove]):
    """One row of the ledger of a session. Reasons are free text, and stay in the ledger (F9)."""

    class Meta:
        model = SessionMove
        fields = (
            "seq",
            "session_id",
            "verb",
            "rule",
            "from_stage",
            "to_stage",
            "at",
            "effective_at",
            "actor_kind",
            "actor_id",
        )


class AttendancesIn(PageIn):
    """Whose attendances one asks for."""

    client = serializers.UUIDField()
    state = serializers.ChoiceField(choices=AttendanceState.choices, required=False)


class ExpectedIn(StrictSerializer):
    """One more client of a group. After it was held, how they came."""

    client = serializers.UUIDField()
    state = serializers.ChoiceField(choices=TOLD_STATES, required=False)
    minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_MINUTES, required=False)
    cancelled_by = serializers.ChoiceField(choices=TOLD_BY, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class AttendanceChangesIn(StrictSerializer):
    """What is told of one part now; what was told before is changed for a reason."""

    state = serializers.ChoiceField(choices=AttendanceState.choices)
    minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_MINUTES, required=False)
    cancelled_by = serializers.ChoiceField(choices=TOLD_BY, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class AttendanceOut(serializers.ModelSerializer[Attendance]):
    """One client's part in one session, with the session's bare facts."""

    session = SessionOut()
    confirmed = serializers.BooleanField(read_only=True, help_text="The client said yes to this time.")

    class Meta:
        model = Attendance
        fields = (
            "id",
            "client_id",
            "episode_id",
            "enrollment_id",
            "state",
            "minutes",
            "cancelled_by",
            "confirmed",
            "version",
            "session",
        )


class AttendancePlannedOut(AttendanceOut):
    """One client's part as it was planned."""

    warnings = WarningOut(many=True, read_only=True)

    class Meta(AttendanceOut.Meta):
        fields = (*AttendanceOut.Meta.fields, "warnings")  # type: ignore[assignment]


class AttendanceMoveOut(serializers.ModelSerializer[AttendanceMove]):
    """One telling of one part."""

    class Meta:
        model = AttendanceMove
        fields = (
            "seq",
            "attendance_id",
            "from_state",
            "to_state",
            "minutes",
            "cancelled_by",
            "reason",
            "actor_kind",
            "actor_id",
            "at",
        )
