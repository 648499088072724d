"""A client for whom every guard of the pathway passes: notice, consent to treatment, planned enrollments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from casemgmt.chart.models import LevelOfCareAssessment
from casemgmt.chart.services.contacts import NewContact, record_contact
from casemgmt.chart.services.levels import NewLevel, sign_level
from casemgmt.chart.services.plans import NewPlan, write_plan
from casemgmt.clients.models import Client
from casemgmt.consent.models import Consent
from casemgmt.consent.words import ConsentStatus, ConsentType, SignatureMethod, SignerRelationship
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.measures.services import NewResponse, record_response
from casemgmt.measures.words import MeasureMode
from programs.models import Enrollment
from programs.rules.kinds import Kind
from programs.rules.residences import NarrLevel
from programs.services.residences import NewAgreement, record_house_agreement
from tests.cast import Cast

from . import consent as consents
from . import episodes, people, programs, referrals

SAFE = {"1": 0, "2": 0, "6": 0}  # of the C-SSRS screener
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
        signed_at=clock.now() - timedelta(days=2),
    )
    return client


def enroll_everywhere(episode: Episode, cast: Cast) -> None:
    """Plan an enrollment of each kind at North, with a provider; the house is known and its rules acknowledged."""
    house = {"narr_level": NarrLevel.II, "accepts_moud": True}
    for kind, role in PROVIDERS.items():
        program = programs.program(cast.north, kind=kind, **(house if kind is Kind.SOBER_LIVING else {}))
        enrollment = programs.enrollment(episode, program, provider_id=cast.at_north[role].id)  # type: ignore[index]
        if kind is Kind.SOBER_LIVING:
            record_house_agreement(enrollment_id=enrollment.id, new=NewAgreement(), actor=cast.case_manager)


def measured(cast: Cast, client: Client, *, days_ago: float = 1, **answers: dict[str, int]) -> None:
    """Record a calm PHQ-9 and a C-SSRS without a yes, or other `answers`, given so many days ago (G4, T9)."""
    calm = {"phq9": dict.fromkeys(map(str, range(1, 10)), 0), "cssrs": SAFE}
    at = clock.now() - timedelta(days=days_ago)
    for instrument, items in {**calm, **answers}.items():
        new = NewResponse(client.id, instrument, items, MeasureMode.IN_PERSON, completed_at=at)
        record_response(new=new, actor=cast.therapist)


def screened(cast: Cast, client: Client) -> None:
    """Record a C-SSRS without a yes, and nothing else, given just now (G4)."""
    record_response(new=NewResponse(client.id, "cssrs", SAFE, MeasureMode.PHONE), actor=cast.therapist)


def level_signed(cast: Cast, episode: Episode, code: str = "2.1") -> LevelOfCareAssessment:
    """Return a level of the fourth edition that North's therapist signed just now (G5)."""
    return sign_level(episode_id=episode.id, new=NewLevel(4, code, "Needs this much."), actor=cast.therapist)


def cared_for_afterwards(cast: Cast, episode: Episode) -> None:
    """Write a continuing-care plan that was given to the client and asks for no check-ins (G9, G11)."""
    at = clock.now()
    new = NewPlan(
        goals="Keep the flat and the job.",
        warning_signs="Sleepless nights. Call Pia, then 988.",
        given_at=at - timedelta(minutes=1),
        check_ins_refused=True,
        first_checkup_on=(at + timedelta(days=30)).date(),
        peer_offer="declined",
    )
    write_plan(episode_id=episode.id, new=new, actor=cast.case_manager)


def sought(cast: Cast, episode: Episode) -> None:
    """Record three attempts to reach the client by two ways over two weeks, none of which did (G12)."""
    for days, channel in ((20, "phone"), (10, "letter"), (5, "phone")):
        new = NewContact(channel, reached=False, at=clock.now() - timedelta(days=days))
        record_contact(episode_id=episode.id, new=new, actor=cast.case_manager)


def ready_episode(cast: Cast, *, level: str = "2.1", **fields: object) -> Episode:
    """Return an episode of such a client; unless it ended, every guard but G13 passes and IOP is the signed level."""
    with transaction.atomic():
        episode = episodes.episode(ready_client(cast), **fields)  # type: ignore[arg-type]
        if episode.is_open:
            enroll_everywhere(episode, cast)
            measured(cast, episode.client)
            level_signed(cast, episode, level)
            cared_for_afterwards(cast, episode)
            sought(cast, episode)
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
    level = LevelOfCareAssessment.objects.in_force().filter(episode=episode).order_by("-id").first()
    day = str(people.today())
    return {
        "start_date": day,
        **({"level_of_care": str(level.id)} if level else {}),
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
        "review_date": str(people.today() + timedelta(days=20)),
        "summary": "Done.",
        "last_contact": day,
        "discharge_reason": "other",
        "reentry_information_given": True,
        **({"receiving_organization": str(cast.south.id)} if accepted.exists() else {}),
        "handover_date": day,
        "handover_confirmed_by": "South's intake",
        "death_source": "family",
    }
