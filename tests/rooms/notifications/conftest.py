"""Noon on a Tuesday in Chicago, a carrier in memory, and a client who agreed to texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from casemgmt.accounts.models import Organization
from notifications.gateways import MemoryGateway
from notifications.services import carrier
from tests.cast import Cast
from tests.factories import notifications as make


@pytest.fixture(autouse=True)
def gateway() -> Iterator[MemoryGateway]:
    """The carrier of this test."""
    yield make.fresh_gateway()
    carrier.built.cache_clear()


@pytest.fixture(autouse=True)
def noon(db: None, travel: Callable[[datetime], None]) -> datetime:
    """Noon in Chicago, when texts may go."""
    travel(make.NOON)
    return make.NOON


@pytest.fixture
def north(cast: Cast) -> Organization:
    """North, able to word its texts, and the first of all organizations: it runs the instance."""
    cast.north.phone, cast.north.email = "+13165550199", "help@careline.example"
    cast.north.created_at -= timedelta(days=1)
    cast.north.save(update_fields=["phone", "email", "created_at"])
    return cast.north


@pytest.fixture
def ada(north: Organization) -> make.Texted:
    """A client of North who agreed to texts and confirmed it."""
    return make.texted(north)
