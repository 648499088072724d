"""Settings for one's own machine: the embedded instance "dev" unless the environment names servers."""

from __future__ import annotations

from casemgmt.embedded import addresses

from . import environment as env
from .base import *  # noqa: F403
from .base import (
    DEFAULT_FROM_EMAIL,
    EMAIL_HOST,
    SMS_AUTH_TOKENS,
    SMS_FROM_NUMBER,
    STAFF_BASE_URL,
    TEXTING_PRIVACY_URL,
    TEXTING_TERMS_URL,
    caches,
    databases,
)
from .logs import logging_to_stderr

_here = addresses("dev")  # started by `make servers`; nothing is started by settings

SECRET_KEY = env.text("SECRET_KEY", "for-one-machine-only-and-never-for-real-people")
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
DATABASES = databases(env.text("DATABASE_URL", _here.database_url), env.text("DATABASE_OWNER_URL", _here.owner_url))
REDIS_URL = env.text("REDIS_URL", _here.redis_url)
CACHES = caches(REDIS_URL)

REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=False)
SIGN_IN_ORIGIN = env.text("SIGN_IN_ORIGIN", "http://localhost:8000")

SMS_GATEWAY = env.choice("SMS_GATEWAY", "console", among=("memory", "console", "twilio"))
SMS_A2P_CAMPAIGN_STATUS = "approved"
SMS_FROM_NUMBER = SMS_FROM_NUMBER or "+15005550006"
SMS_AUTH_TOKENS = SMS_AUTH_TOKENS or ["local-token"]
TEXTING_PRIVACY_URL = TEXTING_PRIVACY_URL or "http://127.0.0.1:8000/privacy"
TEXTING_TERMS_URL = TEXTING_TERMS_URL or "http://127.0.0.1:8000/texts"
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", "http://127.0.0.1:8000").rstrip("/")

# letters as files, or on the console; nothing leaves the machine unless EMAIL_HOST says so
EMAIL_FILE_PATH = env.text("EMAIL_FILE_PATH")
_inside = "filebased" if EMAIL_FILE_PATH else "console"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else _inside}.EmailBackend"
DEFAULT_FROM_EMAIL = DEFAULT_FROM_EMAIL or "notices@localhost"
STAFF_BASE_URL = STAFF_BASE_URL or SIGN_IN_ORIGIN

STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
LOGGING = logging_to_stderr(level=env.text("LOG_LEVEL", "INFO"), reveal=True)
