"""Settings of the product under measurement: those of one's own machine, without limits for people, texts kept here."""

from __future__ import annotations

from casemgmt.settings.local import *  # noqa: F403
from casemgmt.settings.logs import logging_to_stderr

ROOT_URLCONF = "tests.bench.urls"
REQUESTS_PER_MINUTE_PERSON = REQUESTS_PER_MINUTE_ORGANIZATION = 100_000_000
SMS_GATEWAY = "memory"
SMS_PER_SECOND = SMS_ORGANIZATION_PER_SECOND = 1_000_000.0
SMS_WINDOW = "00:00-23:59"
LOGGING = logging_to_stderr(level="ERROR", reveal=False)
