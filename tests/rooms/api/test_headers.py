"""What every answer says to a browser: keep nothing, run nothing, frame nothing, and no other site may read it."""

from __future__ import annotations

import pytest
from django.test import Client

PLACES = ["/healthz", "/api/v1/me/", "/api/v1/clients/", "/api/v1/nowhere/", "/nowhere", "/api/schema/"]
EVIL = {"Origin": "https://evil.example"}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_every_answer_forbids_a_browser_to_run_or_frame_it(db, path, method) -> None:
    answer = getattr(Client(raise_request_exception=False), method)(path, headers=EVIL)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_the_page_of_the_description_runs_only_what_we_serve() -> None:
    policy = Client().get("/api/docs/").headers["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src", 1)[1].split(";", 1)[0]


def test_the_page_has_no_script_of_its_own_inside() -> None:
    page = Client().get("/api/docs/").content.decode()

    assert page.count("<script") == page.count("<script src=")
