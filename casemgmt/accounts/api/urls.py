"""Addresses of accounts."""

from django.urls import path

from . import second_factor, sign_ins
from .directory import MembershipsView, OrganizationsView
from .views import MeView, SessionView, TokensView

urlpatterns = [
    path("session/", SessionView.as_view(), name="session"),
    path("tokens/", TokensView.as_view(), name="tokens"),
    path("sign-ins/", sign_ins.SignInsView.as_view(), name="sign-ins"),
    path("sign-ins/<uuid:pk>/", sign_ins.SignInView.as_view(), name="sign-in"),
    path("second-factor/", second_factor.SecondFactorView.as_view(), name="second-factor"),
    path("second-factor/app/", second_factor.AppView.as_view(), name="second-factor-app"),
    path("second-factor/app/confirm/", second_factor.AppConfirmView.as_view(), name="second-factor-app-confirm"),
    path("second-factor/recovery-codes/", second_factor.RecoveryCodesView.as_view(), name="recovery-codes"),
    path("second-factor/<uuid:pk>/", second_factor.FactorView.as_view(), name="second-factor-one"),
    path("organizations/", OrganizationsView.as_view(), name="organizations"),
    path("memberships/", MembershipsView.as_view(), name="memberships"),
    path("me/", MeView.as_view(), name="me"),
]
