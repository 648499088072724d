"""What a provider without an account can do: open a link, read one packet, answer, be done. Only here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.transitions import TransitionsOut
from casemgmt.api.views import ApiView, etag
from casemgmt.kernel.actor import Actor
from referrals.models import Referral
from referrals.packing import reachable_at
from referrals.services.linking import come_in, count_try, finish, open_link
from referrals.standing import Side
from referrals.surroundings import around

from . import serializers as shapes
from .views import ReferralTransitionsView

SCHEME = "Link"
OVER = "This session is over. Ask who referred the client for a new link."


@dataclass(frozen=True, slots=True)
class Guest:
    """What `request.user` is here: an actor, and the id that throttles count by."""

    actor: Actor
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> UUID | None:
        """The link's id."""
        return self.actor.id


class LinkAuthentication(BaseAuthentication):
    """`Authorization: Link <secret>`; `request.auth` is the one referral that it opens."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return who came in by a link, None without the header; raise AuthenticationFailed."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        found = come_in(secret.strip())
        if found is None:
            raise AuthenticationFailed(OVER)
        actor, referral_id = found
        return Guest(actor), referral_id

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that the answer is 401."""
        return SCHEME


def referral_of(request: Request) -> UUID:
    """Return the one referral that a session opens."""
    found: Any = request.auth
    assert isinstance(found, UUID)
    return found


class LinkScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description names a session that came in by a link."""

    target_class = LinkAuthentication
    name = "link"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        told = "Link and the secret of POST /api/v1/outside/session/."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": told}


class OpeningIn(StrictSerializer):
    """What the address holds behind its #, and the PIN that was told by voice."""

    token = serializers.CharField(max_length=64)
    pin = serializers.RegexField(r"^[0-9]{6}$")


class OpenedOut(serializers.Serializer[Any]):
    """What goes with every request until it ends."""

    secret = serializers.CharField()
    ends_at = serializers.DateTimeField()


class OutsideSessionView(ApiView):
    """POST opens a link; DELETE says that one is done."""

    audit_action = "referral_link"
    authentication_classes = (LinkAuthentication,)

    @property
    def public(self) -> bool:  # type: ignore[override]
        """Strangers may open; only who is in can be done."""
        return self.request.method == "POST"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count a POST as a try before anything judges it."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            count_try(self.given(OpeningIn)["token"])

    @extend_schema(operation_id="outside_session_open", request=OpeningIn, responses={201: OpenedOut})
    def post(self, request: Request) -> Response:
        """Open a link with its PIN: once, and five tries at the PIN."""
        opened = open_link(**self.given(OpeningIn))
        return Response(OpenedOut(opened).data, status=201)

    @extend_schema(operation_id="outside_session_end", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Be done: the packet is shown no more."""
        finish(self.actor)
        return Response(status=204)


class OutsideReferralView(ApiView):
    """GET: the packet with its notice, and where the referral stands."""

    audit_action = "referral"
    authentication_classes = (LinkAuthentication,)

    @extend_schema(operation_id="outside_referral_read", responses=shapes.ReceivedReferralOut)
    def get(self, request: Request) -> Response:
        """Read it, as a receiver with an account would."""
        rows = Referral.objects.visible_to(self.actor).select_related("organization")
        row: Any = rows.fetch(referral_of(self.request))
        self.saw("referral.read", object_id=row.pk, client_ids=[row.client_id])
        row.around, row.contact = around(row, side=Side.RECEIVER), reachable_at(row)
        return Response(shapes.ReceivedReferralOut(row).data, headers=etag(row.version))


class OutsideTransitionsView(ReferralTransitionsView):
    """GET says what the provider may do next; POST does it. The receiver's steps and no others (REF-08)."""

    authentication_classes = (LinkAuthentication,)

    @extend_schema(operation_id="outside_referral_transitions", responses=TransitionsOut)
    def get(self, request: Request) -> Response:  # type: ignore[override]
        """Tell what is allowed, blocked and why."""
        return super().get(request, referral_of(self.request))

    @extend_schema(
        operation_id="outside_referral_move", request=shapes.ReferralOrderIn, responses={201: shapes.ReferralMoveOut}
    )
    def post(self, request: Request) -> Response:  # type: ignore[override]
        """Acknowledge, ask, accept, decline, tell how it went."""
        return super().post(request, referral_of(self.request))
