"""The one URL table."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from casemgmt.health import healthz, readyz

handler400 = "casemgmt.api.problems.bad_request"
handler403 = "casemgmt.api.problems.forbidden"
handler404 = "casemgmt.api.problems.not_found"
handler500 = "casemgmt.api.problems.server_error"

ROOMS = [
    "casemgmt.accounts.api.urls",
    "casemgmt.policies.api.urls",
    "casemgmt.calendars.api.urls",
    "casemgmt.clients.api.urls",
    "casemgmt.care_team.api.urls",
    "casemgmt.consent.api.urls",
    "casemgmt.worklist.api.urls",
    "casemgmt.disclosures.api.urls",
    "casemgmt.notices.api.urls",
    "casemgmt.measures.api.urls",
    "casemgmt.safety.api.urls",
    "casemgmt.episodes.api.urls",
    "casemgmt.chart.api.urls",
    "casemgmt.guidance.api.urls",
    "programs.api.urls",
    "casemgmt.sessions.api.urls",
    "casemgmt.sessions.api.dose_urls",
    "casemgmt.places.api.urls",
    "casemgmt.sessions.api.notes_urls",
    "referrals.api.urls",
    "notifications.api.urls",
]

# These pages, of the description and for providers without an account, run their own scripts and ask the API;
# everything else is no page (settings).
PAGE = {
    "script-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
}

OPEN: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}  # tells nothing about people

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", include([path("", include(room)) for room in ROOMS])),
    path("api/schema/", SpectacularAPIView.as_view(**OPEN), name="schema"),
    path("api/docs/", csp_replace(PAGE)(SpectacularSwaggerSplitView.as_view(url_name="schema", **OPEN)), name="docs"),
    path("outside/", csp_replace(PAGE)(TemplateView.as_view(template_name="referrals/outside.html")), name="outside"),
    path("webhooks/sms/", include("notifications.api.webhook_urls")),
]
