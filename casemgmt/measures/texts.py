"""Doors to the wording of instruments: accepting a license, loading a text, and the catalog as an organization sees it.

What may ship, ships (rules.md, 4). Everything else an organization loads itself, after its supervisor accepted the
terms as they are worded now; other organizations do not see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgmt.audit.record import record
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Conflict, Invalid, NotPermitted, Refused

from .instruments import CATALOG
from .instruments.shape import Instrument
from .models import InstrumentLicenseAcceptance, InstrumentText
from .words import LOADS_TEXT

SHIPPED_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class NewText:
    """The wording of an instrument in one language (BCP 47): one text per item number, and what introduces them."""

    instrument: str
    language: str
    texts: Mapping[str, str]
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An instrument as an organization sees it. `text_language` is '' where there are labels only."""

    instrument: Instrument
    text_language: str
    accepted_at: datetime | None


@transaction.atomic
def accept_license(*, instrument: str, terms_hash: str, actor: Actor) -> InstrumentLicenseAcceptance:
    """Accept the terms of an instrument for the actor's organization, as the catalog shows them now.

    `terms_hash` names the terms that were read. Accepting again changes nothing. Raises NotPermitted (a supervisor
    answers for the organization), Conflict `terms_changed`.
    """
    staff_id, organization_id = _who(actor)
    terms = CATALOG[instrument].license
    if terms_hash != terms.terms_hash:
        raise Conflict("The terms are others than those you read. Read them again.", code="terms_changed")
    row, made = InstrumentLicenseAcceptance.objects.get_or_create(
        organization_id=organization_id,
        instrument=instrument,
        terms_hash=terms_hash,
        defaults={"holder": terms.holder, "accepted_by_id": staff_id},
    )
    if made:
        record("instrument.license_accepted", actor=actor, object_type="instrument", object_id=None, client_ids=[])
        row.refresh_from_db()
    return row


@transaction.atomic
def load_text(*, new: NewText, actor: Actor) -> InstrumentText:
    """Load the wording of every item of an instrument for the actor's organization; what was loaded before stays.

    Raises NotPermitted, Refused `license_not_accepted` (also when the terms changed since), Conflict `text_ships`,
    Invalid by field.
    """
    staff_id, organization_id = _who(actor)
    instrument, language = CATALOG[new.instrument], new.language.lower()
    accepted = InstrumentLicenseAcceptance.objects.of(organization_id).filter(
        instrument=new.instrument, terms_hash=instrument.license.terms_hash
    )
    acceptance = accepted.first()
    if acceptance is None:
        raise Refused("Accept the license of this instrument first.", code="license_not_accepted")
    if instrument.ships_text and language == SHIPPED_LANGUAGE:
        raise Conflict("The wording in this language comes with the program.", code="text_ships")
    _check(instrument, new.texts)
    row = InstrumentText.objects.create(
        organization_id=organization_id,
        acceptance=acceptance,
        instrument=new.instrument,
        version=instrument.version,
        language=language,
        stem=new.stem.strip(),
        texts={code: text.strip() for code, text in new.texts.items()},
        loaded_by_id=staff_id,
    )
    record("instrument.text_loaded", actor=actor, object_type="instrument", object_id=None, client_ids=[])
    return row


def catalog_of(*, organization_id: UUID | None, language: str) -> list[Shown]:
    """Return every instrument with the wording an organization may use in a language. Two queries.

    Where it loaded none in that language, the shipped English wording is shown, or the labels alone.
    """
    in_force = InstrumentText.objects.in_force(organization_id=organization_id, language=language.lower())
    loaded = {(row.instrument, row.version): row for row in in_force}
    rows = InstrumentLicenseAcceptance.objects.of(organization_id)
    accepted = {(row.instrument, row.terms_hash): row.at for row in rows}
    return [
        _shown(each, loaded.get((each.code, each.version)), accepted.get((each.code, each.license.terms_hash)))
        for each in CATALOG.values()
    ]


def _shown(instrument: Instrument, text: InstrumentText | None, accepted_at: datetime | None) -> Shown:
    if text is None or accepted_at is None:
        return Shown(instrument, SHIPPED_LANGUAGE if instrument.ships_text else "", accepted_at)
    # the words of the answers are English; they do not go with a wording in another language
    items = tuple(replace(item, text=text.texts.get(item.code), options=()) for item in instrument.items)
    return Shown(replace(instrument, items=items, stem=text.stem or None), text.language, accepted_at)


def _who(actor: Actor) -> tuple[UUID, UUID]:
    if actor.id is None or actor.organization_id is None or not actor.has_role(*LOADS_TEXT):
        raise NotPermitted(who=sorted(LOADS_TEXT))
    return actor.id, actor.organization_id


def _check(instrument: Instrument, texts: Mapping[str, str]) -> None:
    """Raise Invalid unless every item has its text and nothing else has one."""
    codes = {item.code for item in instrument.items}
    needed = {item.code for item in instrument.items if not item.optional}
    wrong = {code: "This is no item of the instrument." for code in texts.keys() - codes}
    wrong |= {code: "This item needs its text." for code in needed if not texts.get(code, "").strip()}
    if wrong:
        raise Invalid(fields={f"texts.{code[:60]}": [sentence] for code, sentence in sorted(wrong.items())})
