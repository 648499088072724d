"""Production refuses to start when something is missing that would make it unsafe, and says which variable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from casemgmt.devtools.instances import PROJECT
from casemgmt.settings import environment

SAFE = {
    "SECRET_KEY": "0123456789" * 6,
    "ALLOWED_HOSTS": "casemgmt.example.org",
    "DATABASE_URL": "postgresql://casemgmt_app@database.invalid/casemgmt",
    "REDIS_URL": "redis://redis.invalid:6379/0",
    "PUBLIC_BASE_URL": "https://casemgmt.example.org",
    "SMS_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "SMS_AUTH_TOKENS": "one,two",
    "SMS_FROM_NUMBER": "+15005550006",
    "EMAIL_HOST": "smtp.example.org",
    "NOTICES_FROM": "CareLine <notices@example.org>",
    "STAFF_BASE_URL": "https://app.example.org",
}
LOAD = "import casemgmt.settings.production as p; print(len(p.SMS_AUTH_TOKENS), p.DATABASES['default']['USER'])"


def load_production(changes: dict[str, str]) -> tuple[int, str]:
    environ = {"PATH": os.environ["PATH"], **SAFE, **changes}
    command = [sys.executable, "-c", LOAD]
    done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


def test_production_starts_with_what_it_needs() -> None:
    assert load_production({}) == (0, "2 casemgmt_app")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *((name, "") for name in SAFE),
        ("SECRET_KEY", "short"),
        ("DEBUG", "true"),
        ("REQUIRE_SECOND_FACTOR", "false"),
        ("ALLOWED_HOSTS", "*"),
        ("CLOCK_OFFSET_SECONDS", "60"),
        ("SMS_GATEWAY", "memory"),
        ("SMS_GATEWAY", "console"),
        ("SMS_GATEWAY_BASE_URL", "http://127.0.0.1:8026"),
        ("PUBLIC_BASE_URL", "http://casemgmt.example.org"),
    ],
)
def test_production_refuses_and_names_the_variable(variable: str, value: str) -> None:
    code, sentence = load_production({variable: value})

    assert code == 1
    assert sentence.startswith(f"django.core.exceptions.ImproperlyConfigured: {variable}")


def test_cookies_of_production_are_bound_to_the_host() -> None:
    """`__Host-` makes browsers refuse a cookie that is not Secure, is for a path, or was set by another host (7.1)."""
    load = (
        "import casemgmt.settings.production as p, django.conf.global_settings as g\n"
        "value = lambda name: getattr(p, name, getattr(g, name))\n"
        "for of in ('SESSION', 'CSRF'):\n"
        "    names = [f'{of}_COOKIE_{what}' for what in ('NAME', 'SECURE', 'PATH', 'DOMAIN', 'SAMESITE')]\n"
        "    print(*(repr(value(name)) for name in names))\n"
        "print(value('SESSION_COOKIE_HTTPONLY'))"
    )
    environ = {"PATH": os.environ["PATH"], **SAFE}
    done = subprocess.run(
        [sys.executable, "-c", load], cwd=PROJECT, env=environ, capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines() == [
        "'__Host-session' True '/' None 'Lax'",
        "'__Host-csrftoken' True '/' None 'Lax'",
        "True",
    ]


def test_file_variant_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one,two\n")
    monkeypatch.setenv("SMS_AUTH_TOKENS_FILE", str(tmp_path / "token"))

    assert environment.listing("SMS_AUTH_TOKENS") == ["one", "two"]


def test_unreadable_file_variant_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "absent"))

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
        environment.text("SECRET_KEY")


@pytest.mark.parametrize(("value", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("1.5h", 5400), ("7d", 604800)])
def test_durations_have_units(monkeypatch: pytest.MonkeyPatch, value: str, seconds: float) -> None:
    monkeypatch.setenv("SPAN", value)

    assert environment.duration("SPAN", 1) == seconds


@pytest.mark.parametrize("value", ["soon", "m", "5 minutes"])
def test_words_are_not_durations(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SPAN", value)

    with pytest.raises(ImproperlyConfigured, match="SPAN"):
        environment.duration("SPAN", 1)


def test_flag_refuses_what_is_neither_yes_nor_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCH", "maybe")

    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        environment.flag("SWITCH")


def test_database_urls_of_both_kinds() -> None:
    socket = environment.database("postgresql://me@/mine?host=/run/pg", name="DATABASE_URL", options=[])
    network = environment.database("postgresql://me:p%40ss@db:6432/mine?sslmode=require", name="X", options=["a=1"])

    assert (socket["HOST"], socket["PORT"], socket["NAME"], socket["USER"]) == ("/run/pg", "", "mine", "me")
    assert (network["HOST"], network["PORT"], network["PASSWORD"]) == ("db", "6432", "p@ss")
    assert network["OPTIONS"].items() >= {"options": "-c a=1", "connect_timeout": 5, "sslmode": "require"}.items()


@pytest.mark.parametrize(("said", "threshold"), [("", 2), ("true", 2), ("false", None)])
def test_statements_are_kept_prepared_unless_a_pooler_forbids(
    monkeypatch: pytest.MonkeyPatch, said: str, threshold: int | None
) -> None:
    monkeypatch.setenv("DATABASE_PREPARES", said)

    options = environment.database("postgresql://me@/mine", name="X", options=[])["OPTIONS"]

    assert (options["server_side_binding"], options["prepare_threshold"]) == (True, threshold)
