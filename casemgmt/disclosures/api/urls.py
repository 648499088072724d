"""Addresses of emergencies, spoken disclosures and accountings."""

from django.urls import path

from . import accounting, emergencies, speaking

urlpatterns = [
    path(
        "clients/<uuid:pk>/emergency-disclosures/",
        emergencies.ClientEmergenciesView.as_view(),
        name="client-emergency-disclosures",
    ),
    path("emergency-disclosures/", emergencies.EmergenciesView.as_view(), name="emergency-disclosures"),
    path("emergency-disclosures/script/", emergencies.ScriptView.as_view(), name="emergency-script"),
    path("emergency-disclosures/<uuid:pk>/", emergencies.EmergencyView.as_view(), name="emergency-disclosure"),
    path("emergency-disclosures/<uuid:pk>/content/", emergencies.ContentView.as_view(), name="emergency-content"),
    path("emergency-disclosures/<uuid:pk>/close/", emergencies.ClosingView.as_view(), name="emergency-close"),
    path("emergency-disclosures/<uuid:pk>/review/", emergencies.ReviewView.as_view(), name="emergency-review"),
    path(
        "clients/<uuid:pk>/oral-disclosures/",
        speaking.ClientOralDisclosuresView.as_view(),
        name="client-oral-disclosures",
    ),
    path("oral-disclosures/", speaking.OralDisclosuresView.as_view(), name="oral-disclosures"),
    path("oral-disclosures/<uuid:pk>/statement/", speaking.StatementView.as_view(), name="oral-statement"),
    path(
        "clients/<uuid:pk>/accounting-requests/",
        accounting.ClientAccountingRequestsView.as_view(),
        name="client-accounting-requests",
    ),
    path("accounting-requests/", accounting.AccountingRequestsView.as_view(), name="accounting-requests"),
    path("accounting-requests/<uuid:pk>/", accounting.AccountingRequestView.as_view(), name="accounting-request"),
    path("accounting-requests/<uuid:pk>/extension/", accounting.ExtensionView.as_view(), name="accounting-extension"),
    path("accounting-requests/<uuid:pk>/delivery/", accounting.DeliveryView.as_view(), name="accounting-delivery"),
    path("accounting-requests/<uuid:pk>/report/", accounting.ReportView.as_view(), name="accounting-report"),
    path("accounting-requests/<uuid:pk>/report/pdf/", accounting.PdfView.as_view(), name="accounting-pdf"),
]
