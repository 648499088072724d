"""A client for whom every guard of the pathway passes: notice, consent to treatment, planned enrollments."""

from __future__ import annotations

from datetime import timedelta

from casemgmt.clients.models import Client
from casemgmt.consent.models import Consent
from casemgmt.consent.words import ConsentStatus, ConsentType, SignatureMethod, SignerRelationship
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from programs.rules.kinds import Kind
from tests.cast import Cast

from . import episodes, people, programs

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
    """Return an episode of such a client, with an enrollment planned for every stage of care."""
    episode = episodes.episode(ready_client(cast), **fields)  # type: ignore[arg-type]
    enroll_everywhere(episode, cast)
    return episode
