"""Somebody at a screen: logs in and speaks HTTP to the running system, like any program of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from .telling import NotAsItShouldBe


@dataclass
class Person:
    """A member of staff of the story, with their login."""

    name: str
    does: str
    email: str
    password: str
    base: str
    http: httpx.Client = field(init=False)

    def log_in(self) -> None:
        """Exchange the password for a token, used from then on."""
        self.http = httpx.Client(base_url=f"{self.base}/api/v1/", timeout=20)
        answer = self.http.post("tokens/", json={"email": self.email, "password": self.password})
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Read."""
        return self.http.get(path, params=query or None)

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Read the first page of a list. Raises NotAsItShouldBe with what was answered instead."""
        answer = self.get(path, **query)
        if answer.status_code != 200:
            raise NotAsItShouldBe(f"{self.name} reads {path}: {answer.status_code} {answer.text}")
        return list(answer.json()["results"])

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Ask for something to be done."""
        return self.http.post(path, json=body or {}, headers=headers)

    def patch(self, path: str, body: Any, version: int) -> httpx.Response:
        """Edit the version last seen."""
        return self.http.patch(path, json=body, headers={"If-Match": f'"{version}"'})

    def __str__(self) -> str:
        return f"{self.name} ({self.does})"
