"""From a refusal to an answer: one table, error class -> status. Refusals are audited here, after rollback (HIP-04)."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseError
from django.db import transaction
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from casemgmt.audit.models import Outcome
from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import (
    Busy,
    Conflict,
    DomainError,
    GuardsFailed,
    Invalid,
    NotAvailable,
    NotPermitted,
    NotVisible,
    PreconditionMissing,
    Refused,
    StaleVersion,
)

from .outages import is_contention, is_outage
from .problems import CONTENT_TYPE, RETRY_AFTER_SECONDS, body
from .renderers import JsonRenderer

log = logging.getLogger(__name__)

# The first class that fits decides.
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotVisible, 404),
    (NotPermitted, 403),
    (Invalid, 400),
    (GuardsFailed, 409),
    (Conflict, 409),
    (PreconditionMissing, 428),
    (NotAvailable, 503),
    (Refused, 422),
    (DomainError, 422),
)

# What DRF itself refuses, with our codes.
PLUMBING: tuple[tuple[type[exceptions.APIException], str], ...] = (
    (exceptions.ParseError, "malformed"),
    (exceptions.NotAuthenticated, "not_logged_in"),
    (exceptions.AuthenticationFailed, "not_logged_in"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.NotAcceptable, "not_acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (exceptions.Throttled, "too_many_requests"),
)


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal: its own `http_status` if it names one, else the table's."""
    own = getattr(error, "http_status", None)
    return own if own is not None else next(status for kind, status in STATUS if isinstance(error, kind))


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem for an error, or None for one that is our mistake (Django then answers 500)."""
    refusal = _as_domain(error)
    if refusal is not None:
        return _refuse(refusal, context)
    if isinstance(error, exceptions.APIException):
        return _plumbing(error, context)
    return None


def _as_domain(error: Exception) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return NotVisible()
    if isinstance(error, PermissionDenied):
        return NotPermitted()
    if isinstance(error, exceptions.ValidationError):
        return Invalid(fields=_flat(error.detail))
    if is_contention(error):
        return Busy()
    if is_outage(error):
        return NotAvailable()
    return None


def _flat(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Return DRF's nested error detail as `field.sub: [sentences]`."""
    if isinstance(detail, dict):
        merged: dict[str, list[str]] = {}
        for name, inner in detail.items():
            merged.update(_flat(inner, f"{prefix}.{name}" if prefix else str(name)))
        return merged
    if isinstance(detail, list) and any(isinstance(each, dict) for each in detail):
        merged = {}
        for position, inner in enumerate(detail):
            if inner:
                merged.update(_flat(inner, f"{prefix}.{position}" if prefix else str(position)))
        return merged
    sentences = detail if isinstance(detail, list) else [detail]
    return {prefix or "request": [str(sentence) for sentence in sentences]}


def _refuse(refusal: DomainError, context: dict[str, Any]) -> Response:
    status = status_of(refusal)
    method = getattr(context.get("request"), "method", "")
    if isinstance(refusal, StaleVersion) and method in ("PATCH", "PUT"):
        status = 412  # an edit's If-Match failed (F23); a verb on a stale screen is a conflict
    headers = {}
    if isinstance(refusal, NotAvailable):  # no audit row: there is nowhere to write it
        log.error("the database does not answer")
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    else:
        _audit(refusal, context)
    return _told(body(status, refusal.code, refusal.detail, **refusal.extra), headers, context)


def _plumbing(error: exceptions.APIException, context: dict[str, Any]) -> Response:
    code = next((code for kind, code in PLUMBING if isinstance(error, kind)), "refused")
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait) + 1)
    if not isinstance(error, exceptions.Throttled):  # or a flood of requests would be a flood of rows
        _audit(DomainError(code=code), context)
    return _told(body(error.status_code, code, str(error.detail)), headers, context)


def _told(problem: dict[str, Any], headers: dict[str, str], context: dict[str, Any]) -> Response:
    """Return a problem as JSON, whatever the view writes otherwise: a page, YAML."""
    request = context.get("request")
    if request is not None:
        request.accepted_renderer, request.accepted_media_type = JsonRenderer(), JsonRenderer.media_type
    return Response(problem, status=problem["status"], content_type=CONTENT_TYPE, headers=headers)


def _audit(refusal: DomainError, context: dict[str, Any]) -> None:
    """Write the refusal in a transaction of its own; the refused work has already been rolled back."""
    request, view = context.get("request"), context.get("view")
    actor = getattr(request, "actor", None) or Actor.anonymous()
    action = getattr(view, "audit_action", None) or type(view).__name__
    try:
        with transaction.atomic():
            record(
                f"{action}.refused",
                actor=actor,
                object_type="request",
                outcome=Outcome.REFUSED,
                reason_code=refusal.code[:64],
            )
    except DatabaseError:
        log.exception("a refusal with code %s could not be audited", refusal.code)
