"""Restricting a client to the client's team, and lifting that (F10). Doors."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from casemgmt.access.models import Grant, Reason, RestrictedBecause, Restriction
from casemgmt.access.services import restore, seen_by, withhold
from casemgmt.accounts.roles import RESTRICTS
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, NotPermitted
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit

from .models import Client
from .services import require_role

RESTRICTED = register_topic("client.restricted")
LIFTED = register_topic("client.restriction_lifted")


@transaction.atomic
def restrict_client(*, client_id: UUID, reason: RestrictedBecause, actor: Actor) -> Restriction:
    """Show a client to nobody in the actor's organization but to the team; return the restriction.

    From the next request on the client is absent for everybody else there: in lists, by id and in work. Other
    organizations are not touched. Raises NotVisible, NotPermitted, Conflict (`not_cared_for_here`, `nobody_on_team`:
    somebody must go on seeing them; `already_restricted`).
    """
    require_role(actor, RESTRICTS)
    Client.objects.visible_to(actor).lock(client_id)
    if actor.organization_id is None or actor.id is None:
        raise NotPermitted()
    here = {"client_id": client_id, "organization_id": actor.organization_id}
    cared_for = Grant.objects.filter(**here, user_id__isnull=True, reason=Reason.CARE, revoked_at__isnull=True)
    if not cared_for.exists():
        raise Conflict("Your organization does not care for this client itself.", code="not_cared_for_here")
    if not seen_by(client_id=client_id, organization_id=actor.organization_id):
        raise Conflict("Nobody is on the client's team. Name somebody first.", code="nobody_on_team")
    try:
        with transaction.atomic():
            restriction: Restriction = Restriction.objects.create(**here, reason=reason, started_by=actor.id)
    except IntegrityError as error:
        raise Conflict("This client is restricted.", code="already_restricted") from error
    withhold(**here, actor=actor)
    emit(_event(RESTRICTED, restriction), actor=actor)
    return restriction


@transaction.atomic
def lift_restriction(*, restriction_id: UUID, version: int | None, actor: Actor) -> Restriction:
    """Show a client to the whole organization again. Who lifts it need not see the client.

    Raises NotVisible, StaleVersion, Conflict `already_lifted`.
    """
    restriction: Restriction = Restriction.objects.visible_to(actor).lock(restriction_id)
    restriction.require_version(version)
    if restriction.ended_at is not None:
        raise Conflict("This restriction was lifted.", code="already_lifted")
    at = clock.now()
    restriction.ended_at, restriction.ended_by = at, actor.id
    restriction.save_changes("ended_at", "ended_by", at=at)
    restore(client_id=restriction.client_id, organization_id=restriction.organization_id, actor=actor)
    emit(_event(LIFTED, restriction), actor=actor)
    return restriction


def _event(topic: str, restriction: Restriction) -> Event:
    return Event(topic, restriction.id, restriction.client_id, restriction.organization_id, {})
