"""The sender's links for providers without an account, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn
from casemgmt.kernel import clock
from casemgmt.kernel.clock import DatabaseNow
from referrals.models import Referral, ReferralLink
from referrals.services.linking import Told, make_link, revoke_link

STATES = ("waiting", "open", "over", "locked", "replaced", "revoked", "finished")


class ReferralLinkIn(StrictSerializer):
    """To whom the link goes."""

    recipient_name = serializers.CharField(max_length=120, help_text="Whom you tell link and PIN.")


SHOWN = (
    "id",
    "referral_id",
    "recipient_name",
    "state",
    "tries",
    "created_at",
    "expires_at",
    "made_by",
    "opened_at",
    "session_ends_at",
    "ended_at",
)


class ReferralLinkOut(serializers.ModelSerializer[ReferralLink]):
    """A link as its sender sees it; neither link nor PIN can be shown again."""

    state = serializers.SerializerMethodField()

    class Meta:
        model = ReferralLink
        fields = SHOWN

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, link: ReferralLink) -> str:
        """Return how it stands now."""
        return link.state_at(link.seen_at)  # type: ignore[attr-defined]  # of the query, or of the making


class ReferralLinkToldOut(ReferralLinkOut):
    """A link just made, with what is told once."""

    address = serializers.URLField(help_text="For the provider's browser. Everything after # never reaches a server.")
    pin = serializers.CharField(help_text="Tell it by voice, never beside the link.")

    class Meta:
        model = ReferralLink
        fields = (*SHOWN, "address", "pin")


def address_of(token: str) -> str:
    """Return what the provider opens; the token stands behind the #, so that it reaches no log and no proxy."""
    return f"{settings.PUBLIC_BASE_URL.rstrip('/')}/outside/#{token}"


class LinksView(ListView):
    """GET: the links of one referral, newest first; POST makes one, which ends the one before."""

    model = ReferralLink
    output = ReferralLinkOut
    audit_action = "referral_link"
    tells_secrets = True

    def rows(self) -> QuerySet[Any]:
        """Return the links of a referral that the actor may see; raise NotVisible."""
        referral = Referral.objects.visible_to(self.actor).fetch(self.kwargs["pk"])
        rows: QuerySet[Any] = super().rows().filter(referral=referral)
        found: QuerySet[Any] = rows.annotate(seen_at=DatabaseNow())
        return found

    @extend_schema(operation_id="referral_links_list", parameters=[PageIn], responses=page_of(ReferralLinkOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was made, and how each stands."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="referral_links_make", request=ReferralLinkIn, responses={201: ReferralLinkToldOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Make a link; address and PIN are shown this once."""
        given = self.given(ReferralLinkIn)
        told: Told = make_link(referral_id=pk, recipient_name=given["recipient_name"], actor=self.actor)
        row: Any = told.link
        row.address, row.pin, row.seen_at = address_of(told.token), told.pin, clock.now()
        return Response(ReferralLinkToldOut(row).data, status=201)


class LinkView(ApiView):
    """DELETE takes a link back."""

    audit_action = "referral_link"

    @extend_schema(operation_id="referral_links_revoke", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Take it back; whoever came in by it is out at the next request."""
        revoke_link(link_id=pk, actor=self.actor)
        return Response(status=204)
