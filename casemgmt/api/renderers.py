"""Writing JSON: one renderer, so that no page renders an API answer (CVE-2026-73229). Besides, PDF as it was made."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer


class JsonRenderer(JSONRenderer):
    """JSON with characters as they are."""

    ensure_ascii = False


class PdfRenderer(BaseRenderer):
    """A PDF that the view has made already."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Return the bytes as they are."""
        return bytes(data)
