"""Episodes at any stage, with a ledger that agrees."""

from __future__ import annotations

from datetime import timedelta

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.episodes.models import Episode, StageMove
from casemgmt.episodes.stages import TERMINAL, Stage
from casemgmt.episodes.teds import code_of
from casemgmt.kernel import clock


def episode(
    client: Client, *, stage: Stage = Stage.INTAKE, held: Stage = Stage.THERAPY, at_other: Organization | None = None
) -> Episode:
    """Return an episode that went straight to `stage`, of the client's organization or another; a hold held `held`."""
    at = clock.now() - timedelta(days=1)
    made = Episode.objects.create(
        client=client,
        organization=at_other or client.organization,
        stage=stage,
        held_stage=held if stage is Stage.ON_HOLD else "",
        opened_at=at,
        ended_at=at if stage in TERMINAL else None,
        teds_code=code_of(stage, {"discharge_reason": "other"}),
        source="self",
    )
    for origin, target in _way_to(stage, held):
        StageMove.objects.create(
            episode=made,
            verb="test",
            rule="T1",
            from_stage=origin,
            to_stage=target,
            enters=target,
            at=at,
            effective_at=at,
            actor_kind="system",
        )
    return made


def _way_to(stage: Stage, held: Stage) -> list[tuple[str, str]]:
    """Return legal steps from the beginning to a stage."""
    steps: list[tuple[str, str]] = [("", Stage.INTAKE)]
    if stage is Stage.INTAKE:
        return steps
    if stage is Stage.ON_HOLD:
        return [*steps, (Stage.INTAKE, held), (held, stage)]
    if stage in (Stage.COMPLETED, Stage.DISCHARGED):
        return [*steps, (Stage.INTAKE, Stage.THERAPY), (Stage.THERAPY, stage)]
    return [*steps, (Stage.INTAKE, stage)]
