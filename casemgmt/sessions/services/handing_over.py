"""Clients in distress are not left to a peer: what calls for a clinician, and the hand-over to one (PEER-03). Inner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgmt.accounts.models import Membership
from casemgmt.accounts.roles import CLINICIANS
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, Refused
from casemgmt.kernel.transactions import require_atomic
from casemgmt.measures.models import Response
from casemgmt.safety import lexicon
from casemgmt.safety.services.raising import NewAlert, raise_alert
from casemgmt.safety.triage import TRIAGE
from casemgmt.safety.words import Severity, Source, What
from casemgmt.sessions.models import CareNote


@dataclass(frozen=True, slots=True)
class Handoff:
    """To which clinician a client in distress was handed over, how, and when (aware UTC) (PEER-03)."""

    to_staff: UUID
    method: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Worry:
    """Why a client must not be left to a peer (PEER-03); `term` is the lexicon's name of what the note holds."""

    what: What
    term: str = ""


def worry_of(
    *, client_id: UUID | None, text: str, distress: bool, staff_id: UUID, span: tuple[datetime, datetime]
) -> Worry | None:
    """Return what calls for a clinician: distress, crisis words in a note, a positive screener.

    The screener is one that the same person gave the client in the session.
    """
    term = lexicon.crisis_term(text) or ""
    if distress:
        return Worry(What.DISTRESS, term)
    if term:
        return Worry(What.CRISIS_WORDS, term)
    if client_id is None:
        return None
    given = Response.objects.current().filter(client_id=client_id, administered_by_id=staff_id)
    positive = given.filter(completed_at__range=span, flags__overlap=list(TRIAGE))
    return Worry(What.SCREENER_POSITIVE) if positive.exists() else None


def refuse_to_keep(worry: Worry) -> Refused:
    """Return the refusal of a peer's note without a hand-over."""
    sentence = "The client may be in danger. Hand them over to a clinician and say to whom, how and when."
    return Refused(sentence, code="handoff_required", because=worry.what.value)


def require_handoff(
    handoff: Handoff | None,
    worry: Worry | None,
    *,
    by_peer: bool,
    span: tuple[datetime, datetime],
    staff_id: UUID,
) -> None:
    """Raise when a peer worried and handed nobody over, or a hand-over has no reason or a time outside `span`.

    The span begins with the session and ends now (PEER-03).
    """
    if handoff is None:
        if worry is not None and by_peer:
            raise refuse_to_keep(worry)
        return
    if worry is None:
        raise Invalid(fields={"handoff": ["A hand-over goes with distress."]})
    if not span[0] <= handoff.at <= span[1]:
        raise Invalid(fields={"handoff.at": ["Between the session's start and now."]})
    if handoff.to_staff == staff_id:
        raise Invalid(fields={"handoff.to_staff": ["Somebody else takes the client over."]})


def place_of(handoff: Handoff | None, *, places: set[UUID]) -> UUID | None:
    """Return the organization of the clinician who takes the client over, None when nobody has to (PEER-03).

    Raises when the hand-over names nobody who is a therapist or supervisor in one of `places`.
    """
    if handoff is None:
        return None
    clinicians = Membership.objects.filter(role__in=CLINICIANS, organization_id__in=places, ended_at__isnull=True)
    here = clinicians.filter(user_id=handoff.to_staff, user__is_active=True)
    place: UUID | None = here.values_list("organization_id", flat=True).first()
    if place is None:
        raise Invalid(fields={"handoff.to_staff": ["Name a therapist or supervisor who takes the client over."]})
    return place


def call_clinician(note: CareNote, worry: Worry, *, organization_id: UUID, at: datetime, actor: Actor) -> None:
    """Raise an alert whose ladder begins with the named clinician, so that nothing rests on the peer's word alone.

    Nobody answers within the policy's minutes: those on call are asked (PEER-03, SMS-62). `at` is aware UTC.
    """
    require_atomic()
    own = note.episode is not None and note.episode.organization_id == organization_id
    new = NewAlert(
        client_id=note.client_id,
        organization_id=organization_id,
        severity=Severity.HIGH,
        source=Source.SESSION,
        what=worry.what,
        source_id=note.line_id,
        episode_id=note.episode_id if own else None,
        lexicon_version=lexicon.VERSION if worry.term else "",
        term=worry.term,
        named_id=note.handoff_to_id,
    )
    raise_alert(new, at=at, actor=actor)
