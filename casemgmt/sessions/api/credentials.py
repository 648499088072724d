"""Credentials of staff over HTTP, and who may go on without one (PEER-04)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import DetailView, ListView, PageIn
from casemgmt.sessions.models import Credential, CredentialOverride
from casemgmt.sessions.note_words import CredentialKind
from casemgmt.sessions.services.credentials import NewCredential, override_credential, record_credential

from .note_shapes import REASON_LIMIT


class CredentialIn(StrictSerializer):
    """A credential. `needs_cosign`: notes of this person are co-signed by `supervisor`."""

    user = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=CredentialKind.choices)
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    issued_on = serializers.DateField(required=False)
    expires_on = serializers.DateField(help_text="The last day it is good for.")
    supervisor = serializers.UUIDField(required=False)
    needs_cosign = serializers.BooleanField(required=False)


class CredentialsIn(PageIn):
    """Whose; the last one recorded of each person unless `earlier` asks for all."""

    user = serializers.UUIDField(required=False)
    earlier = serializers.BooleanField(required=False, default=False, help_text="Also those recorded before.")


class CredentialOut(serializers.ModelSerializer[Credential]):
    """One credential as it was recorded."""

    class Meta:
        model = Credential
        fields = (
            "id",
            "organization_id",
            "user_id",
            "kind",
            "number",
            "issued_on",
            "expires_on",
            "supervisor_id",
            "needs_cosign",
            "recorded_by_id",
            "recorded_at",
        )


class CredentialsView(ListView):
    """GET lists credentials, the last recorded first; POST records one."""

    model = Credential
    output = CredentialOut
    query = CredentialsIn
    filters = {"user": "user_id"}
    audit_action = "credential"

    def narrow(self, rows: Any, asked: Any) -> Any:
        """Return what holds, unless all are asked for."""
        kept: Any = super().narrow(rows, asked)
        return kept if asked["earlier"] else kept.in_force()

    @extend_schema(operation_id="credentials_list", parameters=[CredentialsIn], responses=page_of(CredentialOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List credentials: the organization's to those who run it, to everybody else their own."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="credentials_record", request=CredentialIn, responses={201: CredentialOut})
    def post(self, request: Request) -> Response:
        """Record a credential; it takes the place of what was recorded of the person before."""
        given = dict(self.given(CredentialIn))
        new = NewCredential(user_id=given.pop("user"), supervisor_id=given.pop("supervisor", None), **given)
        return Response(self.shown(record_credential(new=new, actor=self.actor)), status=201)


class CredentialView(DetailView):
    """GET: one credential."""

    model = Credential
    output = CredentialOut
    audit_action = "credential"

    @extend_schema(operation_id="credentials_read", responses=CredentialOut)
    def get(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """Read one credential."""
        return super().get(request, pk, **kwargs)


class CredentialOverrideIn(StrictSerializer):
    """Who may hold sessions without a good credential, until when and why. Without `from_date`: from today."""

    user = serializers.UUIDField()
    until_date = serializers.DateField()
    from_date = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=REASON_LIMIT)


class CredentialOverridesIn(PageIn):
    """Whose."""

    user = serializers.UUIDField(required=False)


class CredentialOverrideOut(serializers.ModelSerializer[CredentialOverride]):
    """What a supervisor allowed."""

    class Meta:
        model = CredentialOverride
        fields = ("id", "organization_id", "user_id", "from_date", "until_date", "reason", "given_by_id", "at")


class CredentialOverridesView(ListView):
    """GET lists what was allowed; POST allows."""

    model = CredentialOverride
    output = CredentialOverrideOut
    query = CredentialOverridesIn
    filters = {"user": "user_id"}
    audit_action = "credential_override"

    @extend_schema(
        operation_id="credential_overrides_list",
        parameters=[CredentialOverridesIn],
        responses=page_of(CredentialOverrideOut),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what supervisors allowed although a credential had lapsed."""
        return super().get(request, **kwargs)

    @extend_schema(
        operation_id="credential_overrides_give",
        request=CredentialOverrideIn,
        responses={201: CredentialOverrideOut},
    )
    def post(self, request: Request) -> Response:
        """Let somebody hold sessions without a good credential for a while."""
        given = dict(self.given(CredentialOverrideIn))
        row = override_credential(
            user_id=given.pop("user"), from_date=given.pop("from_date", None), actor=self.actor, **given
        )
        return Response(self.shown(row), status=201)
