"""Addresses of referrals."""

from django.urls import path

from . import beside, views

urlpatterns = [
    path("referrals/", views.ReferralsView.as_view(), name="referrals"),
    path("referrals/<uuid:pk>/", views.ReferralView.as_view(), name="referral"),
    path("referrals/<uuid:pk>/transitions/", views.ReferralTransitionsView.as_view(), name="referral-transitions"),
    path("referrals/<uuid:pk>/moves/", beside.MovesView.as_view(), name="referral-moves"),
    path("referrals/<uuid:pk>/confirmations/", beside.ConfirmationView.as_view(), name="referral-confirmations"),
    path("referrals/<uuid:pk>/suggestions/", beside.SuggestionsView.as_view(), name="referral-suggestions"),
    path("decline-rules/", beside.DeclineRulesView.as_view(), name="decline-rules"),
    path("decline-rules/history/", beside.DeclineRuleHistoryView.as_view(), name="decline-rule-history"),
]
