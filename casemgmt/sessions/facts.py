"""What is known of an episode: hours of the last weeks, sessions missed in a row (CLN-02, F9). Judges nothing."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from casemgmt.episodes.facts import DoseFact
from casemgmt.episodes.models import Episode
from programs.models import Enrollment

from .dose import weeks_of
from .models import Attendance
from .words import CAME, AttendanceState

FURTHEST = 100  # sessions that are looked through for those missed in a row


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return the dose of each enrollment that runs or pauses. One query without any, else a fixed number."""
    rows = list(
        Enrollment.objects.filter(episode=episode, stage__in=["active", "on_hold"])
        .select_related("program", "client", "episode")
        .order_by("id")
    )
    if not rows:
        return {"doses": ()}
    weeks, missed = weeks_of(rows, back=3), _missed(rows)
    return {
        "doses": tuple(
            DoseFact(
                enrollment_id=str(each.id),
                kind=each.program.kind,
                monday=weeks[each.id][1].monday,
                minutes=weeks[each.id][1].minutes,
                minutes_before=weeks[each.id][2].minutes,
                minimum_minutes=weeks[each.id][1].minimum,
                no_shows_in_a_row=missed[each.program_id],
            )
            for each in rows
        )
    }


def _missed(rows: list[Enrollment]) -> dict[UUID, int]:
    """Return by program how many of its sessions a client missed since they last came. One query."""
    told = Attendance.objects.filter(
        client_id=rows[0].client_id,
        session__program__in={each.program_id for each in rows},
        session__stage="held",
        state__in=[*CAME, AttendanceState.NO_SHOW],
    ).order_by("-starts_at", "-id")[:FURTHEST]
    line = list(told.values_list("session__program_id", "state"))
    return {
        each.program_id: sum(
            1
            for _ in takewhile(
                lambda state: state == AttendanceState.NO_SHOW,
                [state for program_id, state in line if program_id == each.program_id],
            )
        )
        for each in rows
    }
