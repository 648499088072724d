"""How often somebody may ask within a minute: a person, an organization, a stranger's address (API4).

The counts are shared by all web processes through Redis. While Redis is away each process counts by itself: somebody
may then ask more often, and nobody is turned away for our outage.
"""

from __future__ import annotations

import logging
import time
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.core.cache import BaseCache, caches
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from casemgmt.kernel.actor import Actor

from .addresses import client_address

log = logging.getLogger(__name__)

MINUTE = 60  # seconds; a window begins with each full minute
REST = 30  # seconds without asking Redis again, once it did not answer: or each request would wait for it


class PerMinute(BaseThrottle):
    """Counts by what `who` returns, and lets `settings.<setting>` of them through in each minute."""

    setting: ClassVar[str]

    def who(self, request: Request) -> str | None:
        """Return by what to count a request; None lets it through uncounted."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count one request; False when it is one too many."""
        who = self.who(request)
        if who is None:
            return True
        window = int(time.time()) // MINUTE
        name = sha256(f"{self.setting}:{who}".encode()).hexdigest()[:32]  # no address and no id stands in Redis
        most: int = getattr(settings, self.setting)
        return _count(f"asked:{name}:{window}") <= most

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return MINUTE - time.time() % MINUTE


class PerPerson(PerMinute):
    """A member of staff or a service, on all their devices together."""

    setting = "REQUESTS_PER_MINUTE_PERSON"

    def who(self, request: Request) -> str | None:
        """Return the actor's id."""
        return _text(_actor(request).id)


class PerOrganization(PerMinute):
    """Everybody of one organization together: one runaway script does not slow the others down."""

    setting = "REQUESTS_PER_MINUTE_ORGANIZATION"

    def who(self, request: Request) -> str | None:
        """Return the organization's id."""
        return _text(_actor(request).organization_id)


class PerStranger(PerMinute):
    """Whoever is not logged in, by address."""

    setting = "REQUESTS_PER_MINUTE_STRANGER"

    def who(self, request: Request) -> str | None:
        """Return the address, None for those who are logged in."""
        return client_address(request._request) if _actor(request).id is None else None  # noqa: SLF001 - Django's own


def _actor(request: Request) -> Actor:
    return getattr(request.user, "actor", None) or Actor.anonymous()


def _text(found: UUID | None) -> str | None:
    return None if found is None else str(found)


def _count(key: str) -> int:
    """Return how many there were in this window, this one among them."""
    here = caches["default"]
    if here.get("redis_rests"):
        return _up(here, key)
    try:
        return _up(caches["shared"], key)
    except RedisError:
        log.warning("Redis does not answer: for a while each process counts requests by itself")
        here.set("redis_rests", True, timeout=REST)
        return _up(here, key)


def _up(cache: BaseCache, key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first of this window
        cache.add(key, 0, timeout=2 * MINUTE)
    try:
        return cache.incr(key)
    except ValueError:  # it went between the two
        return 1
