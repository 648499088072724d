"""What this room knows of an episode for the guards of the pathway (G6, G8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from casemgmt.consent.disclosures import judge
from casemgmt.consent.models import Consent
from casemgmt.consent.permits import Wish
from casemgmt.consent.words import Category, Purpose, RecipientClass
from casemgmt.episodes.facts import EnrollmentFact
from casemgmt.episodes.models import Episode

from .models import Enrollment, EnrollmentMove, HouseAgreement
from .rules.kinds import Kind
from .rules.old_service import PAUSED_WITH_EPISODE


def for_episode(episode: Episode, *, at: datetime) -> dict[str, Any]:
    """Return the episode's open enrollments for its guards (G6, G8). One query; two with another's residence.

    An open enrollment holds its place from the day it was planned, beyond capacity only by a supervisor's word, so
    each of them has one.
    """
    rows = list(
        episode.enrollments.open()
        .select_related("program")
        .annotate(
            agreed_at=HouseAgreement.objects.when_agreed(),
            paused_by=EnrollmentMove.objects.why_paused(),
        )
        .order_by("id")
    )
    named = _named(episode, rows, at=at)
    return {"enrollments": tuple(_fact(row, named) for row in rows)}


def _fact(row: Any, named: set[UUID]) -> EnrollmentFact:
    program = row.program
    residence = program.kind == Kind.SOBER_LIVING
    return EnrollmentFact(
        id=str(row.id),
        kind=program.kind,
        status=str(row.stage),
        organization_id=str(program.organization_id),
        program_id=str(row.program_id),
        provider_id=str(row.provider_id) if row.provider_id else None,
        has_place=True,
        narr_level=(program.narr_level or None) if residence else None,
        house_agreement_at=row.agreed_at if residence else None,
        accepts_moud=program.accepts_moud if residence else None,
        consent_names_it=program.organization_id in named if residence else None,
        paused_with_episode=str(row.stage) == "on_hold" and row.paused_by == PAUSED_WITH_EPISODE,
    )


def _named(episode: Episode, rows: list[Enrollment], *, at: datetime) -> set[UUID]:
    """Return the organizations whose residence may be told at least who comes, for recovery support (P2-22).

    A consent for treatment, payment and operations alone names no residence. One's own organization is no outside
    recipient: nothing is disclosed by moving within it, so it needs no consent that names it.
    """
    houses = {row.program.organization_id for row in rows if row.program.kind == Kind.SOBER_LIVING}
    named = {episode.organization_id} & houses
    others = houses - named
    if others:
        held = list(Consent.objects.to_disclose(client_id=episode.client_id, organization_id=episode.organization_id))
        named |= {house for house in others if judge(_wish(episode, house), held, at=at).permitted}
    return named


def _wish(episode: Episode, house: UUID) -> Wish:
    return Wish(
        client_id=episode.client_id,
        discloser_id=episode.organization_id,
        recipient_id=house,
        recipient_class=RecipientClass.RECOVERY_RESIDENCE.value,
        categories=frozenset({Category.IDENTITY.value}),
        purpose=Purpose.RECOVERY_SUPPORT.value,
    )
