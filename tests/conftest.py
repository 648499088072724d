"""Fixtures that every test may use: the database under its two roles, real commits, and a clock that travels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import hypothesis
import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from casemgmt.kernel.actor import Actor

from . import beyond as past
from . import cast as people
from . import database, servers
from .web import Web

# Timing belongs in benchmarks: a property is true or not, however busy the machine is.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """Make the test database as its owner and use it as the application's role.

    Replaces pytest-django's fixture, which sets up only the aliases that tests name, and so never the owner's. Tests
    without a database never start a server.
    """
    database.arrange_as_machine()
    with django_db_blocker.unblock():
        made = servers.running(keep=django_db_keepdb, anew=django_db_createdb)
        made.__enter__()
    yield
    with django_db_blocker.unblock():
        made.__exit__(None, None, None)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let a test commit for real, in threads too; afterwards every table but the reference data is empty again."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            database.empty_all_tables()
            connections.close_all()


@pytest.fixture
def beyond(django_db_setup: None) -> Iterator[past.Beyond]:
    """Make rows past all promises, and ask PostgreSQL as the application's role."""
    with past.beyond() as transaction:
        yield transaction


@pytest.fixture
def travel() -> Iterator[Callable[[datetime], None]]:
    """Return `travel(to)`: from then on casemgmt_now() runs on from that moment, until the test ends."""
    with database.traveling() as to:
        yield to


@pytest.fixture
def cast(db: None) -> people.Cast:
    """Return everybody."""
    return people.gather()


@pytest.fixture
def api(db: None) -> Callable[[Actor | None], Web]:
    """Return `api(actor)`: the API as that actor sees it; `api(None)` as a stranger does."""
    return Web
