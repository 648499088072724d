"""Addresses of referrals."""

from django.urls import path

from . import beside, links, outside, views

urlpatterns = [
    path("referrals/", views.ReferralsView.as_view(), name="referrals"),
    path("referrals/<uuid:pk>/", views.ReferralView.as_view(), name="referral"),
    path("referrals/<uuid:pk>/transitions/", views.ReferralTransitionsView.as_view(), name="referral-transitions"),
    path("referrals/<uuid:pk>/moves/", beside.MovesView.as_view(), name="referral-moves"),
    path("referrals/<uuid:pk>/confirmations/", beside.ConfirmationView.as_view(), name="referral-confirmations"),
    path("referrals/<uuid:pk>/suggestions/", beside.SuggestionsView.as_view(), name="referral-suggestions"),
    path("referrals/<uuid:pk>/links/", links.LinksView.as_view(), name="referral-links"),
    path("referral-links/<uuid:pk>/", links.LinkView.as_view(), name="referral-link"),
    path("outside/session/", outside.OutsideSessionView.as_view(), name="outside-session"),
    path("outside/referral/", outside.OutsideReferralView.as_view(), name="outside-referral"),
    path("outside/referral/transitions/", outside.OutsideTransitionsView.as_view(), name="outside-transitions"),
    path("decline-rules/", beside.DeclineRulesView.as_view(), name="decline-rules"),
    path("decline-rules/history/", beside.DeclineRuleHistoryView.as_view(), name="decline-rule-history"),
]
