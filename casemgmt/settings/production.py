"""Settings for real people. Refuses to start when something is missing that would make it unsafe."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from . import environment as env
from .base import *  # noqa: F403
from .base import (
    ALLOWED_HOSTS,
    CLOCK_OFFSET_SECONDS,
    DEFAULT_FROM_EMAIL,
    EMAIL_HOST,
    EMAIL_USE_SSL,
    EMAIL_USE_TLS,
    PUBLIC_BASE_URL,
    REDIS_URL,
    REQUIRE_SECOND_FACTOR,
    SECRET_KEY,
    SMS_ACCOUNT_SID,
    SMS_AUTH_TOKENS,
    SMS_FROM_NUMBER,
    SMS_GATEWAY,
    SMS_GATEWAY_BASE_URL,
    STAFF_BASE_URL,
    databases,
)


def _refuse_unless(condition: object, sentence: str) -> None:
    if not condition:
        raise ImproperlyConfigured(sentence)


_refuse_unless(len(SECRET_KEY) >= 50, "SECRET_KEY (or SECRET_KEY_FILE) must hold at least 50 random characters.")
_refuse_unless(not env.flag("DEBUG"), "DEBUG must not be set in production: its pages show data of real people.")
_refuse_unless(ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts this service answers for, separated by commas.")
_refuse_unless("*" not in ALLOWED_HOSTS, "ALLOWED_HOSTS must not be *: links in messages would follow any Host header.")
_refuse_unless(REQUIRE_SECOND_FACTOR, "REQUIRE_SECOND_FACTOR must not be off in production: staff need two factors.")
_refuse_unless(env.text("DATABASE_URL"), "DATABASE_URL must name the PostgreSQL database, as the role casemgmt_app.")
_refuse_unless(REDIS_URL, "REDIS_URL must name the Redis server that carries the task bell.")
_refuse_unless(
    not CLOCK_OFFSET_SECONDS,
    "CLOCK_OFFSET_SECONDS must not be set in production: clients would be texted at wrong hours.",
)
_refuse_unless(SMS_GATEWAY == "twilio", "SMS_GATEWAY must be twilio in production: the others do not send.")
_refuse_unless(SMS_GATEWAY_BASE_URL.startswith("https://"), "SMS_GATEWAY_BASE_URL must begin with https://.")
_refuse_unless(SMS_ACCOUNT_SID, "SMS_ACCOUNT_SID must name the carrier's account.")
_refuse_unless(SMS_AUTH_TOKENS, "SMS_AUTH_TOKENS (or SMS_AUTH_TOKENS_FILE) must hold the carrier's token.")
_refuse_unless(SMS_FROM_NUMBER, "SMS_FROM_NUMBER must hold the number texts come from.")
_refuse_unless(
    PUBLIC_BASE_URL.startswith("https://"), "PUBLIC_BASE_URL must be the https:// address the carrier reaches."
)
_refuse_unless(EMAIL_HOST, "EMAIL_HOST must name the mail server that carries notices to staff.")
_refuse_unless(
    EMAIL_USE_TLS != EMAIL_USE_SSL, "One of EMAIL_USE_TLS and EMAIL_USE_SSL must be on: passwords go over this line."
)
_refuse_unless(DEFAULT_FROM_EMAIL, "NOTICES_FROM must hold the address that notices to staff come from.")
_refuse_unless(
    STAFF_BASE_URL.startswith("https://"), "STAFF_BASE_URL (or SIGN_IN_ORIGIN) must be the https:// address for staff."
)

DATABASES = databases(env.text("DATABASE_URL"), env.text("DATABASE_OWNER_URL"))

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come over plain HTTP from beside us
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrftoken"
if env.flag("BEHIND_TLS_PROXY"):  # only when a proxy sets this header on every request and strips the caller's
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
