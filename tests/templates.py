"""The migrated test database, kept as files: whoever comes next copies them instead of migrating again.

A template belongs to the exact text of what made it, so it cannot be stale. `pytest --create-db` makes it anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from django.db import connections
from django.test.utils import setup_databases

from casemgmt import embedded
from casemgmt.devtools.instances import PROJECT, make_private, runtime_directory

from . import database

KEPT_DAYS = 7
ROOMS = ("casemgmt", "notifications", "programs", "referrals")


def mark() -> str:
    """Return what stands for all that a migrated database is made of."""
    made_of = [path for room in ROOMS for path in (PROJECT / room).rglob("migrations/*.py")]
    made_of += [*(PROJECT / "casemgmt" / "kernel").rglob("*.py"), embedded.ROLES, PROJECT / "tests" / "templates.py"]
    digest = hashlib.sha256(f"{django.VERSION} {psycopg.__version__} {embedded.POSTGRES_MAJOR}".encode())
    for path in sorted(made_of):
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def kept(*, anew: bool) -> Iterator[Path]:
    """Give the template's directory, made if need be by one run while the others wait; nobody changes it meanwhile."""
    home = runtime_directory().with_name(f"casemgmt-{os.getuid()}-templates")  # shared by every checkout of this user
    make_private(home)
    template = home / mark()
    with (home / f"{template.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if anew or not template.exists():
            fcntl.flock(lock, fcntl.LOCK_EX)
            if anew or not template.exists():
                make(template)
                forget_old(home)
            fcntl.flock(lock, fcntl.LOCK_SH)
        os.utime(template.with_suffix(".lock"))
        yield template


def make(template: Path) -> None:
    """Migrate a database and keep its files; a half-made copy never bears the name.

    In a process of its own: whoever needs the template may be a test that must not touch a database itself.
    """
    unfinished = template.with_suffix(f".{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "casemgmt.settings.test"}
    subprocess.run([sys.executable, "-m", "tests.templates", str(unfinished)], cwd=PROJECT, env=environment, check=True)
    shutil.rmtree(template, ignore_errors=True)
    unfinished.rename(template)


def migrate(to: Path) -> None:
    """Make the databases `test_casemgmt`, for tests, and `casemgmt`, for the whole system, and copy their files."""
    database.arrange_as_machine()
    with embedded.start("template", fresh=True, durable=False, spares=15) as servers:
        point_at(servers)
        setup_databases(0, interactive=False, aliases=["default", "owner"], serialized_aliases=[])
        connections.close_all()
        with servers.superuser("postgres") as connection:
            connection.execute("DROP DATABASE casemgmt")
            connection.execute("CREATE DATABASE casemgmt OWNER casemgmt_owner TEMPLATE test_casemgmt")
        servers.copy_data(to)


def point_at(servers: embedded.Servers) -> None:
    """Let both connections go to these servers."""
    for alias in ("default", "owner"):
        connections[alias].settings_dict["HOST"] = connections.settings[alias]["HOST"] = servers.sockets


def use() -> None:
    """Let both connections use the test database that the template brought."""
    connections.close_all()
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = connections.settings[alias]["NAME"] = "test_casemgmt"


def forget_old(home: Path) -> None:
    """Remove templates that nobody used for a week."""
    for lock in home.glob("*.lock"):
        if time.time() - lock.stat().st_mtime > KEPT_DAYS * 86_400:
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)


if __name__ == "__main__":
    django.setup()
    migrate(Path(sys.argv[1]))
