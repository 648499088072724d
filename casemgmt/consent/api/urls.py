"""Addresses of consents, notices and disclosures."""

from django.urls import path

from . import views

urlpatterns = [
    path("consents/", views.ConsentsView.as_view(), name="consents"),
    path("consents/<uuid:pk>/", views.ConsentView.as_view(), name="consent"),
    path("consents/<uuid:pk>/activations/", views.ActivationsView.as_view(), name="consent-activations"),
    path("consents/<uuid:pk>/revocations/", views.RevocationsView.as_view(), name="consent-revocations"),
    path("notices/", views.NoticesView.as_view(), name="notices"),
    path("disclosures/", views.DisclosuresView.as_view(), name="disclosures"),
]
