"""An episode moving through stages as the measures room hears of it, and answers given along the way."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import TERMINAL, Stage
from casemgmt.episodes.teds import code_of
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event, Scalar
from casemgmt.measures.handlers import follow_stage
from casemgmt.measures.instruments import CATALOG
from casemgmt.measures.models import MeasureDue, Response, StageMark
from casemgmt.measures.services import NewResponse, record_response
from casemgmt.worklist.models import ItemKind, WorkItem
from tests.factories import episodes

PATHWAY = Actor.system("pathway")


def opened(client: Client, *, days_ago: float = 0) -> Episode:
    """Return an episode whose opening was heard so many days ago."""
    episode = episodes.episode(client)
    hear(episode, "intake", move=None)
    at = clock.now() - timedelta(days=days_ago)
    StageMark.objects.filter(episode=episode).update(effective_at=at)
    return episode


def enter(episode: Episode, stage: str, *, days_ago: float = 0, supersedes: StageMove | None = None) -> Event:
    """Let an episode enter a stage, told now and holding from `days_ago`; return the fact that was heard."""
    at = clock.now()
    move = StageMove.objects.create(
        episode=episode,
        verb="test" if supersedes is None else "correct",
        rule="T1" if supersedes is None else "T20",
        from_stage=Episode.objects.get(pk=episode.pk).stage,
        to_stage=stage,
        enters=stage,
        supersedes=supersedes,
        reason="" if supersedes is None else "entered in error",
        at=at,
        effective_at=at - timedelta(days=days_ago),
        actor_kind="system",
    )
    held = Stage.THERAPY if stage == Stage.ON_HOLD else ""
    told = code_of(Stage(stage), {"discharge_reason": "other"})
    ended = at if stage in TERMINAL else None
    Episode.objects.filter(pk=episode.pk).update(stage=stage, held_stage=held, ended_at=ended, teds_code=told)
    return hear(episode, stage, move=move.seq)


def correct(episode: Episode, wrong: Event, stage: str, *, days_ago: float) -> Event:
    """Let a row of the ledger turn out to have been another (T20)."""
    return enter(episode, stage, days_ago=days_ago, supersedes=StageMove.objects.get(pk=wrong.payload["move"]))


def hear(episode: Episode, stage: str, *, move: int | None) -> Event:
    """Tell the room of a stage."""
    payload: dict[str, Scalar] = {"to": stage, "verb": "test"}
    if move is not None:
        payload["move"] = move
    topic = "episode.opened" if move is None else "episode.entered_iop"
    event = Event(topic, episode.id, episode.client_id, episode.organization_id, payload)
    with transaction.atomic():
        follow_stage(event, actor=PATHWAY)
    return event


def answers(instrument: str, **changed: int) -> dict[str, int]:
    """Return the least answer to every item; `item_9=2` changes item 9."""
    least = {item.code: item.low for item in CATALOG[instrument].items if not item.optional}
    skipped = CATALOG[instrument].skipped(least)
    given = {name.removeprefix("item_"): value for name, value in changed.items()}
    return {code: value for code, value in least.items() if code not in skipped} | given


def answer(client: Client, actor: Actor, instrument: str, *, days_ago: float = 0, **changed: int) -> Response:
    """Record an instrument answered so many days ago."""
    at = clock.now() - timedelta(days=days_ago)
    new = NewResponse(client.id, instrument, answers(instrument, **changed), "self", completed_at=at)
    return record_response(new=new, actor=actor)


def due(episode: Episode) -> dict[str, tuple[datetime, str]]:
    """Return what is due in an episode and why; proves that each has its own open work item and nothing else has."""
    rows = list(MeasureDue.objects.open().filter(episode=episode))
    items = WorkItem.objects.open().filter(kind=ItemKind.MEASURE_DUE, client_id=episode.client_id)
    assert sorted((row.id, row.due_at) for row in rows) == sorted(items.values_list("source_id", "due_at"))
    assert len({row.instrument for row in rows}) == len(rows)
    return {row.instrument: (row.due_at, row.because) for row in rows}
