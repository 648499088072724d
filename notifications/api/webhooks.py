"""What the carrier calls: check the signature, store, commit, answer, ring. Nothing is decided here (reliability 4.7).

The address that was signed is built from the configured public base, never from what the request claims (SMS-84).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from notifications import signatures
from notifications.models import Receipt, ReceiptKind
from notifications.tasks import process_inbox, ring

CARRIER = Actor.system("carrier-webhook")
LARGEST = 64 * 1024
FORM = "application/x-www-form-urlencoded"
LONGEST_BODY = 1600  # SMS-50: the carrier's own limit
NOTHING_TO_SAY = "<Response></Response>"

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Take in a text somebody sent us: 200 once it is stored, for a repeat too."""
    refusal = _refuse(request)
    if refusal is not None:
        return refusal
    sid, sender = _told(request, "MessageSid"), _told(request, "From")
    if not sid or not sender:
        return HttpResponse(status=400)
    payload = {"provider_id": sid, "sender": sender, "body": _told(request, "Body", longest=LONGEST_BODY)}
    return _store(Receipt(dedupe_key=f"inbound:{sid}", kind=ReceiptKind.INBOUND, payload=payload))


@csrf_exempt
@require_POST
def status(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Take in what became of a try: 200 once it is stored, for a repeat too. The recipient's number is not kept."""
    refusal = _refuse(request)
    if refusal is not None:
        return refusal
    sid, word = _told(request, "MessageSid"), _told(request, "MessageStatus", longest=24)
    if not sid or not word:
        return HttpResponse(status=400)
    payload = {"provider_id": sid, "status": word, "error_code": _told(request, "ErrorCode", longest=16)}
    # the try is part of the key: a signed callback for one try cannot hide that of another
    key = f"status:{attempt_id.hex}:{sid}:{word}"
    return _store(Receipt(dedupe_key=key[:120], kind=ReceiptKind.STATUS, attempt_id=attempt_id, payload=payload))


def _refuse(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a request that is too large or not the carrier's, else None."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return HttpResponse(status=413)
    is_form = request.content_type == FORM
    webhook = signatures.Webhook(
        method=request.method or "",
        url=f"{settings.PUBLIC_BASE_URL}{request.get_full_path()}",
        headers=dict(request.headers),
        form=_form(request) if is_form else None,
        body=b"" if is_form else request.body,
    )
    if signatures.verify(webhook, tokens=settings.SMS_AUTH_TOKENS):
        return None
    log.warning("a webhook without a valid signature was refused")
    return HttpResponse(status=403)


def _form(request: HttpRequest) -> Mapping[str, list[str]]:
    return dict(request.POST.lists())


def _told(request: HttpRequest, name: str, *, longest: int = 64) -> str:
    """Return one parameter as it can be stored: no NUL, no more than we need."""
    return request.POST.get(name, "").replace("\x00", "\ufffd")[:longest]


def _store(receipt: Receipt) -> HttpResponse:
    """Store a receipt once and ring; 503 asks the carrier to come back."""
    try:
        with acting_as(CARRIER):
            Receipt.objects.bulk_create([receipt], ignore_conflicts=True)
    except (OperationalError, InterfaceError):
        log.warning("a webhook could not be stored: the database does not answer")
        return HttpResponse(status=503)
    ring(process_inbox)
    return HttpResponse(NOTHING_TO_SAY, content_type="text/xml")
