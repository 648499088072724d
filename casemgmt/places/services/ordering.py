"""Setting how an organization's lines are ordered: a version of all weights, and every open entry ranked anew (F5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from casemgmt.accounts.roles import Role
from casemgmt.audit.record import record
from casemgmt.clients.services import require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.request import request_id
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.kernel.wall import acting_as
from casemgmt.outbox.emit import emit
from casemgmt.places.models import WaitlistEntry, WaitlistMove, WaitlistRule
from casemgmt.places.rules.ranking import NAMES, Weights
from programs.models import Program

from .line import KEEPER, line_of, weights_of
from .steps import row_of

SET = register_topic("waitlist_rule.set")

SETS_RULES = frozenset({Role.SUPERVISOR.value})


@transaction.atomic
def set_rule(*, weights: Weights, reason: str, actor: Actor) -> WaitlistRule:
    """Set the weights of the actor's organization as its next version; the ledger tells who moved where by it.

    Raises NotPermitted.
    """
    require_role(actor, SETS_RULES)
    if actor.organization_id is None or actor.id is None:
        raise NotPermitted(who=sorted(SETS_RULES))
    organization_id, at = actor.organization_id, clock.now()
    one_at_a_time(f"waitlist-rule:{organization_id}")
    before = weights_of(organization_id)
    last = WaitlistRule.objects.filter(organization_id=organization_id).aggregate(last=Max("version"))["last"] or 0
    rule = WaitlistRule.objects.create(
        organization_id=organization_id,
        version=last + 1,
        **{name: getattr(weights, name) for name in NAMES},
        reason=reason,
        set_by_id=actor.id,
        request_id=request_id.get(),
    )
    _rank_anew(organization_id, before, rule.weights, at=at, actor=actor)
    emit(Event(SET, organization_id, None, organization_id, {"version": rule.version}), actor=actor)
    return rule


def _rank_anew(organization_id: UUID, before: Weights, after: Weights, *, at: datetime, actor: Actor) -> None:
    """Write a row for everybody who waits for a program of the organization: points and positions before and after."""
    with acting_as(KEEPER):
        waited_for = WaitlistEntry.objects.open().filter(program__organization_id=organization_id)
        for program_id in sorted(set(waited_for.values_list("program_id", flat=True))):
            program = Program.objects.lock(program_id)
            old = {each.entry.id: each for each in line_of(program, at=at, weights=before)}
            rows = []
            for new in line_of(program, at=at, weights=after):
                was = old[new.entry.id]
                given = {
                    "before": {"position": was.position, **was.rank.told()},
                    "after": {"position": new.position, **new.rank.told()},
                }
                source = str(new.entry.stage)
                rows.append(
                    WaitlistMove(**row_of(new.entry, "rerank", rule="F5", source=source, given=given, actor=actor))
                )
            WaitlistMove.objects.bulk_create(rows)
            clients = sorted({each.entry.client_id for each in old.values()})
            record("waitlist.ranked", actor=actor, object_type="program", object_id=program_id, client_ids=clients)
