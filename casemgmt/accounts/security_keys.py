"""Security keys (WebAuthn) as a second factor: a key signs our challenge for our page, and for no other (HIP-03).

What a key signs is judged by the library `fido2`; when it may be asked and what an answer opens is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, NotPermitted
from casemgmt.kernel.transactions import require_atomic

from .factors import WrongCode, enroll, require_fresh
from .models import ApiToken, Factor, FactorKind, User

MOST_KEYS = 10
CHALLENGE_FOR = timedelta(minutes=5)
ENROLL, PASS = "enroll", "pass"  # noqa: S105 - what a challenge is for
# The password was shown before; asking for the key's own PIN as well would lock out keys that have none.
VERIFICATION = UserVerificationRequirement.DISCOURAGED

T = TypeVar("T")


def _server() -> Fido2Server:
    """Return what judges answers; raise Conflict where no page is configured on which keys are used."""
    origin: str = settings.SIGN_IN_ORIGIN
    if not origin:
        raise Conflict("Security keys are not in use here. Enroll an app.", code="security_keys_off")
    entity = PublicKeyCredentialRpEntity(id=urlsplit(origin).hostname or "", name="casemgmt")
    return Fido2Server(entity, verify_origin=lambda told: told == origin)


def _credentials(factors: list[Factor]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(each.credential)) for each in factors]


def _keys(user_id: UUID) -> list[Factor]:
    return list(Factor.objects.locked(user_id).filter(kind=FactorKind.SECURITY_KEY))


@transaction.atomic
def begin_key(*, actor: Actor, key_id: UUID) -> dict[str, Any]:
    """Return WebAuthn's creation options, good for five minutes in this sign-in. Raises FactorNotFresh, Conflict."""
    at = clock.now()
    user_id = require_fresh(actor=actor, key_id=key_id, at=at)
    known = _keys(user_id)
    if len(known) >= MOST_KEYS:
        raise Conflict(f"You have {MOST_KEYS} security keys. Remove one first.", code="too_many_keys")
    user = User.objects.get(id=user_id)
    entity = PublicKeyCredentialUserEntity(id=user.id.bytes, name=user.email, display_name=user.name)
    options, state = _server().register_begin(entity, _credentials(known), user_verification=VERIFICATION)
    _remember(key_id, state, purpose=ENROLL, at=at)
    return dict(options.public_key)


@transaction.atomic
def confirm_key(*, actor: Actor, key_id: UUID, answer: Mapping[str, Any], label: str) -> list[str]:
    """Enroll the key that signed. Returns recovery codes when there are none left. Raises WrongCode, Conflict."""
    at = clock.now()
    user_id = require_fresh(actor=actor, key_id=key_id, at=at)
    state, server = _recalled(key_id, purpose=ENROLL, at=at), _server()
    made = _judged(lambda: server.register_complete(state, answer))
    factor = Factor(
        user_id=user_id,
        kind=FactorKind.SECURITY_KEY,
        label=label,
        credential=bytes(made.credential_data or b""),
        signatures=made.counter,
    )
    try:
        with transaction.atomic():
            return enroll(factor, actor=actor, key_id=key_id, at=at)
    except IntegrityError as error:
        raise Conflict("This key is enrolled already.", code="key_known") from error


@transaction.atomic
def ask_key(*, actor: Actor, key_id: UUID) -> dict[str, Any]:
    """Return WebAuthn's request options, good for five minutes in this sign-in. Raises Conflict `no_security_key`."""
    if actor.id is None:
        raise NotPermitted()
    known = _keys(actor.id)
    if not known:
        raise Conflict("You have no security key.", code="no_security_key")
    options, state = _server().authenticate_begin(_credentials(known), user_verification=VERIFICATION)
    _remember(key_id, state, purpose=PASS, at=clock.now())
    return dict(options.public_key)


@transaction.atomic
def pass_with_key(*, actor: Actor, key_id: UUID, answer: Mapping[str, Any]) -> None:
    """Take what a key signed as this sign-in's second factor. Raises WrongCode."""
    at = clock.now()
    if actor.id is None:
        raise NotPermitted()
    known = _keys(actor.id)
    state, server = _recalled(key_id, purpose=PASS, at=at), _server()
    credentials = _credentials(known)
    signed = _judged(lambda: server.authenticate_complete(state, credentials, answer))
    counter = _judged(lambda: AuthenticationResponse.from_dict(answer)).response.authenticator_data.counter
    factor = known[credentials.index(signed)]
    if (counter or factor.signatures) and counter <= factor.signatures:
        raise WrongCode("This key has been copied, or its answer was used before.")
    factor.signatures, factor.last_used_at = counter, at
    factor.save(update_fields=["signatures", "last_used_at"])
    ApiToken.objects.filter(id=key_id).update(second_factor_at=at)
    record("second_factor.passed", actor=actor, object_type="token", object_id=key_id, reason_code=factor.kind)


def _judged(judge: Callable[[], T]) -> T:
    """Return what the library finds in an answer. What it cannot read, in whichever way, is a wrong one."""
    try:
        return judge()
    except Exception as error:  # a parser of strangers' bytes: it says no in many ways
        raise WrongCode("What the security key signed does not fit.") from error


def _remember(key_id: UUID, state: Mapping[str, Any], *, purpose: str, at: datetime) -> None:
    told = {"challenge": state["challenge"], "for": purpose, "until": (at + CHALLENGE_FOR).isoformat()}
    ApiToken.objects.filter(id=key_id).update(challenge=told)


def _recalled(key_id: UUID, *, purpose: str, at: datetime) -> dict[str, Any]:
    """Return the state of the challenge that this sign-in was given last, and use it up. Raises WrongCode."""
    require_atomic()
    row = ApiToken.objects.lock(key_id)
    asked = row.challenge if row is not None else None
    if row is None or not asked or asked["for"] != purpose or datetime.fromisoformat(asked["until"]) <= at:
        raise WrongCode("Ask for a new challenge.")
    ApiToken.objects.filter(id=key_id).update(challenge=None)
    return {"challenge": asked["challenge"], "user_verification": VERIFICATION}
