"""Waitlists, offers and beds, made the way people make them: through the doors."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from casemgmt.accounts.models import Organization
from casemgmt.episodes.models import Episode
from casemgmt.episodes.stages import Stage
from casemgmt.kernel.actor import Actor
from casemgmt.places.models import Bed, Offer, WaitlistEntry
from casemgmt.places.services.beds import NewBed, add_bed
from casemgmt.places.services.listing import NewEntry, add_entry
from casemgmt.places.services.offering import offer_place
from casemgmt.places.words import WaitPriority
from programs.models import Program
from programs.rules.kinds import Kind

from . import episodes, people, programs


def spell(at: Organization, *, stage: Stage = Stage.WAITLIST, **fields: Any) -> Episode:
    """Return an episode of a new client of an organization, committed together with its ledger."""
    with transaction.atomic():
        return episodes.episode(people.client(at, phone=None, **fields), stage=stage)


def waiting(program: Program, by: Actor, *, episode: Episode | None = None, **fields: Any) -> WaitlistEntry:
    """Return somebody who waits for a program, listed by a member of staff."""
    known = {"priority": WaitPriority.ROUTINE, **fields}
    found = episode or spell(Organization.objects.get(pk=by.organization_id))
    return add_entry(new=NewEntry(found.id, program.id, **known), actor=by)


def offered(program: Program, by: Actor, *, bed: Bed | None = None) -> Offer:
    """Return the offer that the first in line whom it fits gets."""
    return offer_place(program_id=program.id, bed_id=bed.id if bed else None, actor=by)


def house(at: Organization, **fields: Any) -> Program:
    """Return a residence."""
    return programs.program(at, kind=Kind.SOBER_LIVING, **fields)


def bed(program: Program, by: Actor, *, room: str = "1", name: str = "a", **fields: Any) -> Bed:
    """Return a bed of a residence."""
    return add_bed(program_id=program.id, new=NewBed(room, name, **fields), actor=by)
