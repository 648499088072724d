"""Addresses of referrals."""

from django.urls import path

from . import views

urlpatterns = [
    path("referrals/", views.ReferralsView.as_view(), name="referrals"),
    path("referrals/<uuid:pk>/", views.ReferralView.as_view(), name="referral"),
    path("referrals/<uuid:pk>/transitions/", views.ReferralTransitionsView.as_view(), name="referral-transitions"),
]
