"""Settings of the scanned stack: one machine's, but log lines as in production, and letters into a directory."""

from __future__ import annotations

from casemgmt.settings import environment as env
from casemgmt.settings.local import *  # noqa: F403
from casemgmt.settings.local import ALLOWED_HOSTS
from casemgmt.settings.logs import logging_to_stderr

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
LOGGING = logging_to_stderr(level="INFO", reveal=False)
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = env.text("CANARY_LETTERS", "letters")
