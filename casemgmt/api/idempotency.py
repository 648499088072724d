"""Idempotency-Key: the same key and request answer once and repeat for a day (F25)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, Refused
from casemgmt.kernel.transactions import require_atomic
from casemgmt.kernel.wall import acting_as

from .models import IdempotencyKey

HEADER = "Idempotency-Key"
SANE = re.compile(r"[\x21-\x7e]{1,64}")
KEPT_HEADERS = ("ETag", "Location")
KEPT_FOR = timedelta(hours=24)  # answers hold client data: no longer than a caller may still repeat itself


def once(request: Request, *, actor: Actor, action: str, work: Callable[[], Response]) -> Response:
    """Run `work` inside the open transaction unless this actor's key was already answered; then repeat that answer.

    A repeat shows again what the first answer showed, so it leaves an audit row of its own, `<action>.repeated`.
    Raises Refused `idempotency_mismatch` when the key stood for another request, Invalid when the key is not sane.
    A refusal rolls the key back with everything else, so the caller may mend the request and use the key again.
    """
    require_atomic()
    key = request.headers.get(HEADER)
    if key is None or actor.id is None or actor.organization_id is None:
        return work()
    if not SANE.fullmatch(key):
        raise Invalid(f"{HEADER} takes 1 to 64 printable characters.", code="idempotency_key_invalid")
    asked = _hash(request)
    mine = {"actor_id": actor.id, "organization_id": actor.organization_id, "key": key}
    # a concurrent repeat waits in this INSERT until the first commits, and then finds its answer
    IdempotencyKey.objects.bulk_create([IdempotencyKey(**mine, request_hash=asked)], ignore_conflicts=True)
    row = IdempotencyKey.objects.get(**mine)
    if row.status is not None:
        answer = _repeat(row, asked)
        record(f"{action}.repeated", actor=actor, object_type="request")
        return answer
    response = work()
    row.status = response.status_code
    row.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    row.body = json.dumps(response.data, cls=JSONEncoder)
    row.save(update_fields=["status", "headers", "body"])
    return response


def _repeat(row: IdempotencyKey, asked: str) -> Response:
    if row.request_hash != asked:
        raise Refused("This key stood for another request. Use a new key for new work.", code="idempotency_mismatch")
    return Response(json.loads(row.body), status=row.status, headers={**row.headers, "Idempotency-Replayed": "true"})


def _hash(request: Request) -> str:
    told = f"{request.method} {request.get_full_path()}\n".encode() + request._request.body  # noqa: SLF001
    return hashlib.sha256(told).hexdigest()


@acting_as(Actor.system("forget"))
def forget_old_answers() -> int:
    """Delete the keys of more than a day ago with their answers; return how many. Safe in any number of copies."""
    count, _ = IdempotencyKey.objects.filter(created_at__lt=clock.DatabaseNow() - KEPT_FOR).delete()
    return count
