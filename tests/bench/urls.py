"""The product's addresses, and two requests with nothing in them: one logs in, one is told who asks."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.accounts.api.authentication import Principal, TokenAuthentication
from casemgmt.api.views import ApiView


class Known(BaseAuthentication):
    """Whoever logged in with this key before."""

    found: tuple[Principal, Any] | None = None

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return who it was; the first request asks."""
        if Known.found is None:
            Known.found = TokenAuthentication().authenticate(request)
        return Known.found


class EmptyView(ApiView):
    """An answer with nothing in it."""

    authentication_classes = (TokenAuthentication,)

    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({})


class KnownView(EmptyView):
    """The same without asking who it is."""

    authentication_classes = (Known,)


urlpatterns = [
    path("empty/", EmptyView.as_view()),
    path("known/", KnownView.as_view()),
    path("", include("casemgmt.urls")),
]
