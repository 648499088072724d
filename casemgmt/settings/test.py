"""Settings for tests: an embedded instance of their own, a broker in memory, small timeouts."""

from __future__ import annotations

from casemgmt.embedded import addresses

from . import environment as env
from .base import *  # noqa: F403
from .base import databases
from .logs import logging_to_stderr

_here = addresses("test")  # started by tests/servers.py when DATABASE_URL is not set

SECRET_KEY = "for-tests-only"  # noqa: S105 - signs nothing outside a test
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = databases(
    env.text("DATABASE_URL", _here.database_url),
    env.text("DATABASE_OWNER_URL", _here.owner_url),
    statement_ms=60_000,  # tests know no haste: fifty at one row on a busy machine take their time
    lock_ms=30_000,
)
# The owner makes and migrates the test database; the tests run as the application's role on the same one.
DATABASES["default"] |= {"TEST": {"MIRROR": "owner"}, "CONN_MAX_AGE": 0}
DATABASES["owner"] |= {"TEST": {"DEPENDENCIES": []}}
REDIS_URL = "memory://"
REQUESTS_PER_MINUTE_PERSON = REQUESTS_PER_MINUTE_ORGANIZATION = REQUESTS_PER_MINUTE_STRANGER = 1_000_000
REQUIRE_SECOND_FACTOR = False  # what asks for one says so itself
TOKEN_IDLE_MINUTES, TOKEN_HOURS = 90 * 24 * 60, 90 * 24  # tests travel, and keep their tokens
SIGN_IN_ORIGIN = "https://testserver"

SMS_A2P_CAMPAIGN_STATUS = "approved"
SMS_GATEWAY = "memory"
SMS_ACCOUNT_SID = "AC00000000000000000000000000000000"
SMS_AUTH_TOKENS = ["12345", "the-token-before"]
SMS_FROM_NUMBER = "+15005550006"
SMS_UNKNOWN_HORIZON_SECONDS = 5.0
SMS_IN_FLIGHT = 1  # what one test wrote and did not commit, no other connection sees
SMS_SEND_DEADLINE_SECONDS = 60.0  # tests know no haste: a busy machine is not a frozen process
TEXTING_PRIVACY_URL = "https://careline.example/privacy"
TEXTING_TERMS_URL = "https://careline.example/texts"
PUBLIC_BASE_URL = "https://testserver"

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_FROM_EMAIL = "notices@careline.example"
STAFF_BASE_URL = "https://staff.careline.example"

STATIC_ROOT = None
WHITENOISE_AUTOREFRESH = True  # do not walk the static files at each start
LOGGING = logging_to_stderr(level="WARNING", reveal=True)
