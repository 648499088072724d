"""Serializers with a compiled plan show what DRF shows of them without one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from casemgmt.accounts.roles import Role
from casemgmt.api.projection import Projected
from casemgmt.clients.api.serializers import ClientOut, ContactPointOut
from casemgmt.clients.models import Client, ContactPoint
from casemgmt.devtools.population import populate
from casemgmt.episodes.api.co_signatures import CoSignatureOut
from casemgmt.episodes.api.serializers import ProposalOut
from casemgmt.episodes.api.shown import EpisodeOut, StageMoveOut
from casemgmt.episodes.models import CoSignature, Episode, StageMove, StageProposal
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.worklist.api.serializers import WorkItemOut
from casemgmt.worklist.models import WorkItem

SHAPES: dict[Any, Any] = {
    ClientOut: Client,
    ContactPointOut: ContactPoint,
    EpisodeOut: Episode,
    StageMoveOut: StageMove,
    WorkItemOut: WorkItem,
}
READERS = [
    Actor(kind=ActorKind.STAFF, roles=frozenset({role.value})) for role in (Role.SUPERVISOR, Role.PEER_SPECIALIST)
]


def as_json(shape: Any, rows: list[Any], actor: Actor) -> Any:
    return json.loads(JSONRenderer().render(shape(rows, many=True, context={"actor": actor}).data))


@pytest.mark.usefixtures("db")
def test_the_compiled_plan_shows_what_the_declared_fields_do(monkeypatch) -> None:
    populate(60, seed=5, tell=len)
    rows = {shape: list(model._default_manager.order_by("pk")) for shape, model in SHAPES.items()}
    episode, at = rows[EpisodeOut][0], rows[EpisodeOut][0].opened_at
    rows[ProposalOut] = [StageProposal(episode=episode, verb="hold", given={"resume_date": "2026-01-01"})]
    asked = {"started_by": episode.id, "asked_at": at, "due_at": at, "roles": ["supervisor"]}
    rows[CoSignatureOut] = [CoSignature(episode=episode, move=rows[StageMoveOut][0], **asked)]
    assert all(rows.values())

    compiled = {shape: [as_json(shape, found, each) for each in READERS] for shape, found in rows.items()}
    monkeypatch.setattr(Projected, "to_representation", serializers.Serializer.to_representation)
    declared = {shape: [as_json(shape, found, each) for each in READERS] for shape, found in rows.items()}

    assert compiled == declared


def test_every_compiled_shape_is_compared() -> None:
    def below(shape: type) -> set[type]:
        return {shape} | {each for child in shape.__subclasses__() for each in below(child)}

    declared = {each for each in below(Projected) if hasattr(each, "Meta") and each.__module__.startswith("casemgmt")}

    assert declared - SHAPES.keys() == {ProposalOut, CoSignatureOut}  # above, with rows of their own


class Odd(Projected, serializers.Serializer[Any]):
    """Fields with a habit."""

    kind = serializers.ChoiceField(choices=[(1, "one"), (2, "two")])
    missing = serializers.CharField(default="nothing")
    left_out = serializers.CharField(required=False)
    inner = serializers.CharField(source="part.name")
    moment = serializers.DateTimeField(format="%Y")
    hidden = serializers.CharField(write_only=True, required=False)


class Thing:
    """A row that is no model."""

    kind = 2
    moment = timezone.now()

    class part:
        name = "inside"


def test_odd_fields_go_the_long_way() -> None:
    assert Odd(Thing()).data == {
        "kind": 2,
        "missing": "nothing",
        "inner": "inside",
        "moment": str(Thing.moment.year),
    }
    assert Odd({"kind": 1, "part": {"name": "x"}, "moment": None}).data["inner"] == "x"
