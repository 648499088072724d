"""Typed reading of environment variables; `NAME_FILE` names a file that holds the value. Knows no setting by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file named by NAME_FILE, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read.") from error
    return os.environ.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """Return true for 1, true, yes, on and false for 0, false, no, off."""
    value = text(name)
    if value and value.lower() not in WORDS:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return WORDS[value.lower()] if value else default


def number(name: str, default: float) -> float:
    """Return a decimal number."""
    value = text(name)
    try:
        return float(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from error


def integer(name: str, default: int) -> int:
    """Return a whole number."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def duration(name: str, default: float) -> float:
    """Return seconds from `90`, `90s`, `15m`, `24h` or `7d`."""
    value = text(name)
    amount, unit = (value[:-1], value[-1]) if value[-1:] in SECONDS else (value, "s")
    try:
        return float(amount) * SECONDS[unit] if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a duration such as 90s or 15m, not {value!r}.") from error


def listing(name: str, default: str = "") -> list[str]:
    """Return the parts of a comma-separated value, without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def ids(name: str) -> list[UUID]:
    """Return the ids in a comma-separated value."""
    try:
        return [UUID(part) for part in listing(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be ids with commas between.") from error


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """Return one of the words in `among`."""
    value = text(name, default)
    if value not in among:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {value!r}.")
    return value


def database(url: str, *, name: str, options: list[str]) -> dict[str, Any]:
    """Return Django's description of the PostgreSQL database at `url`; `options` are server settings `key=value`.

    Takes `postgresql://user:password@host:5432/database?sslmode=require` and, for a unix socket,
    `postgresql://user@/database?host=/directory`.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user@host/database.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "casemgmt.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": text(f"{name}_PASSWORD") or unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": " ".join(f"-c {option}" for option in options),
            "connect_timeout": 5,
            # PostgreSQL plans a statement once for a connection, not at each use: with row policies, planning takes
            # longer than running. A pool of transactions in between must know prepared statements, or this is off.
            "server_side_binding": True,
            "prepare_threshold": 2 if flag("DATABASE_PREPARES", default=True) else None,
            **query,
        },
    }
