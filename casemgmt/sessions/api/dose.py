"""The dose over HTTP: hours and sessions that were attended, by week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView
from casemgmt.clients.models import Client
from casemgmt.kernel.errors import NotPermitted
from casemgmt.sessions.dose import weeks_of
from casemgmt.sessions.rules.weeks import Week
from programs.models import Enrollment

MOST_WEEKS = 104
READS_DOSE = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})


class WeeksIn(StrictSerializer):
    """How many weeks back."""

    weeks = serializers.IntegerField(
        min_value=1, max_value=MOST_WEEKS, default=8, help_text="The present one included."
    )


class AttendedWeekOut(serializers.Serializer[Any]):
    """What was attended in one ISO week."""

    week = serializers.CharField(help_text="ISO 8601, such as 2026-W09.")
    monday = serializers.DateField()
    minutes = serializers.IntegerField(help_text="Spent in sessions that were held.")
    sessions = serializers.IntegerField(help_text="Attended that began in this week.")
    minimum_minutes = serializers.IntegerField(allow_null=True, help_text="Null: no rule asks for one (CLN-02).")
    counts = serializers.BooleanField(help_text="Over, and the enrollment was active all of it.")
    below_minimum = serializers.BooleanField(help_text="Never true of a week that does not count.")


class EnrollmentDoseOut(serializers.Serializer[Any]):
    """The weeks of one enrollment, newest first; those without anything stand there, too."""

    enrollment = serializers.UUIDField()
    program = serializers.UUIDField()
    kind = serializers.CharField()
    stage = serializers.CharField()
    timezone = serializers.CharField(help_text="Of the program: what week it is now. Sessions keep their own.")
    weeks = AttendedWeekOut(many=True)


class ClientDoseOut(serializers.Serializer[Any]):
    """The weeks of each enrollment that ran in them."""

    client = serializers.UUIDField()
    enrollments = EnrollmentDoseOut(many=True)


def shown(enrollment: Enrollment, weeks: Iterable[Week]) -> dict[str, Any]:
    """Return an enrollment's weeks as EnrollmentDoseOut describes them."""
    return {
        "enrollment": enrollment.id,
        "program": enrollment.program_id,
        "kind": enrollment.program.kind,
        "stage": str(enrollment.stage),
        "timezone": enrollment.program.timezone,
        "weeks": [
            {
                "week": f"{each.monday:%G-W%V}",
                "monday": each.monday,
                "minutes": each.minutes,
                "sessions": each.sessions,
                "minimum_minutes": each.minimum,
                "counts": each.counts,
                "below_minimum": each.below,
            }
            for each in weeks
        ],
    }


class DoseView(ApiView):
    """Base of both: a count over all disciplines is read by who reads all of them (table 1.9, notes 1 and 2)."""

    audit_action = "dose"

    def enrollments(self) -> Any:
        """Return the enrollments that the actor may see, with what the count asks of them; raise NotPermitted."""
        if not self.actor.has_role(*READS_DOSE):
            raise NotPermitted(who=sorted(READS_DOSE))
        return Enrollment.objects.visible_to(self.actor).select_related("program", "client", "episode")


class EnrollmentDoseView(DoseView):
    """GET: one enrollment's weeks."""

    @extend_schema(operation_id="enrollments_dose", parameters=[WeeksIn], responses=EnrollmentDoseOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read hours and sessions by week, newest first (F9, CLN-02)."""
        asked = self.asked(WeeksIn)
        visible = Enrollment.objects.visible_to(self.actor).fetch(pk)
        enrollment = self.enrollments().fetch(visible.pk)
        found = weeks_of([enrollment], back=asked["weeks"])
        self.saw("dose.read", object_id=pk, client_ids=[enrollment.client_id])
        return Response(EnrollmentDoseOut(shown(enrollment, found[enrollment.id])).data)


class ClientDoseView(DoseView):
    """GET: the weeks of all enrollments of a client."""

    @extend_schema(operation_id="clients_dose", parameters=[WeeksIn], responses=ClientDoseOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """Read hours and sessions by week of every enrollment that is open or has weeks among these."""
        asked = self.asked(WeeksIn)
        client = Client.objects.visible_to(self.actor).fetch(pk)
        rows = list(self.enrollments().filter(client=client).order_by("-id"))
        weeks = weeks_of(rows, back=asked["weeks"])
        kept = [each for each in rows if each.is_open or any(week.sessions or week.minutes for week in weeks[each.id])]
        self.saw("dose.read", object_id=pk, client_ids=[pk])
        answer = {"client": pk, "enrollments": [shown(each, weeks[each.id]) for each in kept]}
        return Response(ClientDoseOut(answer).data)
