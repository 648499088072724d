"""Searching the directory by need (F5, rules.md §7). Reads only, and no client's data: it is told needs (HSD-01).

All programs of the kind are judged, so that what was left out can be counted with its reason; that takes the same few
queries for ten and for a thousand. Results stand in the order of what is unknown of them, then of what is old, then by
name: no program is better than another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch

from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid
from programs.models import Program, Schedule, Site
from programs.rules.hours import times_of_week
from programs.rules.listing import CapacityState, Standards, capacity_state, certificate_state, listing_state
from programs.rules.needs import Answer, Judgement, Listing, Needs, Verdict, judge

from .running import standards_for

ORDER = "What is unknown of a program, then what is old of it, fewest first; then its name. No program ranks by level."
# What no need asks for stays in the database.
UNREAD = ("extra", "description", "eligibility", "fees", "application_process", "alert")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: ids and judgements in order, the cursor of the next, and what was left out."""

    results: tuple[tuple[UUID, Judgement], ...]
    next: str | None
    left_out: int
    reasons: tuple[tuple[Answer, int], ...]  # a program that several needs stand against counts for each


def search_programs(*, needs: Needs, cursor: str | None, limit: int, actor: Actor) -> Found:
    """Return the published programs of a kind that nothing asked for stands against. Raises Invalid `cursor_invalid`.

    The cursor is the id of the last result shown; its place is looked up again among all programs of the kind.
    """
    standards = standards_for(actor)
    judged = [(program, judge(needs, listing_of(program, standards))) for program in _of_kind(needs.kind, actor)]
    judged.sort(key=lambda each: _place(*each))
    found = [(program.id, judgement) for program, judgement in judged if judgement.found]
    if cursor is not None:
        places = {str(program.id): _place(program, judgement) for program, judgement in judged}
        cursor = cursor.lower()
        if cursor not in places:
            raise Invalid("This cursor leads nowhere. Start again from the first page.", code="cursor_invalid")
        found = [
            (program.id, judgement)
            for program, judgement in judged
            if judgement.found and _place(program, judgement) > places[cursor]
        ]
    against = [judgement.of(Verdict.AGAINST) for _, judgement in judged if not judgement.found]
    return Found(
        results=tuple(found[:limit]),
        next=str(found[limit - 1][0]) if len(found) > limit else None,
        left_out=len(against),
        reasons=tuple(_counted(against)),
    )


def _of_kind(kind: str, actor: Actor) -> Iterable[Program]:
    sites = Site.objects.only("id", "city", "state", "timezone")
    schedules = Schedule.objects.select_related("site").only(
        *(f.name for f in Schedule._meta.concrete_fields if f.name not in ("extra", "description")), "site__timezone"
    )
    rows = Program.objects.visible_to(actor).filter(published=True, kind=kind).defer(*UNREAD)
    return rows.prefetch_related(Prefetch("sites", sites), Prefetch("schedules", schedules))


def _place(program: Program, judgement: Judgement) -> tuple[int, int, str, str]:
    return *judgement.rank, program.name, str(program.id)


def _counted(against: Iterable[tuple[Answer, ...]]) -> Iterable[tuple[Answer, int]]:
    counts = Counter(answer for answers in against for answer in answers)
    return sorted(counts.items(), key=lambda each: (-each[1], each[0].code))


def listing_of(program: Program, standards: Standards) -> Listing:
    """Return what the directory says of a program today."""
    today = standards.today(program.timezone)
    capacity = capacity_state(program.capacity_total, program.capacity_confirmed_at, standards)
    lines = (line.hours(timezone=program.timezone) for line in program.schedules.all())
    places = [(program.city, program.state), *((site.city, site.state) for site in program.sites.all())]
    edition = program.level_of_care_edition
    return Listing(
        status=program.status,
        listing=listing_state(program.assured_date, standards, timezone=program.timezone),
        capacity=capacity,
        places_open=program.places_open if capacity is CapacityState.CONFIRMED else None,
        waitlist_only=program.waitlist_only,
        certificate=certificate_state(program.narr_certified, program.certificate_expires, today),
        level=None if edition is None else (edition, program.level_of_care_code),
        modalities=frozenset(program.modalities),
        accepts_moud=program.accepts_moud,
        languages=tuple(program.languages),
        interpretation=bool(program.interpretation),
        minimum_age=program.minimum_age,
        maximum_age=program.maximum_age,
        whereabouts=tuple(place for place in places if any(place)),
        narr_level=program.narr_level,
        payers=frozenset(program.payers),
        times=times_of_week(lines, today),
    )
