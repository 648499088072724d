"""How somebody wants to be told: read with its defaults, and changed by nobody but themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from casemgmt.accounts.models import Organization
from casemgmt.audit.record import record
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor, ActorKind
from casemgmt.kernel.errors import Conflict, NotPermitted, StaleVersion
from casemgmt.kernel.wall import acting_as
from casemgmt.kernel.wall_time import zone_named
from casemgmt.notices.models import Mail, MailStatus, Preference
from casemgmt.notices.timing import next_digest

NOTICES = Actor.system("notices")
SWITCHED_OFF = "switched_off"
UNSAVED = 0  # the version of the defaults, which no row holds


def preference_of(actor: Actor) -> Preference:
    """Return the actor's own, or the defaults with version 0. Raises NotPermitted for who is not staff."""
    if actor.kind is not ActorKind.STAFF or actor.id is None or actor.organization_id is None:
        raise NotPermitted()
    found: Preference | None = Preference.objects.visible_to(actor).first()
    return found or _defaults(actor.id, actor.organization_id)


def preferences_of(user_ids: Iterable[UUID], *, organization_id: UUID) -> dict[UUID, Preference]:
    """Return how each of these people wants to be told. One query."""
    wanted = list(user_ids)
    saved = {row.user_id: row for row in Preference.objects.filter(user_id__in=wanted, organization_id=organization_id)}
    return {each: saved.get(each) or _defaults(each, organization_id) for each in wanted}


def _defaults(user_id: UUID, organization_id: UUID) -> Preference:
    return Preference(user_id=user_id, organization_id=organization_id, version=UNSAVED)


@transaction.atomic
def change_preference(*, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Preference:
    """Change how the actor is told; a summary that waits moves to its new time, or is called off.

    Raises NotPermitted for who is not staff, StaleVersion, Conflict `busy` when two begin at once.
    """
    defaults = preference_of(actor)
    at = clock.now()
    row: Preference | None = Preference.objects.visible_to(actor).hold()
    if row is None:
        row = _begin(defaults, version=version)
    else:
        row.require_version(version)
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save_changes(*changes, at=at)
    record("notice_preference.changed", actor=actor, object_type="notice_preference", object_id=row.id)
    _move_digest(row, at=at)
    return row


def _begin(row: Preference, *, version: int | None) -> Preference:
    if version not in (None, UNSAVED):
        raise StaleVersion(current_version=UNSAVED)
    try:
        with transaction.atomic():
            return Preference.objects.create(user_id=row.user_id, organization_id=row.organization_id)
    except IntegrityError as error:
        raise Conflict("Somebody else changes this right now.", code="busy") from error


def zone_of(preference: Preference, organization: Organization) -> ZoneInfo:
    """Return the zone a summary's hour is meant in: the person's, else the organization's, else UTC."""
    return zone_named(preference.timezone) or zone_named(organization.timezone) or ZoneInfo("UTC")


def _move_digest(row: Preference, *, at: datetime) -> None:
    with acting_as(NOTICES):
        mail: Mail | None = Mail.objects.pending_digest(user_id=row.user_id, organization_id=row.organization_id)
        if mail is None:
            return
        mail.updated_at = at
        if row.digest:
            last = Mail.objects.last_digest_on(user_id=row.user_id, organization_id=row.organization_id)
            mail.digest_on, mail.due_at = next_digest(
                at,
                hour=row.digest_hour,
                weekdays=row.digest_weekdays,
                zone=zone_of(row, row.organization),
                after=last,
            )
        else:
            mail.status, mail.reason = MailStatus.CANCELLED, SWITCHED_OFF
        mail.save(update_fields=["status", "reason", "due_at", "digest_on", "updated_at"])
