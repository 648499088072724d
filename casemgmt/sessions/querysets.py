"""Reads of the sessions room, scoped to an actor."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Max, OuterRef, Q

from casemgmt.access.querysets import ClientScopedQuerySet, LockableQuerySet
from casemgmt.accounts.roles import SEES_RECORDS
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.wall_time import first_instant
from casemgmt.worklist.models import ItemKind, WorkItem
from programs.querysets import of_told_episodes

from .rules.disciplines import disciplines_read_by
from .words import CAME, AttendanceState

if TYPE_CHECKING:
    from .models import Attendance, AttendanceMove, Series, SeriesMember, Session  # noqa: F401 - the quoted names below


def of_read_disciplines(actor: Actor, *, session: str = "") -> Q:
    """Return what keeps the sessions whose discipline the actor reads, and its own (table 1.9, notes 1 and 2).

    `session` is the way from a row to its session, empty for a session or a series itself.
    """
    read = disciplines_read_by(actor.roles)
    if read is None:
        return Q()
    return Q(**{f"{session}discipline__in": read}) | Q(**{f"{session}staff_id": actor.id})


class SessionQuerySet(LockableQuerySet["Session"]):
    """Sessions. A row names no client; who comes stands in attendances, each behind its own client's wall."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization of the disciplines it reads, its own, and those that a client whose
        attendance it may see takes part in.
        """
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        attendances: Any = self.model._meta.get_field("attendances").related_model
        theirs = attendances.objects.visible_to(actor)
        own = Q(organization_id=actor.organization_id) & of_read_disciplines(actor)
        return self.filter(own | Exists(theirs.filter(session=OuterRef("pk"))))

    def of_series(self, series_id: UUID, *, since: date, at: datetime) -> Self:
        """Return a series' sessions from a local day on that are still to come at `at` (aware UTC)."""
        return self.filter(series_id=series_id, series_date__gte=since, stage="scheduled", starts_at__gt=at)

    def lock_all(self) -> list[Session]:
        """Return these rows locked for this transaction in the order of their ids."""
        return list(self.order_by("id").select_for_update(of=("self",), no_key=True))

    def untold(self, moment: datetime) -> Self:
        """Return those that were over at `moment` (aware UTC) and of which nobody told, nor was asked to."""
        asked = WorkItem.objects.filter(kind=ItemKind.SESSION_TO_TELL, source_id=OuterRef("pk"))
        return self.filter(~Exists(asked), stage="scheduled", ends_at__lte=moment)

    def lock_free(self, pk: UUID) -> Session | None:
        """Return a row locked for this transaction; None when somebody else holds it or it is not among these."""
        return self.filter(pk=pk).select_for_update(of=("self",), no_key=True, skip_locked=True).first()

    def meeting(self, *, staff_id: UUID, starts_at: datetime, ends_at: datetime) -> Self:
        """Return somebody's individual sessions that take some of a span of time (PEER-05)."""
        taken = self.filter(staff_id=staff_id, stage__in=["scheduled", "held"], format="individual")
        return taken.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class SeriesQuerySet(LockableQuerySet["Series"]):
    """Series of sessions. A row names no client."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the actor's organization of the disciplines it reads, and its own."""
        if actor.is_system:
            return self
        if actor.organization_id is None or not actor.has_role(*SEES_RECORDS):
            return self.none()
        return self.filter(of_read_disciplines(actor), organization_id=actor.organization_id)

    def behind(self, day: date) -> Self:
        """Return those that go on and lack sessions of days until and with `day`, the longest behind first."""
        going_on = Q(ends_on__isnull=True) | Q(ends_on__gte=F("materialized_until"))
        return self.filter(going_on, materialized_until__lte=day).order_by("materialized_until", "id")

    def lock_free(self, pk: UUID) -> Series | None:
        """Return a row locked for this transaction; None when somebody else holds it or it is not among these."""
        return self.filter(pk=pk).select_for_update(of=("self",), no_key=True, skip_locked=True).first()


class SeriesMemberQuerySet(ClientScopedQuerySet["SeriesMember"]):
    """Who is expected at a series, by client."""

    def on(self, day: date) -> Self:
        """Return those expected on a local day."""
        return self.filter(Q(until_date__isnull=True) | Q(until_date__gte=day), from_date__lte=day)

    def lock_all(self) -> list[SeriesMember]:
        """Return these rows locked for this transaction in the order of their ids."""
        return list(self.order_by("id").select_for_update(of=("self",), no_key=True))


class AttendanceQuerySet(ClientScopedQuerySet["Attendance"]):
    """Who comes, by client."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of clients the actor may see, of the disciplines its roles read, and at its own sessions.

        Of episodes that the actor is told of (CLN-31).
        """
        rows = super().visible_to(actor).filter(of_told_episodes(actor))
        return rows if actor.is_system else rows.filter(of_read_disciplines(actor, session="session__"))

    def coming(self, at: datetime) -> Self:
        """Return those expected at sessions that have not begun at `at` (aware UTC)."""
        return self.filter(state="expected", starts_at__gt=at, session__stage="scheduled")

    def stands(self, pk: UUID, starts_at: datetime) -> bool:
        """Say whether somebody is still expected at a session that begins at `starts_at`."""
        return self.filter(pk=pk, state="expected", starts_at=starts_at, session__stage="scheduled").exists()

    def in_line(self, client_id: UUID, session: Session) -> Self:
        """Return what was told of a client's part in sessions of the same program (without one: organization),
        the latest first, without who was excused or called off (F9).
        """
        place = {"session__program_id": session.program_id}
        if session.program_id is None:
            place |= {"session__organization_id": session.organization_id}
        told = self.filter(client_id=client_id, session__stage="held", state__in=[*CAME, AttendanceState.NO_SHOW])
        return told.filter(**place).order_by("-starts_at", "-id")

    def came_on(self, day: date, zone: str) -> Self:
        """Return those of who came to sessions that were held and began on a local day of a zone (CHK-01)."""
        begins, ends = (first_instant(each, 0, ZoneInfo(zone)) for each in (day, day + timedelta(days=1)))
        held = self.filter(session__stage="held", state__in=CAME)
        return held.filter(starts_at__gte=begins, starts_at__lt=ends)

    def last_contact(self) -> datetime | None:
        """Return when the latest session began to which somebody came; None: never."""
        held = self.filter(session__stage="held", state__in=CAME)
        found: datetime | None = held.aggregate(last=Max("starts_at"))["last"]
        return found

    def lock_all(self) -> list[Attendance]:
        """Return these rows locked for this transaction in the order of their ids."""
        return list(self.order_by("id").select_for_update(of=("self",), no_key=True))


class AttendanceMoveQuerySet(ClientScopedQuerySet["AttendanceMove"]):
    """What was told of who came, and by whom."""

    client_field = "attendance__client_id"

    def visible_to(self, actor: Actor) -> Self:
        """Return what was told of attendances that the actor may see."""
        attendances: Any = self.model._meta.get_field("attendance").related_model
        return self.filter(attendance__in=attendances.objects.visible_to(actor))
