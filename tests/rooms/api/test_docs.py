"""The pages that describe the API need no other host: a network without the Internet is enough."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

SCRIPT = "/api/docs/?script="
FOREIGN = re.compile(r"(?:https?:)?//[a-z0-9.-]+", re.IGNORECASE)


@pytest.mark.parametrize("path", ["/api/docs/", SCRIPT, "/api/schema/"])
def test_a_page_names_no_other_host(path) -> None:
    answer = Client().get(path)

    assert answer.status_code == 200
    assert FOREIGN.findall(answer.content.decode()) == []


def test_everything_the_page_loads_is_here() -> None:
    page = Client().get("/api/docs/").content.decode()

    parts = re.findall(r'(?:src|href)="([^"]+)"', page)
    parts.remove(SCRIPT)

    assert len(parts) >= 3
    assert "SwaggerUIBundle(" in Client().get(SCRIPT).content.decode()
    assert [part for part in parts if finders.find(part.removeprefix("/static/")) is None] == []


def test_the_page_does_not_send_the_description_to_a_validator() -> None:
    assert '"validatorUrl": null' in Client().get(SCRIPT).content.decode()
