"""A client for whom every guard of the pathway passes: notice, consent to treatment, planned enrollments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from casemgmt.clients.models import Client
from casemgmt.consent.models import Consent
from casemgmt.consent.words import ConsentStatus, ConsentType, SignatureMethod, SignerRelationship
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from programs.models import Enrollment
from programs.rules.kinds import Kind
from tests.cast import Cast

from . import consent as consents
from . import episodes, people, programs, referrals

PROVIDERS = {
    Kind.IOP: "therapist",
    Kind.THERAPY: "therapist",
    Kind.PEER_SUPPORT: "peer_specialist",
    Kind.SOBER_LIVING: "house_manager",
    Kind.AFTERCARE: "case_manager",
}


def ready_client(cast: Cast) -> Client:
    """Return a client of North with the notice given and consent to treatment on record."""
    client = people.client(cast.north)
    programs.notice(client, cast.north)
    Consent.objects.create(
        client=client,
        organization=cast.north,
        type=ConsentType.TREATMENT,
        status=ConsentStatus.ACTIVE,
        signer_name="Ada Example",
        signer_relationship=SignerRelationship.SELF,
        signature_method=SignatureMethod.PAPER,
        signed_at=clock.now() - timedelta(days=1),
    )
    return client


def enroll_everywhere(episode: Episode, cast: Cast) -> None:
    """Plan an enrollment of each kind at North, with a provider."""
    for kind, role in PROVIDERS.items():
        program = programs.program(cast.north, kind=kind)
        programs.enrollment(episode, program, provider_id=cast.at_north[role].id)  # type: ignore[index]


def ready_episode(cast: Cast, **fields: object) -> Episode:
    """Return an episode of such a client, with an enrollment planned for every stage of care unless it ended."""
    episode = episodes.episode(ready_client(cast), **fields)  # type: ignore[arg-type]
    if episode.is_open:
        enroll_everywhere(episode, cast)
    return episode


def handed_over(cast: Cast, episode: Episode) -> None:
    """Let South accept a referral of the client that no stage waits for, its packet sent with the notice (G13)."""
    program = programs.program(cast.south, kind=Kind.OTHER)
    consents.consent(episode.client, recipients=[cast.south], purposes=("treatment", "recovery_support"))
    case = referrals.Case(cast, episode.client, episode, program)
    referral = case.draft()
    case.move(referral.id, "send", case.sender)
    case.move(referral.id, "accept", case.receiver)


def told(cast: Cast, episode: Episode) -> dict[str, Any]:
    """Return what the verbs of the pathway need to be told, in JSON, with ids that fit the episode."""
    enrolled = {
        each.program.kind: each for each in Enrollment.objects.filter(episode=episode).select_related("program")
    }
    peer, house = enrolled.get(Kind.PEER_SUPPORT), enrolled.get(Kind.SOBER_LIVING)
    accepted = episode.client.referrals.filter(stage="accepted", receiver_id=cast.south.id)
    day = str(clock.now().date())
    return {
        "start_date": day,
        "level_of_care": {"edition": 4, "code": "2.1"},
        **({"peer": str(peer.provider_id)} if peer else {}),
        "goals": "Walk every day.",
        **({"residence": str(house.program_id)} if house else {}),
        "move_in": day,
        "prior_treatment_end": day,
        "trigger": "request",
        "progress_summary": "Goals met.",
        "skip_reason": "Steady for months, with support at home.",
        "client_view": "Wants it.",
        "resume_date": day,
        "wait_reason": "No place.",
        "target_service": "iop",
        "priority": "routine",
        "cancel_reason": "withdrew",
        "hold_reason": "hospital",
        "review_date": str(clock.now().date() + timedelta(days=20)),
        "summary": "Done.",
        "last_contact": day,
        "discharge_reason": "other",
        "reentry_information_given": True,
        **({"receiving_organization": str(cast.south.id)} if accepted.exists() else {}),
        "handover_date": day,
        "handover_confirmed_by": "South's intake",
        "death_source": "family",
    }
