"""Notices to staff over HTTP: how one wants to be told, and what was sent."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, ListView, etag
from casemgmt.notices.models import Mail
from casemgmt.notices.services.preferences import change_preference, preference_of

from . import serializers as shapes


class PreferenceView(ApiView):
    """GET reads how the caller is told; PATCH changes it."""

    audit_action = "notice_preference"

    @extend_schema(operation_id="notice_preferences_read", responses=shapes.NoticePreferenceOut)
    def get(self, request: Request) -> Response:
        """Read how you are told, for the organization you are signed in to. Version 0: nothing was set yet."""
        row = preference_of(self.actor)
        return Response(shapes.NoticePreferenceOut(row).data, headers=etag(row.version))

    @extend_schema(
        operation_id="notice_preferences_change",
        request=shapes.PreferenceChangesIn,
        responses=shapes.NoticePreferenceOut,
    )
    def patch(self, request: Request) -> Response:
        """Change how you are told; needs If-Match."""
        given = self.given(shapes.PreferenceChangesIn)
        row = change_preference(changes=given, version=self.if_match(required=True), actor=self.actor)
        return Response(shapes.NoticePreferenceOut(row).data, headers=etag(row.version))


class MailsView(ListView):
    """GET: letters to staff, newest first."""

    model = Mail
    output = shapes.MailOut
    query = shapes.MailsIn
    filters = {"status": "status", "kind": "kind", "user": "user_id"}
    audit_action = "notice_mail"

    @extend_schema(operation_id="notice_mails_list", parameters=[shapes.MailsIn], responses=page_of(shapes.MailOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the letters to you; as admin or supervisor those to everybody of your organization."""
        return super().get(request, **kwargs)
