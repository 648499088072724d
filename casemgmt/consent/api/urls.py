"""Addresses of consents, notices, restrictions and disclosures."""

from django.urls import path

from . import restricting, steps, views

urlpatterns = [
    path("consents/", views.ConsentsView.as_view(), name="consents"),
    path("consents/<uuid:pk>/", views.ConsentView.as_view(), name="consent"),
    path("consents/<uuid:pk>/activations/", views.ActivationsView.as_view(), name="consent-activations"),
    path("consents/<uuid:pk>/revocations/", views.RevocationsView.as_view(), name="consent-revocations"),
    path(
        "consents/<uuid:pk>/revocation-requests/", steps.RevocationRequestsView.as_view(), name="consent-revocation-ask"
    ),
    path("consents/<uuid:pk>/revocation-requests/dismissal/", steps.KeepView.as_view(), name="consent-keep"),
    path("consents/<uuid:pk>/copies/", steps.CopiesView.as_view(), name="consent-copies"),
    path("consents/<uuid:pk>/witnesses/", steps.WitnessView.as_view(), name="consent-witnesses"),
    path("consents/<uuid:pk>/disputes/", steps.DisputesView.as_view(), name="consent-disputes"),
    path("consents/<uuid:pk>/disputes/settlement/", steps.SettlementView.as_view(), name="consent-settlement"),
    path("consents/<uuid:pk>/recipients/", steps.RecipientsView.as_view(), name="consent-recipients"),
    path("consents/<uuid:pk>/steps/", steps.StepsView.as_view(), name="consent-steps"),
    path("notices/", views.NoticesView.as_view(), name="notices"),
    path("disclosures/", views.DisclosuresView.as_view(), name="disclosures"),
    path(
        "clients/<uuid:pk>/restriction-requests/",
        restricting.ClientRestrictionRequestsView.as_view(),
        name="client-restriction-requests",
    ),
    path("restriction-requests/", restricting.RestrictionRequestsView.as_view(), name="restriction-requests"),
    path("restriction-requests/<uuid:pk>/", restricting.RestrictionRequestView.as_view(), name="restriction-request"),
    path(
        "restriction-requests/<uuid:pk>/agreement/", restricting.AgreementView.as_view(), name="restriction-agreement"
    ),
    path(
        "restriction-requests/<uuid:pk>/declining/", restricting.DecliningView.as_view(), name="restriction-declining"
    ),
    path(
        "restriction-requests/<uuid:pk>/termination/",
        restricting.TerminationView.as_view(),
        name="restriction-termination",
    ),
]
