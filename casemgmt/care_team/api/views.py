"""Care teams over HTTP: the team of a client, somebody's caseload, joining and leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.api.schema import page_of
from casemgmt.api.views import ApiView, DetailView, ListView, etag
from casemgmt.care_team.models import CareTeamMember
from casemgmt.care_team.services import NewMember, add_member, change_lead, end_member
from casemgmt.care_team.words import EndReason, TeamRole
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_role

from . import serializers as shapes


class MemberRows:
    """What every view here reads: memberships with their people, in one query."""

    def rows(self) -> QuerySet[Any]:
        """Return visible memberships with the members of staff."""
        return super().rows().select_related("user")  # type: ignore[misc, no-any-return]


class CareTeamView(MemberRows, ListView):
    """GET: who cares for a client. POST: somebody joins."""

    model = CareTeamMember
    output = shapes.CareTeamMemberOut
    query = shapes.CareTeamIn
    filters = {"role": "role"}
    ordering = ("id",)
    audit_action = "care_team"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep one client's team: of today, or of before."""
        team = super().narrow(rows, asked).filter(client_id=self.kwargs["pk"])
        serving = CareTeamMember.objects.serving().filter(client_id=self.kwargs["pk"])
        return team.exclude(id__in=serving.values("id")) if asked["past"] else team.serving()  # type: ignore[attr-defined]

    @extend_schema(
        operation_id="care_team_list", parameters=[shapes.CareTeamIn], responses=page_of(shapes.CareTeamMemberOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List a client's team at your organization, in the order they joined."""
        Client.objects.visible_to(self.actor).fetch(kwargs["pk"])
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="care_team_add_member",
        request=shapes.NewMemberIn,
        responses={201: shapes.CareTeamMemberOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Put somebody on the team; the same person in the same role again is 409 `already_on_team`."""
        given = self.given(shapes.NewMemberIn)
        new = NewMember(
            user_id=given["user"],
            role=TeamRole(given["role"]),
            started_on=given.get("started_on"),
            lead=given["lead"],
        )
        member = add_member(client_id=pk, new=new, actor=self.actor)
        return Response(self.shown(member), status=201, headers=etag(member.version))


class MemberView(MemberRows, DetailView):
    """GET: one place on a team. PATCH: who leads."""

    model = CareTeamMember
    output = shapes.CareTeamMemberOut
    audit_action = "care_team"

    @extend_schema(operation_id="care_team_read_member", responses=shapes.CareTeamMemberOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one place."""
        return super().get(request, pk, **kwargs)

    @extend_schema(
        operation_id="care_team_change_member", request=shapes.MemberChangesIn, responses=shapes.CareTeamMemberOut
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Let a case manager lead, in place of whoever did, or no longer; needs If-Match."""
        lead, version = self.given(shapes.MemberChangesIn)["lead"], self.if_match(required=True)
        member = change_lead(member_id=pk, lead=lead, version=version, actor=self.actor)
        if member.version == version:  # nothing changed, and it is shown all the same
            self.saw("care_team.read", object_id=member.id, client_ids=[member.client_id])
        return Response(self.shown(member), headers=etag(member.version))


class MemberEndView(ApiView):
    """POST: somebody leaves a team."""

    audit_action = "care_team"

    @extend_schema(
        operation_id="care_team_end_member",
        request=shapes.MemberEndIn,
        responses={200: shapes.CareTeamMemberOut},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Note who left and why; a second time is 409 `membership_ended`."""
        given = self.given(shapes.MemberEndIn)
        member = end_member(
            member_id=pk,
            reason=EndReason(given["reason"]),
            ended_on=given.get("ended_on"),
            version=given.get("version", self.if_match(required=False)),
            actor=self.actor,
        )
        return Response(shapes.CareTeamMemberOut(member).data, headers=etag(member.version))


class CaseloadView(MemberRows, ListView):
    """GET: the clients whom somebody cares for."""

    model = CareTeamMember
    output = shapes.CareTeamMemberOut
    query = shapes.CaseloadIn
    filters = {"role": "role"}
    ordering = ("id",)
    audit_action = "care_team"

    def narrow(self, rows: QuerySet[Any], asked: Mapping[str, Any]) -> QuerySet[Any]:
        """Keep one person's places on teams."""
        user_id = asked.get("user", self.actor.id)
        if user_id != self.actor.id:
            require_role(self.actor, CASE_MANAGER_AND_UP)
        return super().narrow(rows, asked).filter(user_id=user_id).serving()  # type: ignore[attr-defined, no-any-return]

    @extend_schema(
        operation_id="caseload_list", parameters=[shapes.CaseloadIn], responses=page_of(shapes.CareTeamMemberOut)
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the clients of a member of staff; another person's are for case managers and up."""
        return super().get(request, **kwargs)
