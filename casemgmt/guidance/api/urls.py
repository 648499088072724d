"""Addresses of guidance."""

from django.urls import path

from . import views

urlpatterns = [
    path("guidance/rules/", views.RulesView.as_view(), name="guidance-rules"),
    path("guidance/statements/<uuid:pk>/corrections/", views.CorrectionsView.as_view(), name="guidance-corrections"),
    path("guidance/statements/<uuid:pk>/withdrawals/", views.WithdrawalsView.as_view(), name="guidance-withdrawals"),
    path("episodes/<uuid:pk>/guidance/", views.GuidanceView.as_view(), name="episode-guidance"),
    path("episodes/<uuid:pk>/guidance/plain/", views.PlainView.as_view(), name="episode-guidance-plain"),
    path("episodes/<uuid:pk>/guidance/facts/", views.FactsView.as_view(), name="episode-guidance-facts"),
    path("episodes/<uuid:pk>/guidance/statements/", views.StatementsView.as_view(), name="episode-statements"),
    path("episodes/<uuid:pk>/guidance/decisions/", views.DecisionsView.as_view(), name="episode-guidance-decisions"),
]
