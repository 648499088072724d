"""Addresses of an organization's numbers."""

from django.urls import path

from .views import PoliciesView, PolicyHistoryView

urlpatterns = [
    path("policies/", PoliciesView.as_view(), name="policies"),
    path("policies/history/", PolicyHistoryView.as_view(), name="policy-history"),
]
