"""Settings of the scanned stack: one machine's, but log lines as in production. Letters are files beside the logs."""

from __future__ import annotations

from casemgmt.settings.local import *  # noqa: F403
from casemgmt.settings.local import ALLOWED_HOSTS
from casemgmt.settings.logs import logging_to_stderr

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
LOGGING = logging_to_stderr(level="INFO", reveal=False)
