"""Programs, enrollments at any stage with a ledger that agrees, and notices given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.consent.models import NoticeDelivery
from casemgmt.consent.words import NoticeMethod
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from programs.lifecycle import EnrollmentStage
from programs.models import Enrollment, EnrollmentMove, Program
from programs.rules.kinds import Kind

_WAY: dict[EnrollmentStage, list[EnrollmentStage]] = {
    EnrollmentStage.PLANNED: [],
    EnrollmentStage.ACTIVE: [EnrollmentStage.ACTIVE],
    EnrollmentStage.ON_HOLD: [EnrollmentStage.ACTIVE, EnrollmentStage.ON_HOLD],
    EnrollmentStage.ENDED: [EnrollmentStage.ENDED],
}


def program(at: Organization, *, kind: Kind = Kind.PEER_SUPPORT, **fields: Any) -> Program:
    """Return a published program of an organization."""
    known: dict[str, Any] = {"name": f"{at.name} {kind.value}", "published": True, "timezone": at.timezone}
    if fields.get("capacity_total") is not None:
        known["capacity_confirmed_at"] = clock.now()
    return Program.objects.create(organization=at, kind=kind, **{**known, **fields})


@transaction.atomic
def enrollment(
    episode: Episode,
    program: Program,
    *,
    stage: EnrollmentStage = EnrollmentStage.PLANNED,
    provider_id: UUID | None = None,
    since: datetime | None = None,
) -> Enrollment:
    """Return an enrollment that went straight to `stage` (an hour ago) and, unless it ended, holds a place."""
    at = since or clock.now() - timedelta(hours=1)
    ended = stage is EnrollmentStage.ENDED
    made = Enrollment.objects.create(
        client_id=episode.client_id,
        episode=episode,
        program=program,
        provider_id=provider_id,
        stage=stage,
        started_at=at if stage in (EnrollmentStage.ACTIVE, EnrollmentStage.ON_HOLD) else None,
        ended_at=at if ended else None,
    )
    steps = [EnrollmentStage.PLANNED, *_WAY[stage]]
    for origin, target in zip(["", *steps], steps, strict=False):
        EnrollmentMove.objects.create(
            enrollment=made,
            verb="test",
            rule="STG-01",
            from_stage=origin,
            to_stage=target,
            at=at,
            effective_at=at,
            actor_kind="system",
        )
    if not ended:
        Program.objects.filter(pk=program.pk).update(places_taken=program.places_taken + 1)
        program.refresh_from_db()
    return made


def notice(client: Client, at: Organization) -> NoticeDelivery:
    """Return the delivery of the Part 2 notice by an organization to a client."""
    moment = clock.now() - timedelta(days=1)
    return NoticeDelivery.objects.create(
        client=client,
        organization=at,
        notice_version="1",
        method=NoticeMethod.values[0],
        delivered_at=moment,
        recorded_at=moment,
        actor_kind="system",
    )
