"""What a client wishes of check-ins, as the last event of each kind says (CHK-09). Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notifications.jurisdictions import Span, Week
from notifications.models import CheckInPreference, PreferenceKind, WishedChannel


@dataclass(frozen=True, slots=True)
class Wishes:
    """What holds now. `elsewhere`: by call or e-mail, not by text; `window` None: any legal hour."""

    paused_until: datetime | None = None
    window: Week | None = None
    elsewhere: bool = False
    no_reminders: bool = False  # of visits


def wishes_of(client_id: UUID, organization_id: UUID) -> Wishes:
    """Return what a client wished at an organization. One query."""
    rows = CheckInPreference.objects.last_of_each_kind(client_id=client_id, organization_id=organization_id)
    last = {row.kind: row for row in rows}
    pause, resume = last.get(PreferenceKind.PAUSE), last.get(PreferenceKind.RESUME)
    paused = pause is not None and (resume is None or resume.seq < pause.seq)
    channel = last.get(PreferenceKind.CHANNEL)
    off, on = last.get(PreferenceKind.REMINDERS_OFF), last.get(PreferenceKind.REMINDERS_ON)
    return Wishes(
        paused_until=pause.until if paused and pause is not None else None,
        window=_window(last.get(PreferenceKind.HOURS)),
        elsewhere=channel is not None and channel.channel != WishedChannel.TEXT,
        no_reminders=off is not None and (on is None or on.seq < off.seq),
    )


def _window(hours: CheckInPreference | None) -> Week | None:
    if hours is None or hours.opens is None or hours.closes is None:
        return None
    return Week((Span(hours.opens, hours.closes),) * 7)
