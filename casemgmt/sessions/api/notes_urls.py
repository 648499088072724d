"""Addresses of notes, the quick log, and credentials."""

from django.urls import path

from . import counseling, credentials, session_log
from .notes import KINDS, addresses

urlpatterns = [
    path("session-log/", session_log.QuickLogView.as_view(), name="session-log"),
    path("notes/counseling/readings/", counseling.CounselingOversightView.as_view(), name="counseling-oversight"),
    path(
        "notes/counseling/<uuid:pk>/readings/",
        counseling.CounselingReadingsView.as_view(),
        name="counseling-note-readings",
    ),
    *[each for kind in KINDS for each in addresses(kind)],
    path("credentials/", credentials.CredentialsView.as_view(), name="credentials"),
    path("credentials/<uuid:pk>/", credentials.CredentialView.as_view(), name="credential"),
    path("credential-overrides/", credentials.CredentialOverridesView.as_view(), name="credential-overrides"),
]
