"""Addresses of accounts."""

from django.urls import path

from . import second_factor, security_keys, service_accounts, sign_ins, staffing
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
    path("second-factor/keys/", security_keys.KeysView.as_view(), name="second-factor-keys"),
    path("second-factor/keys/confirm/", security_keys.KeyConfirmView.as_view(), name="second-factor-key-confirm"),
    path("second-factor/keys/challenge/", security_keys.KeyChallengeView.as_view(), name="second-factor-key-ask"),
    path("second-factor/keys/pass/", security_keys.KeyPassView.as_view(), name="second-factor-key-pass"),
    path("second-factor/recovery-codes/", second_factor.RecoveryCodesView.as_view(), name="recovery-codes"),
    path("second-factor/<uuid:pk>/", second_factor.FactorView.as_view(), name="second-factor-one"),
    path("service-accounts/", service_accounts.ServiceAccountsView.as_view(), name="service-accounts"),
    path("service-accounts/<uuid:pk>/", service_accounts.ServiceAccountView.as_view(), name="service-account"),
    path("service-tokens/", service_accounts.ServiceTokensView.as_view(), name="service-tokens"),
    path("service-tokens/<uuid:pk>/", service_accounts.ServiceTokenView.as_view(), name="service-token"),
    path("invitations/", staffing.InvitationsView.as_view(), name="invitations"),
    path("invitations/accept/", staffing.AcceptanceView.as_view(), name="invitation-acceptance"),
    path("invitations/<uuid:pk>/", staffing.InvitationView.as_view(), name="invitation"),
    path("staff/<uuid:pk>/password-reset/", staffing.PasswordResetView.as_view(), name="staff-password-reset"),
    path("staff/<uuid:pk>/second-factor-reset/", staffing.SecondFactorResetView.as_view(), name="staff-factor-reset"),
    path("staff/<uuid:pk>/disable/", staffing.DisableView.as_view(), name="staff-disable"),
    path("memberships/<uuid:pk>/", staffing.MembershipView.as_view(), name="membership"),
    path("me/password/", staffing.PasswordView.as_view(), name="my-password"),
    path("organizations/", OrganizationsView.as_view(), name="organizations"),
    path("memberships/", MembershipsView.as_view(), name="memberships"),
    path("me/", MeView.as_view(), name="me"),
]
