"""GET and POST …/transitions/ for any lifecycle: what may happen next, and making it happen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.kernel.lifecycle import Option

from .serializers import StrictSerializer
from .views import ApiView, etag


class OrderIn(StrictSerializer):
    """One move somebody asks for. `data` holds what the verb needs; the verb's rule says what that is."""

    verb = serializers.CharField(max_length=40)
    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647, required=False)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    effective_at = serializers.DateTimeField(required=False)
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Order:
    """A validated move order: `version` is the caller's copy (None: no claim), `effective_at` aware UTC or None."""

    verb: str
    version: int | None
    reason: str
    effective_at: datetime | None
    given: dict[str, Any]


class RefusalOut(serializers.Serializer[Any]):
    """One guard's no."""

    guard = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()
    remedy = serializers.CharField()


class OptionOut(serializers.Serializer[Any]):
    """One verb that starts at the present stage, for this actor, now."""

    verb = serializers.CharField()
    target = serializers.CharField()
    rule = serializers.CharField()
    status = serializers.ChoiceField(
        choices=["allowed", "blocked", "needs_cosign", "needs_approval", "not_permitted"],
        help_text="`needs_cosign`: the actor may go ahead; one of `cosign` signs afterwards.",
    )
    case = serializers.DictField(
        child=serializers.CharField(), help_text="What must be told for this rule to hold; empty: anything."
    )
    who = serializers.ListField(child=serializers.CharField())
    cosign = serializers.ListField(child=serializers.CharField())
    needs = serializers.ListField(child=serializers.CharField())
    failed_guards = RefusalOut(many=True)


class TransitionsOut(serializers.Serializer[Any]):
    """Where the subject stands and what may happen next."""

    stage = serializers.CharField()
    version = serializers.IntegerField()
    transitions = OptionOut(many=True)


def shown_option(option: Option) -> dict[str, Any]:
    """Return an option as OptionOut describes it."""
    return {
        "verb": option.verb,
        "target": option.target,
        "rule": option.rule.code,
        "status": option.status,
        "case": dict([option.rule.case] if option.rule.case else []),
        "who": sorted(option.rule.who),
        "cosign": sorted(option.rule.cosign.sign) if option.rule.cosign else [],
        "needs": list(option.rule.needs),
        "failed_guards": [asdict(refusal) for refusal in option.refusals],
    }


class TransitionsView(ApiView):
    """Base of every lifecycle's transitions. Subclasses say how to look and how to move; nothing else."""

    order_in: type[OrderIn] = OrderIn

    def look(self, pk: UUID) -> tuple[str, int, UUID | None, list[Option]]:
        """Return stage, version, client and options; raise NotVisible."""
        raise NotImplementedError

    def move(self, pk: UUID, order: Order) -> tuple[dict[str, Any], int]:
        """Carry an order out; return the ledger row as shown and the new version."""
        raise NotImplementedError

    def shown(self, option: Option) -> dict[str, Any]:
        """Return an option as shown; a lifecycle with more to say of its steps adds to it."""
        return shown_option(option)

    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is allowed, what is blocked and why, and what needs somebody else's approval."""
        stage, version, client_id, found = self.look(pk)
        action = f"{self.audit_action}.transitions_read"
        self.saw(action, object_id=pk, client_ids=[client_id] if client_id else [])
        answer = {"stage": stage, "version": version, "transitions": [self.shown(each) for each in found]}
        return Response(answer, headers=etag(version))

    def post(self, request: Request, pk: UUID) -> Response:
        """Move: 201 with the ledger row, or 409 with everything that stands against it."""
        given = self.given(self.order_in)
        told = self.if_match(required=False)
        order = Order(
            verb=given["verb"],
            version=given.get("version", told),
            reason=given["reason"],
            effective_at=given.get("effective_at"),
            given=given["data"],
        )
        row, version = self.move(pk, order)
        return Response(row, status=201, headers=etag(version))
