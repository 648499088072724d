"""A Tuesday morning in Chicago before anybody's summary is due, and the letters that left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core import mail

from casemgmt.accounts.models import User

MORNING = datetime(2026, 11, 24, 12, tzinfo=UTC)  # six o'clock in Chicago
EIGHT = datetime(2026, 11, 24, 14, 0, 1, tzinfo=UTC)  # the summaries' hour


@pytest.fixture(autouse=True)
def morning(db: None, travel: Callable[[datetime], None]) -> datetime:
    """Before eight."""
    travel(MORNING)
    return MORNING


@pytest.fixture
def address() -> Callable[..., str]:
    """Return `address(actor)`: where letters to somebody go."""
    return lambda actor: User.objects.get(pk=actor.id).email


@pytest.fixture
def outbox() -> list[mail.EmailMessage]:
    """What was sent."""
    return mail.outbox
