"""Who holds a session, where it belongs, and who takes part: what scheduling, holding and series ask. Inner."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from casemgmt.accounts.models import Membership, Organization, Part2Status
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.clients.models import Client
from casemgmt.clients.services import require_own, require_role
from casemgmt.consent.models import NoticeDelivery
from casemgmt.episodes.models import Episode
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, NotVisible, Refused
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.sessions.lifecycle import HOLDS_SESSIONS
from casemgmt.sessions.models import Attendance, Series, Session
from casemgmt.sessions.rules.disciplines import disciplines_of
from casemgmt.sessions.rules.recurrence import local_day
from casemgmt.sessions.words import CAME, LONGEST_MINUTES, AttendanceState, Discipline
from programs.models import Enrollment, Program


@dataclass(frozen=True, slots=True)
class Participant:
    """A client who takes part, and the episode and the enrollment that this counts for."""

    client_id: UUID
    episode_id: UUID | None = None
    enrollment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A client is expected in two places at once. A warning: who plans decides."""

    client_id: UUID
    session_id: UUID


def take_turn(*staff_ids: UUID) -> None:
    """Wait until nobody else changes the sessions of these people; two at once would meet in the constraint."""
    for staff_id in sorted(set(staff_ids)):
        one_at_a_time(f"session:{staff_id}")


def holder(staff_id: UUID | None, wanted: str | None, *, actor: Actor) -> tuple[UUID, UUID, Discipline]:
    """Return who holds a session (None: the actor), for which organization, and of which discipline.

    Raises NotPermitted, Invalid (`staff`, `discipline`, `kind_needed`), Refused `outside_peer_scope`.
    """
    if actor.id is None or actor.organization_id is None:
        raise NotPermitted("Your role does not hold sessions.")
    require_role(actor, HOLDS_SESSIONS)
    if staff_id is None or staff_id == actor.id:
        return actor.id, actor.organization_id, _discipline(wanted, disciplines_of(actor.roles), field="discipline")
    require_role(actor, CASE_MANAGER_AND_UP)
    held = Membership.objects.visible_to(actor).filter(user_id=staff_id, organization_id=actor.organization_id)
    found = disciplines_of(held.values_list("role", flat=True))
    return staff_id, actor.organization_id, _discipline(wanted, found, field="staff")


def _discipline(wanted: str | None, found: list[Discipline], *, field: str) -> Discipline:
    if not found:
        raise Invalid(fields={field: ["Somebody of your organization who holds sessions."]})
    if wanted is None:
        if len(found) > 1:
            fields = {"discipline": ["Several fit; say which this is."]}
            raise Invalid(code="kind_needed", fields=fields, kinds=[each.value for each in found])
        return found[0]
    if wanted not in found:
        if found == [Discipline.PEER]:
            raise Refused("A peer specialist holds peer sessions only (PEER-02).", code="outside_peer_scope")
        raise Invalid(fields={field: ["Who holds the session holds none of this discipline."]})
    return Discipline(wanted)


def program_of(program_id: UUID | None, client_ids: Collection[UUID], *, actor: Actor) -> Program | None:
    """Return the program that a session belongs to; raise NotVisible, Invalid unless it is the organization's own or
    every client is enrolled in it.
    """
    if program_id is None:
        return None
    program = Program.objects.visible_to(actor).fetch(program_id)
    if program.organization_id != actor.organization_id:
        enrolled = Enrollment.objects.visible_to(actor).open().filter(program=program, client_id__in=client_ids)
        if not client_ids or set(client_ids) - set(enrolled.values_list("client_id", flat=True)):
            raise Invalid(fields={"program": ["One of yours, or one in which the clients are enrolled."]})
    return program


def zone_of(program: Program | None, organization_id: UUID) -> str:
    """Return whose calendar a session counts for: the program's, else the organization's."""
    if program is not None:
        return program.timezone
    return Organization.objects.values_list("timezone", flat=True).get(pk=organization_id)


def participants(
    client_ids: Iterable[UUID],
    *,
    program_id: UUID | None,
    starts_at: datetime,
    timezone: str,
    at: datetime,
    actor: Actor,
) -> list[Participant]:
    """Return who takes part, in the order asked, with their episodes and enrollments.

    Raises NotVisible, Refused (`client_deceased`, `no_open_episode`: what is part of a program belongs to an episode).
    """
    wanted = list(dict.fromkeys(client_ids))
    clients = {each.id: each for each in Client.objects.visible_to(actor).filter(id__in=wanted)}
    if len(clients) < len(wanted):
        raise NotVisible()
    require_alive(clients.values(), starts_at=starts_at, timezone=timezone, at=at)
    found = places_of(wanted, program_id=program_id, organization_id=actor.organization_id)
    if program_id is not None and any(each.episode_id is None for each in found):
        raise Refused("Open an episode first: the session is part of a program.", code="no_open_episode")
    return found


def places_of(client_ids: list[UUID], *, program_id: UUID | None, organization_id: UUID | None) -> list[Participant]:
    """Return clients with their open enrollment in the program and its episode, else their open episode.

    Of several episodes the organization's own comes first, then the latest.
    """
    enrollments: dict[UUID, Enrollment] = {}
    if program_id is not None:
        enrolled = Enrollment.objects.open().filter(client_id__in=client_ids, program_id=program_id)
        enrollments = {each.client_id: each for each in enrolled}
    episodes: dict[UUID, Episode] = {}
    found = Episode.objects.open().filter(client_id__in=client_ids)
    for each in sorted(found, key=lambda episode: (episode.organization_id == organization_id, episode.opened_at)):
        episodes[each.client_id] = each
    return [_participant(each, enrollments.get(each), episodes.get(each)) for each in client_ids]


def _participant(client_id: UUID, enrollment: Enrollment | None, episode: Episode | None) -> Participant:
    if enrollment is not None:
        return Participant(client_id, enrollment.episode_id, enrollment.id)
    return Participant(client_id, episode.id if episode else None)


def require_alive(clients: Iterable[Client], *, starts_at: datetime, timezone: str, at: datetime) -> None:
    """Raise Refused on a day after a client's death; what was held before may be told late.

    Without a known day of the death, that is every day from today on.
    """
    day, yesterday = local_day(starts_at, timezone=timezone), local_day(at, timezone=timezone) - timedelta(days=1)
    if any(client.deceased and day > (client.deceased_on or yesterday) for client in clients):
        raise Refused("The client had died. Check the day of the session.", code="client_deceased")


def require_service(session: Session, client_ids: Collection[UUID], *, at: datetime) -> None:
    """Raise Refused unless these clients may have come: alive on that day, and with the Part 2 notice given (P2-26)."""
    clients = Client.objects.filter(id__in=client_ids)
    require_alive(clients, starts_at=session.starts_at, timezone=session.timezone, at=at)
    bound = Organization.objects.filter(pk=session.organization_id, part2_status=Part2Status.PART2_PROGRAM)
    given = NoticeDelivery.objects.filter(client_id__in=client_ids, organization_id=session.organization_id)
    lacking = set(client_ids) - set(given.values_list("client_id", flat=True))
    if lacking and bound.exists():
        sentence = "The client has not been given the notice of 42 CFR Part 2. Give it and record its delivery first."
        raise Refused(sentence, code="part2_notice_missing", clients=sorted(map(str, lacking)))


def elsewhere(session: Session, client_ids: Collection[UUID], *, actor: Actor) -> list[Elsewhere]:
    """Return which clients are expected, or were, at another session in that time, as far as the actor may know."""
    longest = timedelta(minutes=LONGEST_MINUTES)
    rows = Attendance.objects.visible_to(actor).filter(
        client_id__in=client_ids,
        state__in=[AttendanceState.EXPECTED, *CAME],
        starts_at__gt=session.starts_at - longest,
        starts_at__lt=session.ends_at,
        session__ends_at__gt=session.starts_at,
    )
    found = rows.exclude(session=session).order_by("starts_at", "id")
    return [Elsewhere(each.client_id, each.session_id) for each in found]


def require_hand(row: Session | Series, *, actor: Actor) -> None:
    """Raise NotPermitted unless the actor holds the session, or is a case manager or up of the same organization."""
    require_own(actor, row.organization_id)
    if not actor.is_system and actor.id != row.staff_id:
        require_role(actor, CASE_MANAGER_AND_UP)
    elif not actor.is_system:
        require_role(actor, HOLDS_SESSIONS)


def lock_session(session_id: UUID, *, actor: Actor, staff_id: UUID | None = None) -> Session:
    """Return a session that the actor may change, locked after its turn with whoever holds it (or shall: `staff_id`).

    Raises NotVisible, NotPermitted.
    """
    visible = Session.objects.visible_to(actor)
    before = visible.fetch(session_id)
    require_hand(before, actor=actor)
    take_turn(before.staff_id, *([staff_id] if staff_id else []))
    session = visible.lock(session_id)
    require_hand(session, actor=actor)
    return session


def lock_series(series_id: UUID, *, actor: Actor, staff_id: UUID | None = None) -> Series:
    """Return a series that the actor may change, locked after its turn with whoever holds it (or shall: `staff_id`).

    Raises NotVisible, NotPermitted.
    """
    visible = Series.objects.visible_to(actor)
    before = visible.fetch(series_id)
    require_hand(before, actor=actor)
    take_turn(before.staff_id, *([staff_id] if staff_id else []))
    series = visible.lock(series_id)
    require_hand(series, actor=actor)
    return series
