"""Putting imported people into the database: in batches, set by set, one transaction each. A door.

What the import promises: a source id of one source system makes one client of an organization, however often and by
however many at once it is imported. On a repeat nothing of ours is overwritten; a difference is reported. One thing is
taken over: that the person died, because texts must stop (T17).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from uuid import UUID

from django.db import transaction

from casemgmt.access.models import Reason
from casemgmt.access.services import grant_all
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP
from casemgmt.audit.record import record
from casemgmt.clients.models import Client, ContactKind, ContactPoint, ContactStatus
from casemgmt.clients.services import note_death, require_role
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.transactions import one_at_a_time
from casemgmt.kernel.wall import acting_as

from .patient import Person, Unreadable, person_of
from .reading import Found
from .report import Outcome, Remark, Tally

IMPORTER = Actor.system("import_fhir")
BATCH = 500
COMPARED = ("given_name", "family_name", "birth_date", "language", "residence_state", "city")

Told = Callable[[Remark], None]
Key = tuple[str, str, date]  # family name, given name, date of birth


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to import for, what to call the source, and whether to leave no trace (`dry_run`)."""

    organization_id: UUID
    source_system: str
    dry_run: bool = False


@dataclass(slots=True)
class _Batch:
    """The rows of one transaction and what is known of them."""

    known: dict[str, Client]
    contacts: dict[UUID, set[tuple[str, str]]]
    alike: set[Key]
    clients: list[Client] = field(default_factory=list)
    points: list[ContactPoint] = field(default_factory=list)


def import_patients(found: Iterable[Found], *, order: Order, actor: Actor, told: Told) -> Tally:
    """Import people for an organization and return the counts; `told` hears each remark once its batch is in.

    Commits batch by batch, so that an interrupted import keeps what it did and may be repeated. A dry run does
    everything and takes it back at the end, so that it tells exactly what an import would. Raises NotPermitted.
    """
    require_role(actor, CASE_MANAGER_AND_UP)
    tally = Tally()
    rows = iter(found)
    with acting_as(IMPORTER) if order.dry_run else nullcontext():
        while batch := list(islice(rows, BATCH)):
            remarks = _import_batch(batch, order=order, actor=actor, tally=tally)
            for remark in remarks:
                tally.note(remark)
                told(remark)
        if order.dry_run:
            transaction.set_rollback(True)
    return tally


@acting_as(IMPORTER)
def _import_batch(rows: list[Found], *, order: Order, actor: Actor, tally: Tally) -> list[Remark]:
    at = clock.now()
    remarks: list[Remark] = []
    people = _read(rows, today=at.date(), tally=tally, remarks=remarks)
    one_at_a_time(f"import_fhir:{order.organization_id}")  # from here on "is it known" stays true
    batch = _look_up([person for _, person in people], order=order)
    for place, person in people:
        client = batch.known.get(person.source_id)
        if client is None:
            codes = [*person.remarks, *_add(person, batch=batch, order=order)]
            tally.imported += 1
        else:
            codes = _compare(person, client, batch=batch, actor=actor)
            tally.differing += bool(codes)
            tally.unchanged += not codes
        remarks += [Remark(place, person.source_id, Outcome.WARNED, code) for code in codes]
    _save(batch, order=order, actor=actor)
    return remarks


def _read(rows: list[Found], *, today: date, tally: Tally, remarks: list[Remark]) -> list[tuple[str, Person]]:
    """Return the people of a batch with their places; note what cannot be one."""
    people = []
    for row in rows:
        try:
            person = person_of(row.resource, today=today)
        except Unreadable as error:
            if error.code == "not_a_patient" and row.in_bundle:
                tally.skipped += 1
                continue
            remarks.append(Remark(row.place, error.source_id, Outcome.REFUSED, error.code))
        else:
            people.append((row.place, person))
        tally.read += 1
    return people


def _look_up(people: list[Person], *, order: Order) -> _Batch:
    """Return who of a batch is known by source id, their contacts, and who else has the same name and birth date."""
    ours = Client.objects.filter(organization_id=order.organization_id)
    ids = [person.source_id for person in people]
    known = {client.source_id: client for client in ours.filter(source_system=order.source_system, source_id__in=ids)}
    contacts: dict[UUID, set[tuple[str, str]]] = {client.id: set() for client in known.values()}
    for client_id, kind, value in ContactPoint.objects.filter(client_id__in=contacts).values_list(
        "client_id", "kind", "value"
    ):
        contacts[client_id].add((kind, value))
    new = [person for person in people if person.source_id not in known and person.birth_date]
    same = ours.filter(
        family_name__in={person.family_name for person in new}, birth_date__in={person.birth_date for person in new}
    )
    alike = {
        _key(family_name, given_name, birth_date)
        for family_name, given_name, birth_date in same.values_list("family_name", "given_name", "birth_date")
        if birth_date is not None
    }
    return _Batch(known, contacts, alike)


def _key(family_name: str, given_name: str, birth_date: date) -> Key:
    return family_name, given_name.casefold(), birth_date


def _add(person: Person, *, batch: _Batch, order: Order) -> list[str]:
    """Queue a new client with its contact points; return the codes of what is remarkable about that."""
    client = Client(
        organization_id=order.organization_id,
        source_system=order.source_system,
        source_id=person.source_id,
        deceased=person.deceased,
        deceased_on=person.deceased_on,
        **{name: getattr(person, name) for name in COMPARED},
    )
    batch.clients.append(client)
    batch.known[person.source_id] = client
    batch.contacts[client.id] = {(contact.kind, contact.value) for contact in person.contacts}
    for kind in ContactKind:
        contacts = sorted((each for each in person.contacts if each.kind == kind), key=lambda each: not each.valid)
        for position, contact in enumerate(contacts):  # a number that works is preferred to one that does not
            status = ContactStatus.UNVERIFIED if contact.valid else ContactStatus.INVALID
            batch.points.append(
                ContactPoint(client=client, kind=kind, value=contact.value, status=status, preferred=position == 0)
            )
    if person.birth_date is None:
        return []
    key = _key(person.family_name, person.given_name, person.birth_date)
    alike = key in batch.alike
    batch.alike.add(key)
    return ["possible_duplicate"] if alike else []


def _compare(person: Person, client: Client, *, batch: _Batch, actor: Actor) -> list[str]:
    """Return how the source differs from our record; take over a death and nothing else."""
    codes = []
    contacts = {(contact.kind, contact.value) for contact in person.contacts}
    if any(getattr(person, name) != getattr(client, name) for name in COMPARED) or contacts - batch.contacts[client.id]:
        codes.append("differs")
    if person.deceased and not client.deceased:
        if client in batch.clients:  # the same id twice in this batch, not saved yet
            client.deceased, client.deceased_on = True, person.deceased_on
        else:
            note_death(Client.objects.lock(client.id), died_on=person.deceased_on, actor=actor)
        codes.append("died_since")
    return codes


def _save(batch: _Batch, *, order: Order, actor: Actor) -> None:
    if not batch.clients:
        return
    Client.objects.bulk_create(batch.clients)
    ContactPoint.objects.bulk_create(batch.points)
    ids = [client.id for client in batch.clients]
    grant_all(client_ids=ids, organization_id=order.organization_id, reason=Reason.CARE, actor=actor)
    record("client.imported", actor=actor, object_type="client", client_ids=ids)
