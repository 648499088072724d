"""Settings that every environment shares, read from environment variables. Safe for production by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import environment as env
from .description import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from .logs import logging_to_stderr

PROJECT = Path(__file__).resolve().parent.parent.parent

# --- Django -------------------------------------------------------------------------------------------------------

SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")  # old keys, while sessions signed with them live
DEBUG = False
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "casemgmt.apps.ProjectConfig",
    "casemgmt.kernel",
    "casemgmt.audit",
    "casemgmt.outbox",
    "casemgmt.api",
    "casemgmt.accounts",
    "casemgmt.policies",
    "casemgmt.calendars",
    "casemgmt.access",
    "casemgmt.clients",
    "casemgmt.care_team",
    "casemgmt.consent",
    "casemgmt.worklist",
    "casemgmt.disclosures",
    "casemgmt.notices",
    "casemgmt.measures",
    "casemgmt.safety",
    "casemgmt.episodes",
    "casemgmt.chart",
    "casemgmt.guidance",
    "programs",
    "casemgmt.sessions",
    "casemgmt.places",
    "referrals",
    "notifications",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casemgmt.api.request_id.RequestIdMiddleware",
    "casemgmt.api.limits.BodyLimitMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "casemgmt.urls"
WSGI_APPLICATION = "casemgmt.wsgi.application"
APPEND_SLASH = False  # an API address is right or wrong; a redirect would drop the body
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT: Path | None = PROJECT / "staticfiles"

LOGGING = logging_to_stderr(level=env.text("LOG_LEVEL", "INFO"), reveal=False)

# --- people and sessions ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]

REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=True)  # of everybody who signs in (HIP-03)
SIGN_IN_ORIGIN = env.text("SIGN_IN_ORIGIN")  # https://host of the pages on which security keys are used; '': none are

# A sign-in ends when it lies idle and, however busy, at its end (HIP-03). Sessions are browsers', tokens programs'.
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES", 15)
SESSION_HOURS = env.integer("SESSION_HOURS", 12)
TOKEN_IDLE_MINUTES = env.integer("TOKEN_IDLE_MINUTES", 15)
TOKEN_HOURS = env.integer("TOKEN_HOURS", 12)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # pages of the same origin send it back as a header
CSRF_FAILURE_VIEW = "casemgmt.api.problems.forbidden"

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "no-referrer"

# Answers are JSON: a browser that takes one for a page runs and loads nothing of it.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

MAX_BODY_BYTES = env.integer("MAX_BODY_BYTES", 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- PostgreSQL ---------------------------------------------------------------------------------------------------

# Development, tests and drills move the database's clock by this; production refuses it.
CLOCK_OFFSET_SECONDS = env.number("CLOCK_OFFSET_SECONDS", 0)


def databases(
    application_url: str, owner_url: str, *, statement_ms: int = 5000, lock_ms: int = 3000
) -> dict[str, dict[str, Any]]:
    """Return DATABASES: `default` as the application's role, `owner` (if given) for migrations only.

    The milliseconds say how long a statement may run or wait for a lock where the environment does not.
    """
    patience = [
        f"statement_timeout={env.integer('DATABASE_STATEMENT_TIMEOUT_MS', statement_ms)}",
        f"lock_timeout={env.integer('DATABASE_LOCK_TIMEOUT_MS', lock_ms)}",
        "idle_in_transaction_session_timeout=15000",
    ]
    if CLOCK_OFFSET_SECONDS:
        patience.append(f"casemgmt.clock_offset={CLOCK_OFFSET_SECONDS}")
    default = env.database(application_url, name="DATABASE_URL", options=patience)
    default["CONN_MAX_AGE"] = env.integer("DATABASE_CONN_MAX_AGE", 60)
    machine = ["casemgmt.actor_kind=system"]  # migrations change rows of all; without it they would see none
    if not owner_url:
        return {"default": default}
    return {"default": default, "owner": env.database(owner_url, name="DATABASE_OWNER_URL", options=machine)}


DATABASES: dict[str, dict[str, Any]] = {}  # filled by the settings that build on these


def caches(redis_url: str) -> dict[str, dict[str, Any]]:
    """Return CACHES: `default` in this process; `shared` in Redis, for counts of requests only."""
    here: dict[str, Any] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if not redis_url.startswith(("redis://", "rediss://", "unix://")):
        return {"default": here, "shared": here}
    patience = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    shared = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url, "OPTIONS": patience}
    return {"default": here, "shared": shared}


# --- how often somebody may ask (API4) ----------------------------------------------------------------------------

REQUESTS_PER_MINUTE_PERSON = env.integer("REQUESTS_PER_MINUTE_PERSON", 600)
REQUESTS_PER_MINUTE_ORGANIZATION = env.integer("REQUESTS_PER_MINUTE_ORGANIZATION", 6000)
REQUESTS_PER_MINUTE_STRANGER = env.integer("REQUESTS_PER_MINUTE_STRANGER", 60)
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)  # of ours, each adding one address to X-Forwarded-For

# --- Celery: a doorbell; the work is in PostgreSQL ----------------------------------------------------------------

REDIS_URL = env.text("REDIS_URL")
CACHES = caches(REDIS_URL)

TICK_RELAY_SECONDS = env.duration("TICK_RELAY_SECONDS", 10)
TICK_SWEEP_SECONDS = env.duration("TICK_SWEEP_SECONDS", 300)
TICK_SILENCES_SECONDS = env.duration("TICK_SILENCES_SECONDS", 900)
TICK_REMINDERS_SECONDS = env.duration("TICK_REMINDERS_SECONDS", 60)
TICK_MATERIALIZE_SECONDS = env.duration("TICK_MATERIALIZE_SECONDS", 30)
TICK_SEND_SECONDS = env.duration("TICK_SEND_SECONDS", 10)
TICK_RECONCILE_SECONDS = env.duration("TICK_RECONCILE_SECONDS", 15)
TICK_SEAL_SECONDS = env.duration("TICK_SEAL_SECONDS", 60)
TICK_ESCALATE_SECONDS = env.duration("TICK_ESCALATE_SECONDS", 10)
TICK_PATHWAY_SECONDS = env.duration("TICK_PATHWAY_SECONDS", 60)
TICK_CLOCKS_SECONDS = env.duration("TICK_CLOCKS_SECONDS", 30)
TICK_SERIES_SECONDS = env.duration("TICK_SERIES_SECONDS", 60)
TICK_UNTOLD_SECONDS = env.duration("TICK_UNTOLD_SECONDS", 60)
TICK_DOSE_SECONDS = env.duration("TICK_DOSE_SECONDS", 900)
TICK_PLACES_SECONDS = env.duration("TICK_PLACES_SECONDS", 60)
TICK_NOTES_SECONDS = env.duration("TICK_NOTES_SECONDS", 60)
TICK_CONSENTS_SECONDS = env.duration("TICK_CONSENTS_SECONDS", 60)
TICK_EMERGENCIES_SECONDS = env.duration("TICK_EMERGENCIES_SECONDS", 60)
TICK_REVIEWS_SECONDS = env.duration("TICK_REVIEWS_SECONDS", 60)
TICK_NOTICES_SECONDS = env.duration("TICK_NOTICES_SECONDS", 10)
TICK_FORGET_SECONDS = env.duration("TICK_FORGET_SECONDS", 60)
TICK_INBOX_SECONDS = env.duration("TICK_INBOX_SECONDS", 5)
TICK_POLL_SECONDS = env.duration("TICK_POLL_SECONDS", 60)  # looks at most every SMS_POLL_SECONDS
TICK_WATCH_SECONDS = env.duration("TICK_WATCH_SECONDS", 30)
LOOP_INTERVAL_SECONDS = env.duration("LOOP_INTERVAL_SECONDS", 5)
HEARTBEAT_STALE_SECONDS = env.duration("HEARTBEAT_STALE_SECONDS", 120)

# --- rooms --------------------------------------------------------------------------------------------------------

EVENT_ROUTES = "casemgmt.routes.ROUTES"  # who hears which fact
FACT_SOURCES = "casemgmt.fact_sources.FACT_SOURCES"  # who knows what about an episode

# --- notices to staff by e-mail ------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)  # STARTTLS
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)  # TLS from the first byte; then EMAIL_USE_TLS must be off
EMAIL_TIMEOUT = env.integer("EMAIL_TIMEOUT", 10)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("NOTICES_FROM")  # a neutral name: it stands in everybody's inbox
OPERATORS_EMAIL = env.listing("OPERATORS_EMAIL")  # who is told when a part stands still; none: the log only
TRACER_CLIENTS = env.ids("TRACER_CLIENTS")  # phones of the operators that are checked in with (`manage.py tracer`)
NOTICES_LEASE_SECONDS = env.duration("NOTICES_LEASE_SECONDS", 60)  # longer than EMAIL_TIMEOUT several times over
STAFF_BASE_URL = env.text("STAFF_BASE_URL", SIGN_IN_ORIGIN).rstrip("/")  # where staff sign in; stands in each notice

# --- texting: the carrier -----------------------------------------------------------------------------------------

SMS_GATEWAY = env.choice("SMS_GATEWAY", "twilio", among=("memory", "console", "twilio"))
SMS_GATEWAY_BASE_URL = env.text("SMS_GATEWAY_BASE_URL", "https://api.twilio.com")
SMS_ACCOUNT_SID = env.text("SMS_ACCOUNT_SID")
SMS_AUTH_TOKENS = env.listing("SMS_AUTH_TOKENS")  # the first signs our calls; callbacks may be signed by any (rotation)
SMS_FROM_NUMBER = env.text("SMS_FROM_NUMBER")
TEXTING_PRIVACY_URL = env.text("TEXTING_PRIVACY_URL")  # what clients are shown before they agree to texts (SMS-02)
TEXTING_TERMS_URL = env.text("TEXTING_TERMS_URL")
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL").rstrip("/")  # where the carrier reaches us; part of what it signs

SMS_CONNECT_TIMEOUT = env.duration("SMS_CONNECT_TIMEOUT", 2)
SMS_TOTAL_TIMEOUT = env.duration("SMS_TOTAL_TIMEOUT", 5)
SMS_SEND_DEADLINE_SECONDS = env.duration("SMS_SEND_DEADLINE_SECONDS", 2)
SMS_LEASE_SECONDS = env.duration("SMS_LEASE_SECONDS", 30)
SMS_UNKNOWN_HORIZON_SECONDS = env.duration("SMS_UNKNOWN_HORIZON_SECONDS", 600)
SMS_IN_FLIGHT = env.integer("SMS_IN_FLIGHT", 4)  # texts that one sender hands over at once, each on a connection
SMS_BREAKER_FAILURES = env.integer("SMS_BREAKER_FAILURES", 5)  # calls in a row without an answer close the channel
SMS_BREAKER_SECONDS = env.duration("SMS_BREAKER_SECONDS", 15)  # for so long at first, then twice as long each time
SMS_PER_SECOND = env.number("SMS_PER_SECOND", 50)  # what the carrier takes from our number, all organizations together
SMS_ORGANIZATION_PER_SECOND = env.number("SMS_ORGANIZATION_PER_SECOND", 25)
SMS_POLL_SECONDS = env.duration("SMS_POLL_SECONDS", 600)  # between two looks at the carrier's list of replies (F18)

# --- texting: the law and our manners (rules.md, "Settings and defaults") ----------------------------------------

# Whether the carriers let the number send (SMS-07), and what binds the carrier's vendor (SMS-06); see checks.py.
SMS_A2P_BRAND_ID = env.text("SMS_A2P_BRAND_ID")
SMS_A2P_CAMPAIGN_ID = env.text("SMS_A2P_CAMPAIGN_ID")
SMS_A2P_CAMPAIGN_STATUS = env.choice(
    "SMS_A2P_CAMPAIGN_STATUS", "unregistered", among=("unregistered", "pending", "approved", "suspended")
)
SMS_VENDOR_BAA = env.flag("SMS_VENDOR_BAA", default=False)  # a business associate agreement is signed
SMS_VENDOR_QSOA = env.flag("SMS_VENDOR_QSOA", default=False)  # it holds the terms of 42 CFR 2.11
SMS_WINDOW = env.text("SMS_WINDOW", "09:00-20:00")
SMS_MAX_PER_DAY = env.integer("SMS_MAX_PER_DAY", 1)
SMS_MAX_PER_WEEK = env.integer("SMS_MAX_PER_WEEK", 3)
SMS_MAX_SEGMENTS = env.integer("SMS_MAX_SEGMENTS", 1)
SMS_DEFER_MAX_HOURS = env.integer("SMS_DEFER_MAX_HOURS", 24)
PROVIDER_HANDLES_OPTOUT_REPLY = env.flag("PROVIDER_HANDLES_OPTOUT_REPLY", default=True)
OPTOUT_CONFIRM_MAX_MINUTES = env.integer("OPTOUT_CONFIRM_MAX_MINUTES", 5)
CHECKIN_REPLY_HOURS = env.integer("CHECKIN_REPLY_HOURS", 24)
CHECKIN_MATCH_HOURS = env.integer("CHECKIN_MATCH_HOURS", 72)

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["casemgmt.api.renderers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["casemgmt.api.parsers.StrictJsonParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "casemgmt.accounts.api.authentication.TokenAuthentication",
        "casemgmt.accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "casemgmt.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "casemgmt.api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
