"""What time does to emergencies whose record nobody finished: told to the privacy officers, then higher (P2-61)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit

from .models import EmergencyDisclosure
from .services.emergencies import OVERDUE, STILL_OVERDUE, event_of

CLOCK = Actor.system("emergency-clock")
BATCH = 500
HIGHER = timedelta(hours=1)  # after the privacy officers were told


def pass_time(*, keep_on: Callable[[], bool] = lambda: True) -> int:
    """Tell, once each, of what is overdue and of what still is; return how many. Safe in any number of copies."""
    count = 0
    for emergency_id in _overdue():
        if not keep_on():
            break
        count += _climb(emergency_id)
    return count


@acting_as(CLOCK)
def _overdue() -> list[UUID]:
    rows = EmergencyDisclosure.objects.to_climb(higher_before=_long_ago(clock.now()))
    return list(rows.values_list("id", flat=True)[:BATCH])


@acting_as(CLOCK)
def _climb(emergency_id: UUID) -> int:
    at = clock.now()
    rows = EmergencyDisclosure.objects.to_climb(higher_before=_long_ago(at))
    emergency: EmergencyDisclosure | None = rows.filter(pk=emergency_id).lock_free().first()
    if emergency is None:  # closed or told meanwhile
        return 0
    column, topic = ("climbed_at", OVERDUE) if emergency.climbed_at is None else ("climbed_higher_at", STILL_OVERDUE)
    setattr(emergency, column, at)
    emergency.save(update_fields=[column])  # no new version: whoever is about to write the facts still may
    emit(event_of(topic, emergency), actor=CLOCK)
    return 1


def _long_ago(at: datetime) -> datetime:
    return at - HIGHER
