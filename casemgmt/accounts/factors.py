"""Second factors: enrolling an app, passing by its codes or by a recovery code, and beginning anew (HIP-03).

Security keys have a module of their own. No secret leaves this room but in the answer to who enrolls.
"""

from __future__ import annotations

import logging
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, NotVisible
from casemgmt.kernel.transactions import require_atomic

from .models import ApiToken, Factor, FactorKind, RecoveryCode, User
from .one_time_codes import address_for_app, new_secret, step_of
from .sealed_secrets import is_readable, opened, sealed, sealed_anew
from .services import digest, revoke_others

log = logging.getLogger(__name__)

RECOVERY_CODES = 10
FRESH_FOR = timedelta(minutes=15)  # so recently the second factor was shown where factors are changed


class FactorNotFresh(NotPermitted):
    """Factors are changed only by who showed one just now: a screen left open is not enough."""

    code = "second_factor_not_fresh"
    sentence = "Show your second factor again, then repeat this."


class WrongCode(Invalid):
    """The code, or what a security key signed, does not fit; or it was used before."""

    code = "wrong_code"
    sentence = "This code is not right, or was used before."


@dataclass(frozen=True, slots=True)
class State:
    """What somebody has enrolled, and whether this sign-in still waits for it."""

    required: bool
    passed: bool
    factors: list[Factor]
    recovery_codes_left: int

    @property
    def word(self) -> str:
        """Return `passed`, `needed` (show it), `to_enroll` (there is none yet) or `not_needed`."""
        if self.passed:
            return "passed"
        if self.factors:
            return "needed"
        return "to_enroll" if self.required else "not_needed"


def state_of(*, user_id: UUID, key_id: UUID) -> State:
    """Return the state of a person's second factors, seen from one of their keys."""
    passed = ApiToken.objects.filter(id=key_id, user_id=user_id, second_factor_at__isnull=False).exists()
    return State(
        required=settings.REQUIRE_SECOND_FACTOR,
        passed=passed,
        factors=list(Factor.objects.confirmed(user_id).order_by("id")),
        recovery_codes_left=RecoveryCode.objects.filter(user_id=user_id, used_at__isnull=True).count(),
    )


def require_fresh(*, actor: Actor, key_id: UUID, at: datetime) -> UUID:
    """Return the person's id; raise FactorNotFresh when they have factors and did not show one just now."""
    require_atomic()
    if actor.id is None:
        raise NotPermitted()
    fresh = ApiToken.objects.filter(id=key_id, second_factor_at__gt=at - FRESH_FOR).exists()
    if not fresh and Factor.objects.confirmed(actor.id).exists():
        raise FactorNotFresh()
    return actor.id


@transaction.atomic
def begin_totp(*, actor: Actor, key_id: UUID) -> tuple[str, str]:
    """Return a new secret and the address of its QR code. It counts once a code of it is shown."""
    user_id = require_fresh(actor=actor, key_id=key_id, at=clock.now())
    secret = new_secret()
    Factor.objects.filter(user_id=user_id, confirmed_at__isnull=True).delete()
    factor = Factor.objects.create(user_id=user_id, kind=FactorKind.TOTP, secret=sealed(secret))
    record("second_factor.begun", actor=actor, object_type="factor", object_id=factor.id)
    name = User.objects.values_list("email", flat=True).get(id=user_id)
    return secret, address_for_app(secret=secret, name=name)


@transaction.atomic
def confirm_totp(*, actor: Actor, key_id: UUID, code: str) -> list[str]:
    """Enroll the app that was begun, in place of the one before. Raises WrongCode, NotVisible when none was begun.

    Returns the recovery codes when this is the first factor, else nothing: those given before stay good.
    """
    at = clock.now()
    user_id = require_fresh(actor=actor, key_id=key_id, at=at)
    factor = Factor.objects.begun(user_id)
    if factor is None or factor.kind != FactorKind.TOTP:
        raise NotVisible()
    step = step_of(code, secret=opened(factor.secret), at=at, after=factor.last_step)
    if step is None:
        raise WrongCode()
    Factor.objects.confirmed(user_id).filter(kind=FactorKind.TOTP).delete()
    factor.last_step = step
    return enroll(factor, actor=actor, key_id=key_id, at=at)


def enroll(factor: Factor, *, actor: Actor, key_id: UUID, at: datetime) -> list[str]:
    """Make a factor count, as shown just now by this key. Returns recovery codes when the person has none left."""
    require_atomic()
    factor.confirmed_at = factor.last_used_at = at
    factor.save()
    ApiToken.objects.filter(id=key_id).update(second_factor_at=at)
    record("second_factor.enrolled", actor=actor, object_type="factor", object_id=factor.id, reason_code=factor.kind)
    if RecoveryCode.objects.filter(user_id=factor.user_id, used_at__isnull=True).exists():
        return []
    return _new_recovery_codes(factor.user_id, actor)


@transaction.atomic
def pass_second_factor(*, actor: Actor, key_id: UUID, code: str) -> None:
    """Take a code of the app, or a recovery code, for this key. Raises WrongCode."""
    at = clock.now()
    if actor.id is None:
        raise NotPermitted()
    how = _judge(actor.id, code.replace(" ", ""), at)
    if how is None:
        raise WrongCode()
    ApiToken.objects.filter(id=key_id).update(second_factor_at=at)
    record("second_factor.passed", actor=actor, object_type="token", object_id=key_id, reason_code=how)


def _judge(user_id: UUID, code: str, at: datetime) -> str | None:
    """Return by which factor a code is right, and use it up; None when it is not."""
    require_atomic()
    for factor in Factor.objects.locked(user_id).filter(kind=FactorKind.TOTP):
        if not is_readable(factor.secret):  # the key that sealed it went: recovery codes still open
            log.error("a second factor cannot be read; is a key missing in SECRET_KEY_FALLBACKS?")
            continue
        step = step_of(code, secret=opened(factor.secret), at=at, after=factor.last_step)
        if step is not None:
            factor.last_step, factor.secret, factor.last_used_at = step, sealed_anew(factor.secret), at
            factor.save(update_fields=["last_step", "secret", "last_used_at"])
            return FactorKind.TOTP.value
    mine = RecoveryCode.objects.filter(user_id=user_id, digest=digest(_plain(code)), used_at__isnull=True)
    return "recovery_code" if mine.update(used_at=at) else None


def _plain(code: str) -> str:
    return code.replace("-", "").upper()


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, key_id: UUID) -> list[str]:
    """Return ten new recovery codes; those before open nothing any more. Raises Conflict without a factor."""
    user_id = require_fresh(actor=actor, key_id=key_id, at=clock.now())
    if not Factor.objects.confirmed(user_id).exists():
        raise Conflict("Enroll a second factor first.", code="no_second_factor")
    return _new_recovery_codes(user_id, actor)


def _new_recovery_codes(user_id: UUID, actor: Actor) -> list[str]:
    """Return ten codes of 80 random bits each; what is stored are hashes."""
    require_atomic()
    plain = [b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user_id, digest=digest(code)) for code in plain)
    record("recovery_codes.renewed", actor=actor, object_type="user", object_id=user_id)
    return ["-".join(code[place : place + 4] for place in range(0, len(code), 4)) for code in plain]


@transaction.atomic
def remove_factor(*, factor_id: UUID, actor: Actor, key_id: UUID) -> None:
    """Take one of one's own factors away. Raises NotVisible, Conflict `last_second_factor`."""
    user_id = require_fresh(actor=actor, key_id=key_id, at=clock.now())
    mine = list(Factor.objects.locked(user_id))
    factor = next((each for each in mine if each.id == factor_id), None)
    if factor is None:
        raise NotVisible()
    if len(mine) == 1 and settings.REQUIRE_SECOND_FACTOR:
        raise Conflict("This is your last second factor. Enroll another one first.", code="last_second_factor")
    factor.delete()
    if len(mine) == 1:
        RecoveryCode.objects.filter(user_id=user_id).delete()
    record("second_factor.removed", actor=actor, object_type="factor", object_id=factor_id)


def forget_factors(*, user_id: UUID, actor: Actor) -> None:
    """Take away all that a person has enrolled, and end all their keys: for who lost everything."""
    require_atomic()
    Factor.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    revoke_others(user_id=user_id, but=None, actor=actor)
    record("second_factor.reset", actor=actor, object_type="user", object_id=user_id)


def reseal_factors() -> int:
    """Seal every app's secret with the newest key; return how many. Afterwards the old key may go."""
    count = 0
    for factor_id in list(Factor.objects.filter(kind=FactorKind.TOTP).values_list("id", flat=True)):
        with transaction.atomic():
            factor = Factor.objects.one_locked(factor_id)
            if factor is not None:
                factor.secret = sealed_anew(factor.secret)
                factor.save(update_fields=["secret"])
                count += 1
    return count
