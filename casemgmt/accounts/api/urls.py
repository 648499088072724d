"""Addresses of accounts."""

from django.urls import path

from .directory import MembershipsView, OrganizationsView
from .views import MeView, SessionView, TokensView, TokenView

urlpatterns = [
    path("session/", SessionView.as_view(), name="session"),
    path("tokens/", TokensView.as_view(), name="tokens"),
    path("tokens/<uuid:pk>/", TokenView.as_view(), name="token"),
    path("organizations/", OrganizationsView.as_view(), name="organizations"),
    path("memberships/", MembershipsView.as_view(), name="memberships"),
    path("me/", MeView.as_view(), name="me"),
]
