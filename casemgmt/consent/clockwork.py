"""What time does to consents: what ended is told once to who relied on it, what ends soon to who can ask again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.policies.catalog import NUMBERS
from casemgmt.policies.services import policy_of

from .models import Consent, ConsentStep
from .services import EXPIRED, EXPIRING, event_of
from .words import Step

CLOCK = Actor.system("consent-clock")
BATCH = 500
LONGEST = timedelta(days=NUMBERS["consent_warning_days"].high)  # of any organization


def pass_time(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Tell of every consent that ended, and that ends soon, once; return how many. Safe in any number of copies."""
    count = 0
    for work, ids in ((_expire, _ended()), (_warn, _ending())):
        for consent_id in ids:
            if not keep_on():
                return count
            count += work(consent_id)
    return count


@acting_as(CLOCK)
def _ended() -> list[UUID]:
    return list(Consent.objects.ended_untold().values_list("id", flat=True)[:BATCH])


@acting_as(CLOCK)
def _ending() -> list[UUID]:
    """Return what somebody should hear of: each organization says itself how long before, and keeps none waiting."""
    at = clock.now()
    found: list[UUID] = []
    soon = Consent.objects.ending_unwarned(before=at + LONGEST).order_by("organization_id")
    for organization_id in soon.values_list("organization_id", flat=True).distinct():
        rows = Consent.objects.ending_unwarned(before=at + _ahead(organization_id)).filter(
            organization_id=organization_id
        )
        found += rows.values_list("id", flat=True)[:BATCH]
    return found


@acting_as(CLOCK)
def _expire(consent_id: UUID) -> int:
    consent: Consent | None = Consent.objects.ended_untold().filter(pk=consent_id).lock_free().first()
    if consent is None:  # taken back or told meanwhile
        return 0
    at = clock.now()
    ConsentStep.objects.create(consent=consent, what=Step.EXPIRED, at=at, actor_kind=CLOCK.kind.value)
    consent.expiry_told_at = at
    _note(consent, "expiry_told_at")
    emit(event_of(EXPIRED, consent), actor=CLOCK)
    return 1


@acting_as(CLOCK)
def _warn(consent_id: UUID) -> int:
    soon = Consent.objects.ending_unwarned(before=clock.now() + LONGEST)
    consent: Consent | None = soon.filter(pk=consent_id).lock_free().first()
    if consent is None:
        return 0
    consent.warned_at = clock.now()
    _note(consent, "warned_at")
    emit(event_of(EXPIRING, consent), actor=CLOCK)
    return 1


def _note(consent: Consent, column: str) -> None:
    consent.save(update_fields=[column])  # no new version: whoever is about to change it still may


def _ahead(organization_id: UUID) -> timedelta:
    return timedelta(days=policy_of(organization_id).consent_warning_days)
