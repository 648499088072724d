"""When one's organization works, over HTTP: as it stands, setting the week, closing days, and their history."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.calendars.models import BusinessWeek, Closure
from casemgmt.calendars.rules import NeverOpen, next_opening
from casemgmt.calendars.services import calendar_of, set_closure, set_week
from casemgmt.kernel import clock
from casemgmt.kernel.errors import NotPermitted

from . import serializers as shapes


class CalendarView(ApiView):
    """GET: when one's organization works, as it stands now."""

    audit_action = "business_calendar"

    @extend_schema(operation_id="business_calendar_read", responses=shapes.CalendarOut)
    def get(self, request: Request) -> Response:
        """Read the calendar that deadlines of referrals to your organization are counted in (§9)."""
        if self.actor.organization_id is None:
            raise NotPermitted()
        calendar, at = calendar_of(self.actor.organization_id), clock.now()
        try:
            opening = next_opening(calendar, at)
        except NeverOpen:
            opening = None
        self.saw("business_calendar.read", object_id=self.actor.organization_id, client_ids=[])
        shown = {
            "timezone": calendar.timezone,
            "hours": shapes.hours_of(calendar.week),
            "federal_holidays": calendar.federal_holidays,
            "open_now": opening == at,
            "next_opening": opening,
            "business_day_minutes": calendar.business_day.total_seconds() // 60,
        }
        return Response(shapes.CalendarOut(shown).data)


class WeeksView(ListView):
    """GET: the weeks that one's organization set, newest first; POST sets one."""

    model = BusinessWeek
    output = shapes.WeekOut
    ordering = ("-seq",)
    audit_action = "business_week"

    @extend_schema(operation_id="business_weeks_list", parameters=[PageIn], responses=page_of(shapes.WeekOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was set, why and by whom."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="business_weeks_set", request=shapes.WeekIn, responses={201: shapes.WeekOut})
    def post(self, request: Request) -> Response:
        """Set the open hours of your organization; running deadlines are counted anew."""
        given = self.given(shapes.WeekIn)
        hours = {
            day: [(shapes.minutes_of(span["opens"]), shapes.minutes_of(span["closes"])) for span in spans]
            for day, spans in given["hours"].items()
        }
        row = set_week(
            hours=hours, federal_holidays=given["federal_holidays"], reason=given["reason"], actor=self.actor
        )
        return Response(shapes.WeekOut(row).data, status=201)


class ClosuresView(ListView):
    """GET: the days that one's organization closed or opened after all, newest first; POST sets one."""

    model = Closure
    output = shapes.ClosureOut
    ordering = ("-seq",)
    audit_action = "business_closure"

    @extend_schema(operation_id="business_closures_list", parameters=[PageIn], responses=page_of(shapes.ClosureOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was set, why and by whom."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="business_closures_set", request=shapes.ClosureIn, responses={201: shapes.ClosureOut})
    def post(self, request: Request) -> Response:
        """Close a day of your organization, or open it after all; running deadlines are counted anew."""
        row = set_closure(**self.given(shapes.ClosureIn), actor=self.actor)
        return Response(shapes.ClosureOut(row).data, status=201)
