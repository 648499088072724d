"""Service accounts and their tokens, for those who run an organization's accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.models import ServiceAccount, ServiceToken
from casemgmt.accounts.scopes import SCOPES
from casemgmt.accounts.service_accounts import (
    LONGEST_DAYS,
    Terms,
    create_service_account,
    disable_service_account,
    issue_service_token,
    require_keeper,
    revoke_service_token,
)
from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView
from casemgmt.kernel.errors import NotVisible

from .guesses import SecretView


class ServiceAccountIn(StrictSerializer):
    """A new account."""

    name = serializers.CharField(max_length=60)


class ServiceAccountOut(serializers.ModelSerializer[ServiceAccount]):
    """A program of an organization."""

    class Meta:
        model = ServiceAccount
        fields = ("id", "name", "created_at", "disabled_at")


class ServiceTokenIn(StrictSerializer):
    """A new token of an account."""

    account = serializers.UUIDField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=sorted(SCOPES)), min_length=1, max_length=20)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=LONGEST_DAYS)
    addresses = serializers.ListField(
        child=serializers.CharField(max_length=43),
        max_length=20,
        default=list,
        help_text="Networks it may come from, such as 203.0.113.0/24; none: from anywhere.",
    )


class ServiceTokenOut(serializers.ModelSerializer[ServiceToken]):
    """A token, without its secret."""

    class Meta:
        model = ServiceToken
        fields = (
            "id",
            "account_id",
            "scopes",
            "addresses",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )


class NewServiceTokenOut(serializers.Serializer[Any]):
    """A token with its secret, shown this once."""

    id = serializers.UUIDField()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ServiceAccountsView(ListView):
    """GET: the organization's service accounts. POST: another one."""

    model = ServiceAccount
    output = ServiceAccountOut
    audit_action = "service_account"

    @extend_schema(operation_id="service_accounts_list", responses=page_of(ServiceAccountOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List them, newest first."""
        require_keeper(self.actor)
        return super().get(request, **kwargs)

    @extend_schema(operation_id="service_accounts_create", request=ServiceAccountIn, responses={201: ServiceAccountOut})
    def post(self, request: Request) -> Response:
        """Make an account; it opens nothing before it has a token."""
        if self.actor.organization_id is None:
            raise NotVisible()
        name = self.given(ServiceAccountIn)["name"]
        made = create_service_account(name=name, organization_id=self.actor.organization_id, actor=self.actor)
        made.refresh_from_db()
        return Response(self.shown(made), status=201)


class ServiceAccountView(ApiView):
    """DELETE disables a service account."""

    audit_action = "service_account"

    @extend_schema(operation_id="service_accounts_disable", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """End it with all its tokens, from the next request on."""
        disable_service_account(account_id=pk, actor=self.actor)
        return Response(status=204)


class ServiceTokensView(SecretView, ListView):
    """GET: the organization's service tokens. POST: another one."""

    model = ServiceToken
    output = ServiceTokenOut
    audit_action = "service_token"

    @extend_schema(operation_id="service_tokens_list", responses=page_of(ServiceTokenOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List them, newest first, with those that ended."""
        require_keeper(self.actor)
        return super().get(request, **kwargs)

    @extend_schema(operation_id="service_tokens_create", request=ServiceTokenIn, responses={201: NewServiceTokenOut})
    def post(self, request: Request) -> Response:
        """Issue a token; its secret is shown this once."""
        given = self.given(ServiceTokenIn)
        terms = Terms(given["scopes"], given["days"], given["addresses"])
        token, secret = issue_service_token(account_id=given["account"], terms=terms, actor=self.actor)
        answer = {"id": token.id, "token": secret, "expires_at": token.expires_at}
        return Response(NewServiceTokenOut(answer).data, status=201)


class ServiceTokenView(ApiView):
    """DELETE revokes a service token."""

    audit_action = "service_token"

    @extend_schema(operation_id="service_tokens_revoke", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """End it; it is refused from the next request on."""
        revoke_service_token(token_id=pk, actor=self.actor)
        return Response(status=204)
