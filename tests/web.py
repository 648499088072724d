"""Speaking to the API as somebody, by token, the way a program of theirs would."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from casemgmt.accounts.services import issue_token
from casemgmt.kernel.actor import Actor


class Web:
    """The API as seen by one actor; None is a stranger."""

    def __init__(self, actor: Actor | None = None) -> None:
        self.http = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if actor is not None:
            _, secret = issue_token(actor=actor)
            self.headers["Authorization"] = f"Bearer {secret}"

    def get(self, path: str, **headers: str) -> Any:
        """GET below /api/v1/."""
        return self.http.get(f"/api/v1/{path}", headers=self._with(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST JSON below /api/v1/."""
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """PATCH JSON below /api/v1/."""
        return self._send("patch", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE below /api/v1/."""
        return self.http.delete(f"/api/v1/{path}", headers=self._with(headers))

    def _with(self, headers: dict[str, str]) -> dict[str, str]:
        return {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        send = getattr(self.http, method)
        return send(f"/api/v1/{path}", data=text, content_type="application/json", headers=self._with(headers))
