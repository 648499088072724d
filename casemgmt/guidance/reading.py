"""Gathers what is known of an episode's client for guidance. Reads rows, weighs by known.py, decides nothing.

People's statements count for the episode they were made in; what may block counts in every later episode too, at the
organization that heard it: a new episode is no answer to an old danger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from casemgmt.chart.models import ReturnToUse, ReturnToUseReview
from casemgmt.episodes.facts import Facts
from casemgmt.episodes.models import Episode
from casemgmt.episodes.services import gather
from casemgmt.episodes.stages import CLINICAL, Stage
from casemgmt.measures.models import Response
from casemgmt.measures.words import InstrumentCode
from casemgmt.policies.catalog import Policy

from .known import GRAVE, Fact, GuidanceFacts, Reading, is_stale, weigh_all
from .models import Statement
from .words import FactName, FactSource

SCREENERS = (InstrumentCode.CSSRS, InstrumentCode.PHQ9, InstrumentCode.GAD7)


def known_of(episode: Episode, *, at: datetime) -> GuidanceFacts:
    """Return all that the rules judge of an episode as of `at` (aware UTC). A fixed number of queries."""
    facts = gather(episode, at=at)
    readings = [
        *told_readings(episode),
        *charted_readings(episode, at=at, policy=facts.policy),
        *_measured(episode, facts.policy),
        *_gone_on(episode, facts, at=at),
    ]
    return GuidanceFacts(_standing(episode), weigh_all(readings, at=at, policy=facts.policy), facts.policy)


def told_readings(episode: Episode, *, names: frozenset[FactName] | None = None) -> list[Reading]:
    """Return what people said that may count: of each name the newest yes and the newest no. One query."""
    here = Q(episode_id=episode.pk) | Q(name__in=GRAVE)
    rows = Statement.objects.filter(here, client_id=episode.client_id, organization_id=episode.organization_id)
    if names is not None:
        rows = rows.filter(name__in=names)
    return [
        Reading(FactName(row.name), row.value, FactSource(row.source), row.observed_at, row.pk.hex)
        for row in rows.standing().newest_of_each()
        if row.value is not None
    ]


def charted_readings(episode: Episode, *, at: datetime, policy: Policy) -> list[Reading]:
    """Return what the chart says: a recent return to use; an overdose, recent or not reviewed by a clinician yet.

    One query.
    """
    rows = ReturnToUse.objects.in_force().filter(client_id=episode.client_id, organization_id=episode.organization_id)
    reviewed = Exists(ReturnToUseReview.objects.in_force().filter(return_to_use_id=OuterRef("line_id")))
    window = at.date() - timedelta(days=policy.guidance_stale_days + 1)
    counting = rows.filter(Q(learned_on__gte=window) | (Q(overdose=True) & ~reviewed))
    found = []
    for row in counting.annotate(reviewed=reviewed).order_by("overdose", "-learned_on", "-id").distinct("overdose"):
        moment = _end_of_day(row)
        recent = not is_stale(moment, at=at, policy=policy)
        if recent:
            found.append(Reading(FactName.RETURN_TO_USE_RECENT, True, FactSource.CHART, moment, row.pk.hex))
        if row.overdose and (recent or not row.reviewed):
            found.append(Reading(FactName.OVERDOSE, True, FactSource.CHART, moment, row.pk.hex))
    return found


def _end_of_day(row: ReturnToUse) -> datetime:
    """Return when it was known at the latest: the chart keeps a day, and a "no" of that day must not hide it."""
    following = datetime.combine(row.learned_on, time.min, tzinfo=UTC) + timedelta(days=1)
    return min(following, row.recorded_at)


def _measured(episode: Episode, policy: Policy) -> Iterator[Reading]:
    """Return what the organization's newest screeners came to, and the newest grave ones before them. Two queries."""
    rows = Response.objects.filter(
        client_id=episode.client_id, organization_id=episode.organization_id, instrument__in=SCREENERS
    )
    for row in [*rows.newest(), *_grave(rows.current(), policy)]:
        yield from _readings_of(row)


def _grave(rows: object, policy: Policy) -> list[Response]:
    """Return the newest response of each kind that blocks; it stands while everything after it is stale (known.py)."""
    severe_phq9 = Q(instrument=InstrumentCode.PHQ9, scores__total__gte=policy.phq9_peer_alone_below_points)
    severe_gad7 = Q(instrument=InstrumentCode.GAD7, scores__total__gte=policy.gad7_peer_alone_below_points)
    kind = Case(
        When(instrument=InstrumentCode.CSSRS, bands__triage="high", then=Value("high")),
        When(instrument=InstrumentCode.CSSRS, bands__triage="moderate", then=Value("moderate")),
        When(instrument=InstrumentCode.PHQ9, flags__contains=["phq9_item_9_daily"], then=Value("daily")),
        When(severe_phq9 | severe_gad7, then=Value("severe")),
        output_field=CharField(),
    )
    found = rows.annotate(kind=kind).filter(kind__isnull=False)  # type: ignore[attr-defined]
    return list(found.order_by("instrument", "kind", "-completed_at", "-id").distinct("instrument", "kind"))


def _readings_of(row: Response) -> Iterator[Reading]:
    """Return what a response says: a PHQ-9 says three things."""
    if row.instrument == InstrumentCode.CSSRS:
        said: dict[FactName, int | str | None] = {FactName.CSSRS: row.bands.get("triage")}
    elif row.instrument == InstrumentCode.GAD7:
        said = {FactName.GAD7: row.scores.get("total")}
    else:
        said = {
            FactName.PHQ9: row.scores.get("total"),
            FactName.PHQ9_ITEM_9: row.items.get("9"),
            FactName.PHQ9_DIFFICULTY: row.items.get("difficulty"),
        }
    for name, value in said.items():
        if value is not None:
            yield Reading(name, value, FactSource.MEASURE, row.completed_at, row.pk.hex)


def _gone_on(episode: Episode, facts: Facts, *, at: datetime) -> Iterator[Reading]:
    """Return what the pathway itself says, as of now: outpatient care goes on (DG-06)."""
    if episode.stage in CLINICAL or any(facts.enrolled_in(stage) for stage in CLINICAL):
        yield Reading(FactName.OUTPATIENT_CARE, True, FactSource.EPISODE, at)


def _standing(episode: Episode) -> Fact:
    """Return where the client stands, and since when. One query."""
    moves = episode.moves.order_by("-seq").values_list("effective_at", flat=True)
    since = moves.first() or episode.opened_at
    return Fact(FactName.STAGE, Stage(str(episode.stage)).value, FactSource.EPISODE, since)
