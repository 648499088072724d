"""Writing JSON: one renderer, so that no page renders an API answer (CVE-2026-73229)."""

from rest_framework.renderers import JSONRenderer


class JsonRenderer(JSONRenderer):
    """JSON with characters as they are."""

    ensure_ascii = False
