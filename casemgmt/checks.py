"""Start-up proofs: every fact routed, every handler there, every fact sourced, every verb ruled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.module_loading import import_string

from casemgmt.accounts.roles import Role
from casemgmt.api.errors import STATUS
from casemgmt.episodes.facts import Facts
from casemgmt.kernel.errors import DomainError
from casemgmt.kernel.events import TOPICS
from casemgmt.kernel.lifecycle import verbs
from casemgmt.outbox.routing import Route
from notifications.jurisdictions import Span


@register
def every_topic_has_a_line(**_: Any) -> Sequence[CheckMessage]:
    """Prove that each topic has a line in routes.py, that no line is idle, and that every handler can be imported.

    Topics are registered by the modules that tell them; the skins import every room's services, so they are loaded
    first, whatever command is run.
    """
    import_module(settings.ROOT_URLCONF)
    table: dict[str, Route] = import_string(settings.EVENT_ROUTES)
    rooms = {topic.split(".", 1)[0] for topic in TOPICS}
    found: list[CheckMessage] = [
        Error(f"topic {topic} has no line in routes.py", id="casemgmt.E001")
        for topic in sorted(TOPICS)
        if topic not in table and f"{topic.split('.', 1)[0]}.*" not in table
    ]
    found += [
        Error(f"routes.py has a line for {name}, which is no topic", id="casemgmt.E002")
        for name in table
        if name not in TOPICS and not (name.endswith(".*") and name[:-2] in rooms)
    ]
    for name, route in table.items():
        for handler in (*route.now, *route.soon):
            try:
                import_string(handler)
            except ImportError:
                found.append(Error(f"routes.py: {name} names {handler}, which is not there", id="casemgmt.E003"))
    return found


@register
def every_fact_has_a_source(**_: Any) -> Sequence[CheckMessage]:
    """Prove that each source can be imported; that together they fill Facts is proven by `gather` in the tests."""
    found: list[CheckMessage] = []
    for name in import_string(settings.FACT_SOURCES):
        try:
            import_string(name)
        except ImportError:
            found.append(Error(f"fact_sources.py names {name}, which is not there", id="casemgmt.E004"))
    if not fields(Facts):
        found.append(Error("Facts is empty", id="casemgmt.E005"))
    return found


@register
def every_verb_is_ruled(**_: Any) -> Sequence[CheckMessage]:
    """Prove that each edge of each lifecycle has a rule that always applies last, and that its roles exist."""
    known = frozenset(Role.values)
    found: list[CheckMessage] = []
    for model in apps.get_models():
        for verb in verbs(model):
            for edge in verb.edges:
                if not edge.rules:
                    found.append(Error(f"{model.__name__}.{verb.name} has an edge without rules", id="casemgmt.E006"))
                for rule in edge.rules:
                    if not rule.who or not (rule.who | rule.propose) <= known:
                        message = f"{model.__name__}.{verb.name}: rule {rule.code} names no role or an unknown one"
                        found.append(Error(message, id="casemgmt.E007"))
    return found


@register
def every_error_has_a_status(**_: Any) -> Sequence[CheckMessage]:
    """Prove that the table of statuses ends with the root of all refusals."""
    if STATUS[-1][0] is DomainError:
        return []
    return [Error("api/errors.py: STATUS must end with DomainError", id="casemgmt.E008")]


# Setting -> the law's own limit; a deployment may be stricter, never looser (rules.md, "Settings and defaults").
AT_MOST = {"SMS_MAX_PER_DAY": 1, "SMS_MAX_PER_WEEK": 3, "SMS_MAX_SEGMENTS": 1, "OPTOUT_CONFIRM_MAX_MINUTES": 5}
WIDEST_WINDOW = Span.parse("08:00-21:00")  # federal (SMS-30, SMS-31)


# Setting -> the most a sign-in of staff may last (HIP-03). Only tests and demonstrations may relax it.
LONGEST = {"SESSION_IDLE_MINUTES": 15, "SESSION_HOURS": 12, "TOKEN_IDLE_MINUTES": 15, "TOKEN_HOURS": 12}


@register(deploy=True)
def sign_ins_are_safe(**_: Any) -> Sequence[CheckMessage]:
    """Prove that staff need two factors and that no sign-in lasts longer than it may (HIP-03)."""
    found: list[CheckMessage] = [
        Error(f"{name} may be {most} at most", id="casemgmt.E011")
        for name, most in LONGEST.items()
        if not 0 < getattr(settings, name) <= most
    ]
    if not settings.REQUIRE_SECOND_FACTOR:
        found.append(Error("REQUIRE_SECOND_FACTOR may not be off where real people are", id="casemgmt.E012"))
    return found


# Setting -> the value without which no text may leave a deployment, and the rule that says so.
TO_TEXT = {
    "SMS_VENDOR_BAA": (True, "SMS-06: a business associate agreement with the carrier's vendor"),
    "SMS_VENDOR_QSOA": (True, "SMS-06: an agreement with the vendor on the terms of 42 CFR 2.11"),
    "SMS_A2P_CAMPAIGN_STATUS": ("approved", "SMS-07: an approved campaign"),
}


@register(deploy=True)
def texting_is_registered(**_: Any) -> Sequence[CheckMessage]:
    """Prove that the carriers let our number send, and that the vendor is bound (SMS-06, SMS-07)."""
    if settings.SMS_GATEWAY != "twilio":
        return []
    found: list[CheckMessage] = [
        Error(f"{name} must be {value}: texting needs {why}", id="casemgmt.E013")
        for name, (value, why) in TO_TEXT.items()
        if getattr(settings, name) != value
    ]
    found += [
        Error(f"{name} must name what the carriers registered (SMS-07)", id="casemgmt.E013")
        for name in ("SMS_A2P_BRAND_ID", "SMS_A2P_CAMPAIGN_ID")
        if not getattr(settings, name)
    ]
    found += [
        Error(f"{name} must be the https:// address of a page that clients are pointed to (SMS-02)", id="casemgmt.E015")
        for name in ("TEXTING_PRIVACY_URL", "TEXTING_TERMS_URL")
        if not getattr(settings, name).startswith("https://")
    ]
    return found


@register
def law_is_only_tightened(**_: Any) -> Sequence[CheckMessage]:
    """Prove that no setting loosens what the law fixes (SMS-05, SMS-24, SMS-31)."""
    found: list[CheckMessage] = [
        Error(f"{name} may be {most} at most: the law may be tightened, not loosened", id="casemgmt.E009")
        for name, most in AT_MOST.items()
        if getattr(settings, name) > most
    ]
    try:
        window = Span.parse(settings.SMS_WINDOW)
    except ValueError:
        return [*found, Error("SMS_WINDOW is not written like 09:00-20:00", id="casemgmt.E010")]
    if window.opens < WIDEST_WINDOW.opens or window.closes > WIDEST_WINDOW.closes:
        found.append(Error("SMS_WINDOW may not be wider than 08:00-21:00", id="casemgmt.E010"))
    return found


@register(Tags.database)
def role_is_bound_by_policies(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """Prove that the role processes work under cannot see past row policies (S6): `check --database default`."""
    try:
        if DEFAULT_DB_ALIAS in (databases or ()):
            connections[DEFAULT_DB_ALIAS].ensure_connection()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="casemgmt.E011")]
    return []
