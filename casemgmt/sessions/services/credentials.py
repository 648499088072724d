"""Credentials of staff: recording one, letting somebody go on without, and asking whether one holds (PEER-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from casemgmt.accounts.models import Membership, Organization
from casemgmt.accounts.roles import KEEPERS, Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.policies.services import policy_of
from casemgmt.sessions.models import Credential, CredentialOverride, Series, Session
from casemgmt.sessions.models.credentials import LONGEST_OVERRIDE_DAYS
from casemgmt.sessions.note_words import PEER_CREDENTIALS
from casemgmt.sessions.words import Discipline
from casemgmt.worklist.models import ItemKind
from casemgmt.worklist.services import NewItem, close_items, open_item

RECORDED = register_topic("credential.recorded")
OVERRIDDEN = register_topic("credential.overridden")
CLOCK = Actor.system("credentials-clock")
BATCH = 100
FURTHEST_WARNING = timedelta(days=90)  # the highest bound of the policy's number
EARLIEST_OVERRIDE = timedelta(days=30)  # for sessions held before somebody noticed


class CredentialState(StrEnum):
    """How a peer's credential stands on a day."""

    VALID = "valid"
    EXPIRED = "expired"
    MISSING = "missing"
    OVERRIDDEN = "overridden"  # expired or missing, and a supervisor lets them go on


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What is told of a credential. `needs_cosign`: notes of this person are co-signed by `supervisor_id`."""

    user_id: UUID
    kind: str
    expires_on: date
    number: str = ""
    issued_on: date | None = None
    supervisor_id: UUID | None = None
    needs_cosign: bool = False


@transaction.atomic
def record_credential(*, new: NewCredential, actor: Actor) -> Credential:
    """Record a credential of somebody who works here; from now on it holds instead of what was recorded before.

    Raises NotPermitted (supervisors and admins), Invalid (`user`, `supervisor`, `expires_on`).
    """
    if actor.organization_id is None or actor.id is None or not actor.has_role(*KEEPERS):
        raise NotPermitted(who=sorted(KEEPERS))
    _require_colleague(new.user_id, actor.organization_id, field="user")
    if new.supervisor_id is not None:
        _require_colleague(new.supervisor_id, actor.organization_id, field="supervisor")
    if new.supervisor_id == new.user_id:
        raise Invalid(fields={"supervisor": ["Nobody supervises themselves."]})
    if new.needs_cosign and new.supervisor_id is None:
        raise Invalid(fields={"supervisor": ["Say who co-signs the notes."]})
    if new.issued_on is not None and new.issued_on > new.expires_on:
        raise Invalid(fields={"expires_on": ["Not before it was issued."]})
    told = {name: getattr(new, name) for name in NewCredential.__slots__}
    row = Credential(organization_id=actor.organization_id, recorded_by_id=actor.id, **told)
    row.save(force_insert=True)
    before = Credential.objects.filter(organization_id=actor.organization_id, user_id=new.user_id, pk__lt=row.pk)
    at = clock.now()
    for earlier in before.filter(warned_at__isnull=False).values_list("pk", flat=True):
        kinds = (ItemKind.CREDENTIAL_EXPIRING,)
        close_items(source_id=earlier, kinds=kinds, outcome="recorded", at=at, actor=actor)
    payload: dict[str, Scalar] = {"kind": str(row.kind), "user": str(row.user_id)}
    emit(Event(RECORDED, row.id, None, row.organization_id, payload), actor=actor)
    return row


@transaction.atomic
def override_credential(
    *, user_id: UUID, until_date: date, from_date: date | None, reason: str, actor: Actor
) -> CredentialOverride:
    """Let somebody hold sessions without a good credential for a while. Without `from_date`: from today.

    Raises NotPermitted (another supervisor decides), Invalid (`user`, `from_date`, `until_date`, `reason`).
    """
    if actor.organization_id is None or actor.id is None or not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])
    if user_id == actor.id:
        raise NotPermitted("Another supervisor decides about your own sessions.")
    _require_colleague(user_id, actor.organization_id, field="user")
    today = _day(clock.now(), actor.organization_id)
    begins = from_date or today
    if not today - EARLIEST_OVERRIDE <= begins:
        raise Invalid(fields={"from_date": [f"At most {EARLIEST_OVERRIDE.days} days back."]})
    if not begins <= until_date <= begins + timedelta(days=LONGEST_OVERRIDE_DAYS):
        raise Invalid(fields={"until_date": [f"At most {LONGEST_OVERRIDE_DAYS} days from its beginning."]})
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why."]})
    row = CredentialOverride.objects.create(
        organization_id=actor.organization_id,
        user_id=user_id,
        from_date=begins,
        until_date=until_date,
        reason=reason.strip(),
        given_by_id=actor.id,
    )
    payload: dict[str, Scalar] = {"user": str(user_id)}
    emit(Event(OVERRIDDEN, row.id, None, row.organization_id, payload), actor=actor)
    return row


def credential_of(user_id: UUID, organization_id: UUID) -> Credential | None:
    """Return the last credential recorded of somebody in an organization."""
    mine = Credential.objects.filter(user_id=user_id, organization_id=organization_id)
    return mine.order_by("-id").first()


def state_on(day: date, *, user_id: UUID, organization_id: UUID) -> CredentialState:
    """Return how a peer's credential stands on a local day of the organization."""
    mine = Credential.objects.filter(user_id=user_id, organization_id=organization_id)
    last = mine.filter(kind__in=PEER_CREDENTIALS).order_by("-id").first()
    if last is not None and last.expires_on >= day:
        return CredentialState.VALID
    allowed = CredentialOverride.objects.covering(user_id=user_id, organization_id=organization_id, day=day)
    if allowed.exists():
        return CredentialState.OVERRIDDEN
    return CredentialState.EXPIRED if last is not None else CredentialState.MISSING


def require_credential(at: datetime, *, user_id: UUID, organization_id: UUID) -> CredentialState:
    """Return how a peer's credential stands when a session takes place (aware UTC); raise when it forbids it (PEER-04).

    Raises Refused `credential_expired`; `credential_missing` only where the organization asks for a recorded one.
    """
    found = state_on(_day(at, organization_id), user_id=user_id, organization_id=organization_id)
    if found is CredentialState.EXPIRED:
        sentence = "Your credential has lapsed. A supervisor may record its renewal, or let you go on for a while."
        raise Refused(sentence, code="credential_expired")
    if found is CredentialState.MISSING and policy_of(organization_id).peer_credentials_needed_count:
        sentence = "No credential of yours is on record. A supervisor may record it, or let you go on for a while."
        raise Refused(sentence, code="credential_missing")
    return found


def require_fit_to_hold(session: Session | Series, *, at: datetime) -> None:
    """Raise Refused, as `require_credential`, when a peer may not hold a session that takes place at `at` (PEER-04)."""
    if session.discipline == Discipline.PEER:
        require_credential(at, user_id=session.staff_id, organization_id=session.organization_id)


def warn_of_endings(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Put on the worklist what must be renewed soon; return how many. Safe in any number of copies (PEER-04)."""
    count = 0
    for credential_id in _ending():
        if not keep_on():
            break
        count += _warn(credential_id)
    return count


@acting_as(CLOCK)
def _ending() -> list[UUID]:
    """Return credentials in force that end within the warning of their organization."""
    at = clock.now()
    soon = Credential.objects.in_force().filter(warned_at__isnull=True, expires_on__lte=(at + FURTHEST_WARNING).date())
    here = Membership.objects.filter(ended_at__isnull=True).values_list("user_id", "organization_id").distinct()
    found = list(soon.order_by("expires_on").values_list("id", "organization_id", "user_id", "expires_on"))
    days = {each: policy_of(each).credential_warning_days for each in {row[1] for row in found}}
    working = set(here.filter(organization_id__in=days)) if found else set()
    return [
        pk
        for pk, organization_id, user_id, expires_on in found
        if expires_on <= (at + timedelta(days=days[organization_id])).date() and (user_id, organization_id) in working
    ][:BATCH]


@acting_as(CLOCK)
def _warn(credential_id: UUID) -> int:
    row = Credential.objects.filter(pk=credential_id, warned_at__isnull=True).lock_free().first()
    if row is None:  # another copy is at it
        return 0
    row.warned_at = clock.now()
    row.save(update_fields=["warned_at"])
    zone = ZoneInfo(Organization.objects.values_list("timezone", flat=True).get(pk=row.organization_id))
    item = NewItem(
        organization_id=row.organization_id,
        client_id=None,
        kind=ItemKind.CREDENTIAL_EXPIRING,
        due_at=datetime.combine(row.expires_on, time(), zone).astimezone(UTC),
        source_type="credential",
        source_id=row.id,
        role=Role.SUPERVISOR,
        assignee_id=row.supervisor_id,
    )
    open_item(item, actor=CLOCK)
    return 1


def _require_colleague(user_id: UUID, organization_id: UUID, *, field: str) -> None:
    here = Membership.objects.filter(user_id=user_id, organization_id=organization_id, ended_at__isnull=True)
    if not here.filter(user__is_active=True).exists():
        raise Invalid(fields={field: ["Nobody who works in your organization."]})


def _day(at: datetime, organization_id: UUID) -> date:
    zone = Organization.objects.values_list("timezone", flat=True).get(pk=organization_id)
    return at.astimezone(ZoneInfo(zone)).date()
