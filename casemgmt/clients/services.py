"""Writing clients: recorded, edited, reached. Doors; each checks the role and leaves an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError

from casemgmt.access.models import Reason
from casemgmt.access.services import grant
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, CLINICIANS, Role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted
from casemgmt.kernel.events import Event, Scalar
from casemgmt.kernel.events import topic as register_topic
from casemgmt.kernel.transactions import require_atomic
from casemgmt.outbox.emit import emit

from .models import Client, ContactKind, ContactPoint, ContactStatus
from .phones import to_e164

RECORDED = register_topic("client.recorded")
CHANGED = register_topic("client.changed")
DIED = register_topic("client.died")
DEATH_CORRECTED = register_topic("client.death_corrected")
CONTACT_ADDED = register_topic("client.contact_added")
CONTACT_ENDED = register_topic("client.contact_ended")

EDITABLE = ("given_name", "family_name", "birth_date", "language", "residence_state", "city", "timezone")


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is known of a person on the first day. `phone` and `email` as given; dates are calendar dates."""

    given_name: str
    family_name: str
    birth_date: date | None = None
    language: str = ""
    residence_state: str = ""
    city: str = ""
    timezone: str = ""
    phone: str = ""
    email: str = ""


def require_role(actor: Actor, roles: frozenset[str]) -> None:
    """Raise NotPermitted unless the actor holds one of `roles`; machines of ours pass."""
    if not actor.is_system and not actor.has_role(*roles):
        raise NotPermitted(who=sorted(roles))


def require_own(actor: Actor, organization_id: UUID) -> None:
    """Raise NotPermitted unless the actor works for the organization: a role is held there and nowhere else (1.9)."""
    if not actor.is_system and actor.organization_id != organization_id:
        raise NotPermitted("Only the organization that cares for the client may do this.")


def require_past(day: date | None, *, field: str) -> None:
    """Raise Invalid when a date of birth or death lies after today, UTC; None is unknown and passes."""
    if day is not None and day > clock.now().date():
        raise Invalid(fields={field: ["Not in the future."]})


@transaction.atomic
def record_client(*, new: NewClient, actor: Actor) -> Client:
    """Record a person for the actor's organization, which thereby may see them.

    Raises NotPermitted, Invalid (`phone_invalid`).
    """
    require_role(actor, CASE_MANAGER_AND_UP)
    if actor.organization_id is None:
        raise NotPermitted()
    require_past(new.birth_date, field="birth_date")
    client = Client.objects.create(
        organization_id=actor.organization_id, **{name: getattr(new, name) for name in EDITABLE}
    )
    grant(client_id=client.id, organization_id=client.organization_id, reason=Reason.CARE, actor=actor)
    emit(Event(RECORDED, client.id, client.id, client.organization_id), actor=actor)
    if new.phone:
        number = _number(new.phone, field="phone")
        _add_contact_point(client, kind=ContactKind.PHONE, value=number, preferred=True, actor=actor)
    if new.email:
        _add_contact_point(client, kind=ContactKind.EMAIL, value=new.email, preferred=True, actor=actor)
    return client


@transaction.atomic
def change_client(*, client_id: UUID, changes: Mapping[str, Any], version: int | None, actor: Actor) -> Client:
    """Edit what is known of a client (fields of EDITABLE). Raises NotVisible, NotPermitted, StaleVersion."""
    client: Client = Client.objects.visible_to(actor).lock(client_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    require_own(actor, client.organization_id)
    require_past(changes.get("birth_date"), field="birth_date")
    client.require_version(version)
    fields = [name for name in EDITABLE if name in changes]
    for name in fields:
        setattr(client, name, changes[name])
    client.save_changes(*fields, at=clock.now())
    emit(Event(CHANGED, client.id, client.id, client.organization_id), actor=actor)
    return client


@transaction.atomic
def record_death(*, client_id: UUID, died_on: date | None, actor: Actor) -> Client:
    """Note a death learned outside the pathway, for example after the episode ended (STG-14).

    Raises NotVisible, NotPermitted. Noting it again changes nothing.
    """
    client: Client = Client.objects.visible_to(actor).lock(client_id)
    require_role(actor, CLINICIANS)
    require_own(actor, client.organization_id)
    note_death(client, died_on=died_on, actor=actor)
    return client


def note_death(client: Client, *, died_on: date | None, actor: Actor) -> None:
    """Write a death on a locked client; every room that acts on them hears it in this transaction (T17)."""
    require_atomic()
    require_past(died_on, field="died_on")
    if client.deceased:
        return
    client.deceased = True
    client.deceased_on = died_on
    client.save_changes("deceased", "deceased_on", at=clock.now())
    emit(Event(DIED, client.id, client.id, client.organization_id), actor=actor)


def correct_day_of_death(client: Client, *, died_on: date | None, actor: Actor) -> None:
    """Write on a locked client on which day they died after all (T20). Inner. Raises Invalid for a day to come."""
    require_atomic()
    require_past(died_on, field="died_on")
    if not client.deceased or client.deceased_on == died_on:
        return
    client.deceased_on = died_on
    client.save_changes("deceased_on", at=clock.now())
    emit(Event(CHANGED, client.id, client.id, client.organization_id), actor=actor)


@transaction.atomic
def correct_death(*, client_id: UUID, actor: Actor) -> Client:
    """Take back a death that was noted outside the pathway in error (STG-14); T20 takes back one that ended an episode.

    Raises NotVisible, NotPermitted (supervisors of the client's organization). A living client stays as they are.
    """
    client: Client = Client.objects.visible_to(actor).lock(client_id)
    require_own(actor, client.organization_id)
    take_back_death(client, actor=actor)
    return client


def take_back_death(client: Client, *, actor: Actor) -> None:
    """Write on a locked client that they live after all. Texts and referrals that were stopped stay so (T17, T20).

    Raises NotPermitted: supervisors only, and no machine.
    """
    require_atomic()
    if not actor.has_role(Role.SUPERVISOR):
        raise NotPermitted(who=[Role.SUPERVISOR.value])
    if not client.deceased:
        return
    client.deceased = False
    client.deceased_on = None
    client.save_changes("deceased", "deceased_on", at=clock.now())
    emit(Event(DEATH_CORRECTED, client.id, client.id, client.organization_id), actor=actor)


@transaction.atomic
def add_contact_point(*, client_id: UUID, kind: str, value: str, preferred: bool, actor: Actor) -> ContactPoint:
    """Add a number or address; a preferred one takes the place of the one before.

    Raises NotVisible, NotPermitted, Invalid (`phone_invalid`), Conflict (`contact_point_exists`).
    """
    client: Client = Client.objects.visible_to(actor).lock(client_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    require_own(actor, client.organization_id)
    if kind == ContactKind.PHONE:
        value = _number(value, field="value")
    return _add_contact_point(client, kind=ContactKind(kind), value=value, preferred=preferred, actor=actor)


def _number(text: str, *, field: str) -> str:
    """Return a phone number as E.164; raise Invalid `phone_invalid` that names the field it came in."""
    number = to_e164(text)
    if number is None:
        raise Invalid(code="phone_invalid", fields={field: ["This is not a phone number that a carrier could own."]})
    return number


def _add_contact_point(client: Client, *, kind: ContactKind, value: str, preferred: bool, actor: Actor) -> ContactPoint:
    at = clock.now()
    if preferred:
        before = ContactPoint.objects.live().filter(client=client, kind=kind, preferred=True)
        before.update(preferred=False, updated_at=at)
    try:
        with transaction.atomic():
            point = ContactPoint.objects.create(client=client, kind=kind, value=value, preferred=preferred)
    except IntegrityError as error:
        raise Conflict("The client already has this one.", code="contact_point_exists") from error
    payload: dict[str, Scalar] = {"contact_point_id": str(point.id), "kind": kind.value, "preferred": preferred}
    emit(Event(CONTACT_ADDED, client.id, client.id, client.organization_id, payload), actor=actor)
    return point


@transaction.atomic
def end_contact_point(*, client_id: UUID, contact_point_id: UUID, actor: Actor) -> ContactPoint:
    """Note that the client gave up a number or address. Raises NotVisible, NotPermitted."""
    client: Client = Client.objects.visible_to(actor).lock(client_id)
    require_role(actor, CASE_MANAGER_AND_UP)
    require_own(actor, client.organization_id)
    point: ContactPoint = ContactPoint.objects.visible_to(actor).filter(client_id=client_id).lock(contact_point_id)
    at = clock.now()
    if point.ended_at is None:
        point.ended_at = at
        point.preferred = False
        point.save_changes("ended_at", "preferred", at=at)
        payload = {"contact_point_id": str(point.id), "kind": point.kind}
        emit(Event(CONTACT_ENDED, client_id, client_id, point.client.organization_id, payload), actor=actor)
    return point


def mark_contact_point(*, contact_point_id: UUID, status: ContactStatus) -> None:
    """Write what the carrier taught us of a number (SMS-72). Inner: called by the delivery of texts."""
    ContactPoint.objects.filter(id=contact_point_id).update(status=status, updated_at=clock.DatabaseNow())
