"""The quick log: a session that was held, the client who came, and a signed note, in one call (PEER-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.utils import IntegrityError
from psycopg.errors import ExclusionViolation

from casemgmt.accounts.models import Organization, Part2Status
from casemgmt.clients.models import Client
from casemgmt.consent.models import NoticeDelivery
from casemgmt.episodes.models import Episode
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.sessions.lifecycle import SessionStage
from casemgmt.sessions.models import Attendance, CareNote, ClinicalNote, ContactNote, PeerNote, Session
from casemgmt.sessions.note_words import OUTSIDE_PEER_SCOPE, disciplines_of
from casemgmt.sessions.words import Discipline, Format, Mode

from .credentials import CredentialState, require_credential
from .handing_over import Handoff
from .held import hold_at_once
from .signing import SIGNED, follow_signature, put_signature, require_in_time
from .writing import Telling, fill, handoff_of, insert, judge

GROUP = "group"  # how a group is told in the quick log; a group met in person
SAME_MINUTE = timedelta(minutes=1)
KIND_OF: dict[str, type[CareNote]] = {
    Discipline.PEER.value: PeerNote,
    Discipline.CLINICAL.value: ClinicalNote,
    Discipline.CONTACT.value: ContactNote,
    Discipline.HOUSE.value: ContactNote,
}


@dataclass(frozen=True, slots=True)
class QuickLog:
    """What is told of a session. `started_at` is aware UTC; None: it ended just now. `kind` follows the role."""

    client_id: UUID
    minutes: int
    mode: str
    summary: str = ""
    started_at: datetime | None = None
    kind: str | None = None
    distress: bool = False
    handoff: Handoff | None = None
    late_reason: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """What the quick log made. `repeated`: it had been made before, by the same telling."""

    note: CareNote
    attendance: Attendance
    credential: CredentialState | None = None
    repeated: bool = False


@transaction.atomic
def log_session(*, new: QuickLog, actor: Actor) -> Logged:
    """Log a session that the actor held with a client. Telling the same within a minute is telling it once.

    Raises NotVisible, NotPermitted, Invalid (`kind_needed`, fields), Conflict (`session_overlap`, `already_logged`),
    Refused (`outside_peer_scope`, `credential_expired`, `credential_missing`, `session_in_future`,
    `late_entry_needs_reason`, `client_deceased`, `part2_notice_missing`, `handoff_required`, `personal_number`).
    """
    client = Client.objects.visible_to(actor).fetch(new.client_id)
    discipline = _discipline(new.kind, actor=actor)
    staff_id, organization_id = _who(actor)
    at = clock.now()
    session = _session(new, discipline, staff_id=staff_id, organization_id=organization_id, at=at)
    one_at_a_time(f"session:{staff_id}")  # two at once would meet in the constraint and block each other
    told_before = _told_before(new, session)
    if told_before is not None:
        return told_before
    require_in_time(session, new.late_reason, at=at)
    _require_standing(client, session)
    state = None
    if discipline is Discipline.PEER:
        state = require_credential(session.starts_at, user_id=staff_id, organization_id=organization_id)
    note = _note(new, session, _episode(client.id, actor=actor))
    with_alert = judge(note, session, before=None, at=at, actor=actor)
    try:
        with transaction.atomic():
            attendance = hold_at_once(
                session, client_id=client.id, episode_id=note.episode_id, minutes=new.minutes, at=at, actor=actor
            )
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            sentence = "You have another session at this time. Only groups may overlap."
            raise Conflict(sentence, code="session_overlap") from error
        raise
    put_signature(note, new.late_reason, at=at)
    insert(note, code="note_exists")
    with_alert()
    follow_signature(note, SIGNED, at=at, actor=actor)
    return Logged(note, attendance, state)


def _who(actor: Actor) -> tuple[UUID, UUID]:
    """Return who logs and for which organization; machines hold no sessions."""
    if actor.id is None or actor.organization_id is None:
        raise NotPermitted("Your role does not log sessions.")
    return actor.id, actor.organization_id


def _discipline(wanted: str | None, *, actor: Actor) -> Discipline:
    """Return what the actor's roles hold; raise when there is none, another is wanted, or several fit."""
    kinds = disciplines_of(actor.roles)
    if not kinds:
        raise NotPermitted("Your role does not log sessions.")
    if wanted is None:
        if len(kinds) > 1:
            fields = {"kind": ["Your roles write several kinds; say which this is."]}
            raise Invalid(code="kind_needed", fields=fields, kinds=[kind.value for kind in kinds])
        return kinds[0]
    if wanted not in kinds:
        if kinds == [Discipline.PEER]:
            raise Refused("A peer specialist logs peer sessions only (PEER-02).", code=OUTSIDE_PEER_SCOPE)
        raise NotPermitted("Your role does not log sessions of this kind.")
    return Discipline(wanted)


def _session(new: QuickLog, discipline: Discipline, *, staff_id: UUID, organization_id: UUID, at: datetime) -> Session:
    """Return the session, unsaved; raise when it is not over yet."""
    length = timedelta(minutes=new.minutes)
    starts_at = new.started_at if new.started_at is not None else at - length
    if starts_at > at - length:
        raise Refused("A session is logged when it is over.", code="session_in_future")
    zone = Organization.objects.values_list("timezone", flat=True).get(pk=organization_id)
    return Session(
        organization_id=organization_id,
        staff_id=staff_id,
        discipline=discipline.value,
        format=Format.GROUP if new.mode == GROUP else Format.INDIVIDUAL,
        mode=Mode.IN_PERSON if new.mode == GROUP else new.mode,
        starts_at=starts_at,
        ends_at=starts_at + length,
        timezone=zone,
        late_reason=new.late_reason.strip(),
    )


def _told_before(new: QuickLog, session: Session) -> Logged | None:
    """Return what the same telling made before: same person, client, form, minute and words.

    Raises Conflict `already_logged` when the words differ: then it is an amendment, or another start.
    """
    same = Attendance.objects.filter(
        client_id=new.client_id,
        starts_at__gt=session.starts_at - SAME_MINUTE,
        starts_at__lt=session.starts_at + SAME_MINUTE,
        session__staff_id=session.staff_id,
        session__organization_id=session.organization_id,
        session__discipline=session.discipline,
        session__format=session.format,
        session__stage=SessionStage.HELD,
    )
    attendance = same.select_related("session").first()
    if attendance is None:
        return None
    notes = KIND_OF[session.discipline]._default_manager.filter(
        session_id=attendance.session_id, client_id=new.client_id, amends__isnull=True
    )
    note = notes.first()
    if note is None or not _says(note, attendance, new, session):
        sentence = (
            "You logged a session with this client that began at this minute. Amend its note, or correct the start."
        )
        raise Conflict(sentence, code="already_logged")
    return Logged(note, attendance, repeated=True)


def _says(note: CareNote, attendance: Attendance, new: QuickLog, session: Session) -> bool:
    told = (note.summary, note.distress, handoff_of(note), attendance.minutes, attendance.session.mode)
    return told == (new.summary, new.distress, new.handoff, new.minutes, session.mode)


def _require_standing(client: Client, session: Session) -> None:
    """Raise Refused without the notice, or on a day after the client's death; what was held before may be told late."""
    bound = Organization.objects.filter(pk=session.organization_id, part2_status=Part2Status.PART2_PROGRAM)
    given = NoticeDelivery.objects.filter(client_id=client.id, organization_id=session.organization_id)
    if bound.exists() and not given.exists():  # no service before it (P2-26)
        sentence = "The client has not been given the notice of 42 CFR Part 2. Give it and record its delivery first."
        raise Refused(sentence, code="part2_notice_missing")
    if client.deceased_on is None:
        return
    if session.starts_at.astimezone(ZoneInfo(session.timezone)).date() > client.deceased_on:
        raise Refused("The client had died. Check the day of the session.", code="client_deceased")


def _episode(client_id: UUID, *, actor: Actor) -> Episode | None:
    """Return the client's open episode: the actor's organization's own if there is one, else another's, else None."""
    found = list(Episode.objects.open().filter(client_id=client_id).order_by("-opened_at"))
    own = [episode for episode in found if episode.organization_id == actor.organization_id]
    return next(iter(own or found), None)


def _note(new: QuickLog, session: Session, episode: Episode | None) -> CareNote:
    """Return the note, unsaved."""
    note = KIND_OF[session.discipline](
        session=session,
        happened_at=session.starts_at,
        client_id=new.client_id,
        episode=episode,
        organization_id=session.organization_id,
        author_id=session.staff_id,
    )
    note.line_id = note.pk
    if isinstance(note, ContactNote):
        note.discipline = session.discipline
    told = {"summary": new.summary, "distress": new.distress}
    fill(note, Telling(told=told, handoff=new.handoff, handoff_told=True))
    return note
