"""The wiring is whole: checks pass, pages are fresh, every address is guarded, the API describes itself."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from casemgmt.api.views import ApiView, ScopedView

from .source import PROJECT

OPEN_TO_STRANGERS = {
    "healthz",
    "readyz",
    "schema",
    "docs",
    "session",
    "tokens",
    "invitation-acceptance",
    "outside",
    "outside-session",
}


def patterns(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        found += patterns(each, path) if isinstance(each, URLResolver) else [(path, each)]
    return found


EVERYTHING = patterns(get_resolver())
API = [(path, each) for path, each in EVERYTHING if path.startswith("api/v1/")]


def test_the_start_up_proofs_pass() -> None:
    call_command("check", fail_level="WARNING", stdout=io.StringIO(), stderr=io.StringIO())


def test_the_page_of_lifecycles_is_fresh() -> None:
    call_command("lifecycles", check=True)


def test_no_migration_is_missing(db) -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())


@pytest.mark.parametrize("path", [path for path, _ in API])
def test_every_address_of_the_api_is_an_api_view(path) -> None:
    view = dict(API)[path].callback.view_class

    assert issubclass(view, ApiView)
    assert view.audit_action or issubclass(view, ScopedView), f"{view.__name__} has no audit_action"


def test_only_these_addresses_are_open_to_strangers() -> None:
    public = {each.name for _, each in API if getattr(each.callback.view_class, "public", False)}
    outside = {each.name for path, each in EVERYTHING if not path.startswith("api/v1/")}

    assert public | outside <= OPEN_TO_STRANGERS | {"sms-inbound", "sms-status"}


def test_a_scoped_view_without_visibility_cannot_exist() -> None:
    from casemgmt.audit.models import AuditEvent

    with pytest.raises(TypeError, match="visible_to"):
        type("Leaky", (ScopedView,), {"model": AuditEvent})


@pytest.mark.parametrize("path", [path for path, each in API if each.name not in OPEN_TO_STRANGERS])
@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_a_stranger_gets_in_nowhere(db, api, path, method) -> None:
    web = api(None)
    address = path.removeprefix("api/v1/")
    for name in ("pk", "point"):
        address = address.replace(f"<uuid:{name}>", "00000000-0000-7000-8000-000000000000")

    answer = getattr(web, method)(address)

    assert answer.status_code in (401, 405), (method, path, answer.status_code)
    if answer.status_code == 401:
        assert answer.json()["code"] == "not_logged_in"


def test_the_proof_of_the_routes_needs_nothing_else_to_be_loaded_first() -> None:
    alone = "import django; django.setup(); from casemgmt.checks import every_topic_has_a_line as prove; print(prove())"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "casemgmt.settings.test"}

    seen = subprocess.run([sys.executable, "-c", alone], env=environment, capture_output=True, text=True, cwd=PROJECT)

    assert (seen.returncode, seen.stdout.strip()) == (0, "[]"), seen.stderr
