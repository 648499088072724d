"""Inviting staff, passwords, and taking accounts and roles away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.guessing import forgive
from casemgmt.accounts.models import Invitation
from casemgmt.accounts.roles import Role
from casemgmt.accounts.service_accounts import require_keeper
from casemgmt.accounts.services import digest
from casemgmt.accounts.staffing import (
    Newcomer,
    accept_invitation,
    change_password,
    disable_person,
    end_membership,
    invite,
    reset_password,
    reset_second_factor,
    withdraw_invitation,
)
from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView
from casemgmt.kernel.errors import NotVisible

from .authentication import key_of
from .guesses import GuessedView, SecretView


class InvitationIn(StrictSerializer):
    """Who is invited."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), min_length=1, max_length=8)


class InvitationOut(serializers.ModelSerializer[Invitation]):
    """An invitation, without its secret."""

    class Meta:
        model = Invitation
        fields = ("id", "email", "name", "roles", "created_at", "expires_at", "used_at", "revoked_at")


class LinkOut(serializers.Serializer[Any]):
    """What the person invited needs; the token is shown this once."""

    id = serializers.UUIDField()
    token = serializers.CharField()
    organization_id = serializers.UUIDField()
    expires_at = serializers.DateTimeField()


class AcceptanceIn(StrictSerializer):
    """A link that is followed. Whoever has an account already tells its password."""

    token = serializers.CharField(max_length=64)
    organization = serializers.UUIDField()
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class PasswordIn(StrictSerializer):
    """One's present and one's new password."""

    current = serializers.CharField(max_length=128, trim_whitespace=False)
    new = serializers.CharField(max_length=128, trim_whitespace=False)


def shown_link(link: Invitation, secret: str) -> dict[str, Any]:
    """Return a new link as LinkOut shows it."""
    told = {"id": link.id, "token": secret, "organization_id": link.organization_id, "expires_at": link.expires_at}
    return dict(LinkOut(told).data)


class InvitationsView(SecretView, ListView):
    """GET: the organization's invitations. POST: another one."""

    model = Invitation
    output = InvitationOut
    audit_action = "invitation"

    @extend_schema(operation_id="invitations_list", responses=page_of(InvitationOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List them, newest first, with those that were used."""
        require_keeper(self.actor)
        return super().get(request, **kwargs)

    @extend_schema(operation_id="invitations_create", request=InvitationIn, responses={201: LinkOut})
    def post(self, request: Request) -> Response:
        """Invite somebody. The answer is the same whether or not they have an account."""
        if self.actor.organization_id is None:
            raise NotVisible()
        newcomer = Newcomer(**self.given(InvitationIn))
        made, secret = invite(newcomer=newcomer, organization_id=self.actor.organization_id, actor=self.actor)
        return Response(shown_link(made, secret), status=201)


class InvitationView(ApiView):
    """DELETE withdraws an invitation."""

    audit_action = "invitation"

    @extend_schema(operation_id="invitations_withdraw", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """End it; its link opens nothing any more."""
        withdraw_invitation(invitation_id=pk, actor=self.actor)
        return Response(status=204)


class AcceptanceView(GuessedView):
    """POST follows a link: of an invitation, or of a password reset."""

    public = True
    audit_action = "invitation"

    def guessed_at(self) -> str:
        """Return which link is tried."""
        return f"invitation {digest(self.given(AcceptanceIn)['token'])}"

    @extend_schema(operation_id="invitations_accept", request=AcceptanceIn, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Set the password. Afterwards one logs in with it, and shows the second factor as always."""
        given = self.given(AcceptanceIn)
        accept_invitation(secret=given["token"], organization_id=given["organization"], password=given["password"])
        forgive(self.guess)
        return Response(status=204)


class PasswordView(GuessedView):
    """POST changes one's own password."""

    audit_action = "password"

    def guessed_at(self) -> str:
        """Return whose password it is."""
        return f"password of {self.actor.id}"

    @extend_schema(operation_id="password_change", request=PasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change it; all other sign-ins end."""
        given = self.given(PasswordIn)
        change_password(actor=self.actor, key_id=key_of(request), **given)
        forgive(self.guess)
        return Response(status=204)


class PasswordResetView(SecretView):
    """POST makes a link with which a colleague sets a new password."""

    audit_action = "password"

    @extend_schema(operation_id="staff_password_reset", request=None, responses={201: LinkOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Make the link. The second factor stays, and is asked for."""
        made, secret = reset_password(user_id=pk, actor=self.actor)
        return Response(shown_link(made, secret), status=201)


class SecondFactorResetView(ApiView):
    """POST lets a colleague who lost everything enroll anew."""

    audit_action = "second_factor"

    @extend_schema(operation_id="staff_second_factor_reset", request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take all their factors and recovery codes away; all their sign-ins end."""
        reset_second_factor(user_id=pk, actor=self.actor)
        return Response(status=204)


class DisableView(ApiView):
    """POST ends a colleague's account."""

    audit_action = "account"

    @extend_schema(operation_id="staff_disable", request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Disable it; from the next request on it opens nothing."""
        disable_person(user_id=pk, actor=self.actor)
        return Response(status=204)


class MembershipView(ApiView):
    """DELETE takes a role away."""

    audit_action = "membership"

    @extend_schema(operation_id="memberships_end", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """End a role of a colleague, from the next request on."""
        end_membership(membership_id=pk, actor=self.actor)
        return Response(status=204)
