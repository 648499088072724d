"""Logging sessions. One door; what it writes is never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import ExclusionViolation

from casemgmt.accounts.models import Membership, Organization, Part2Status
from casemgmt.accounts.roles import CLINICIANS
from casemgmt.clients.models import Client
from casemgmt.consent.models import NoticeDelivery
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.measures.models import Response
from casemgmt.outbox.emit import emit
from casemgmt.safety import lexicon
from casemgmt.safety.services.raising import NewAlert, raise_alert
from casemgmt.safety.triage import TRIAGE
from casemgmt.safety.words import Severity, Source, What
from programs.models import SessionLog
from programs.rules.sessions import SessionKind, is_late, kinds_of

LOGGED = register_topic("session.logged")


@dataclass(frozen=True, slots=True)
class Handoff:
    """To which clinician a client in distress was handed over, how, and when (aware UTC) (PEER-03)."""

    to_staff: UUID
    method: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Worry:
    """Why a client must not be left to a peer (PEER-03); `term` is the lexicon's name of what the summary holds."""

    what: What
    term: str = ""


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is told of a session. `started_at` is aware UTC; None means it ended just now. `kind` follows the role."""

    client_id: UUID
    minutes: int
    mode: str
    summary: str = ""
    started_at: datetime | None = None
    kind: str | None = None
    distress: bool = False
    handoff: Handoff | None = None
    late_reason: str = ""


@transaction.atomic
def log_session(*, new: NewSession, actor: Actor) -> SessionLog:
    """Log a session that the actor held with a client.

    Raises NotVisible, NotPermitted, Invalid (`kind_needed`, fields), Conflict `session_overlap`, Refused
    (`outside_peer_scope`, `session_in_future`, `late_entry_needs_reason`, `client_deceased`, `part2_notice_missing`,
    `handoff_required`).
    """
    client = Client.objects.visible_to(actor).fetch(new.client_id)
    kind = _kind(new.kind, actor=actor)
    staff_id, organization_id = _who(actor)
    at = clock.now()
    started_at, ended_at = _times(new, at=at)
    one_at_a_time(f"session:{staff_id}")  # two at once would meet in the constraint and block each other
    _require_standing(client, started_at, organization_id)
    episode = _episode(client.id, actor=actor)
    worry = _worry(new, staff_id=staff_id, span=(started_at, ended_at))
    _require_handoff(new, worry, kind=kind, span=(started_at, at), staff_id=staff_id)
    called = _handoff_place(new, places={organization_id} | ({episode.organization_id} if episode else set()))
    log = SessionLog(
        client=client,
        episode=episode,
        organization_id=organization_id,
        staff_id=staff_id,
        kind=kind.value,
        mode=new.mode,
        started_at=started_at,
        ended_at=ended_at,
        minutes=new.minutes,
        summary=new.summary,
        distress=new.distress,
        **_handed_over(new.handoff),
        late_reason=new.late_reason,
        recorded_at=at,
    )
    _save(log)
    if worry is not None and called is not None:
        _call_clinician(log, worry, organization_id=called, actor=actor)
    payload: dict[str, Scalar] = {"kind": log.kind, "mode": log.mode, "minutes": log.minutes, "distress": log.distress}
    emit(Event(LOGGED, log.id, log.client_id, log.organization_id, payload), actor=actor)
    return log


def _require_standing(client: Client, started_at: datetime, organization_id: UUID) -> None:
    """Raise Refused without the notice, or on a day after the client's death; what was held before may be told late."""
    _require_notice(client.id, organization_id)
    if client.deceased_on is None:
        return
    zone = Organization.objects.values_list("timezone", flat=True).get(pk=organization_id)
    if started_at.astimezone(ZoneInfo(zone)).date() > client.deceased_on:
        raise Refused("The client had died. Check the day of the session.", code="client_deceased")


def _who(actor: Actor) -> tuple[UUID, UUID]:
    """Return who logs and for which organization; machines hold no sessions."""
    if actor.id is None or actor.organization_id is None:
        raise NotPermitted("Your role does not log sessions.")
    return actor.id, actor.organization_id


def _kind(wanted: str | None, *, actor: Actor) -> SessionKind:
    """Return the kind that the actor's roles write; raise when there is none, another is wanted, or several fit."""
    kinds = kinds_of(actor.roles)
    if not kinds:
        raise NotPermitted("Your role does not log sessions.")
    if wanted is None:
        if len(kinds) > 1:
            fields = {"kind": ["Your roles write several kinds; say which this is."]}
            raise Invalid(code="kind_needed", fields=fields, kinds=[kind.value for kind in kinds])
        return kinds[0]
    if wanted not in kinds:
        if kinds == [SessionKind.PEER]:
            raise Refused("A peer specialist logs peer sessions only (PEER-02).", code="outside_peer_scope")
        raise NotPermitted("Your role does not log sessions of this kind.")
    return SessionKind(wanted)


def _times(new: NewSession, *, at: datetime) -> tuple[datetime, datetime]:
    """Return when the session began and ended; raise when it is not over yet, or late without a reason (PEER-05)."""
    length = timedelta(minutes=new.minutes)
    started_at = new.started_at if new.started_at is not None else at - length
    if started_at > at - length:
        raise Refused("A session is logged when it is over.", code="session_in_future")
    ended_at = started_at + length
    if is_late(ended_at=ended_at, at=at) and not new.late_reason.strip():
        sentence = "More than 72 hours after the session, say why it is logged now."
        raise Refused(sentence, code="late_entry_needs_reason")
    return started_at, ended_at


def _require_notice(client_id: UUID, organization_id: UUID) -> None:
    """Raise when the organization is a Part 2 program and gave the client no notice: no service before it (P2-26)."""
    bound = Organization.objects.filter(pk=organization_id, part2_status=Part2Status.PART2_PROGRAM)
    given = NoticeDelivery.objects.filter(client_id=client_id, organization_id=organization_id)
    if bound.exists() and not given.exists():
        sentence = "The client has not been given the notice of 42 CFR Part 2. Give it and record its delivery first."
        raise Refused(sentence, code="part2_notice_missing")


def _episode(client_id: UUID, *, actor: Actor) -> Episode | None:
    """Return the client's open episode: the actor's organization's own if there is one, else another's, else None."""
    found = list(Episode.objects.open().filter(client_id=client_id).order_by("-opened_at"))
    own = [episode for episode in found if episode.organization_id == actor.organization_id]
    return next(iter(own or found), None)


def _worry(new: NewSession, *, staff_id: UUID, span: tuple[datetime, datetime]) -> Worry | None:
    """Return what in a session calls for a clinician: distress, crisis words in the summary, a positive screener.

    The screener is one that the same person gave the client in the session.
    """
    term = lexicon.crisis_term(new.summary) or ""
    if new.distress:
        return Worry(What.DISTRESS, term)
    if term:
        return Worry(What.CRISIS_WORDS, term)
    given = Response.objects.current().filter(client_id=new.client_id, administered_by_id=staff_id)
    positive = given.filter(completed_at__range=span, flags__overlap=list(TRIAGE))
    return Worry(What.SCREENER_POSITIVE) if positive.exists() else None


def _require_handoff(
    new: NewSession, worry: Worry | None, *, kind: SessionKind, span: tuple[datetime, datetime], staff_id: UUID
) -> None:
    """Raise when a peer worried and handed nobody over, or a hand-over has no reason or a time outside `span`.

    The span begins with the session and ends now (PEER-03).
    """
    handoff = new.handoff
    if handoff is None:
        if worry is not None and kind is SessionKind.PEER:
            sentence = "The client may be in danger. Hand them over to a clinician and say to whom, how and when."
            raise Refused(sentence, code="handoff_required", because=worry.what.value)
        return
    if worry is None:
        raise Invalid(fields={"handoff": ["A hand-over goes with distress."]})
    if not span[0] <= handoff.at <= span[1]:
        raise Invalid(fields={"handoff.at": ["Between the session's start and now."]})
    if handoff.to_staff == staff_id:
        raise Invalid(fields={"handoff.to_staff": ["Somebody else takes the client over."]})


def _handoff_place(new: NewSession, *, places: set[UUID]) -> UUID | None:
    """Return the organization of the clinician who takes the client over, None when nobody has to (PEER-03).

    Raises when the hand-over names nobody who is a therapist or supervisor in one of `places`.
    """
    if new.handoff is None:
        return None
    clinicians = Membership.objects.filter(role__in=CLINICIANS, organization_id__in=places, ended_at__isnull=True)
    place: UUID | None = (
        clinicians.filter(user_id=new.handoff.to_staff, user__is_active=True)
        .values_list("organization_id", flat=True)
        .first()
    )
    if place is None:
        raise Invalid(fields={"handoff.to_staff": ["Name a therapist or supervisor who takes the client over."]})
    return place


def _handed_over(handoff: Handoff | None) -> dict[str, Any]:
    if handoff is None:
        return {}
    return {"handoff_to_id": handoff.to_staff, "handoff_method": handoff.method, "handoff_at": handoff.at}


def _save(log: SessionLog) -> None:
    try:
        with transaction.atomic():
            log.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            sentence = "You logged another session for this time. Only groups may overlap."
            raise Conflict(sentence, code="session_overlap") from error
        raise


def _call_clinician(log: SessionLog, worry: Worry, *, organization_id: UUID, actor: Actor) -> None:
    """Raise an alert whose ladder begins with the named clinician, so that nothing rests on the peer's word alone.

    Nobody answers within the policy's minutes: those on call are asked (PEER-03, SMS-62).
    """
    own = log.episode is not None and log.episode.organization_id == organization_id
    new = NewAlert(
        client_id=log.client_id,
        organization_id=organization_id,
        severity=Severity.HIGH,
        source=Source.SESSION,
        what=worry.what,
        source_id=log.id,
        episode_id=log.episode_id if own else None,
        lexicon_version=lexicon.VERSION if worry.term else "",
        term=worry.term,
        named_id=log.handoff_to_id,
    )
    raise_alert(new, at=log.recorded_at, actor=actor)
