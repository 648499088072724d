"""Putting a text on its way: a row by template, never words. Inner: called inside doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import translation
from django.utils.formats import date_format

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import ContactPoint
from casemgmt.kernel.transactions import require_atomic
from casemgmt.safety.lexicon import accentless
from notifications.models import CheckIn, Message, MessageKind
from notifications.wording import Key, Language, WordingError, render

from .wordings import own_of

REPLY_LIFE = timedelta(minutes=15)  # a reply later than this would only puzzle (SMS-34)
REQUEST_LIFE = timedelta(hours=48)  # a night in quiet hours and a day


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to be: what for, in which wording, to which number, on whose behalf, until when (aware UTC)."""

    kind: MessageKind
    key: Key
    point: ContactPoint
    organization_id: UUID
    due_at: datetime
    not_after: datetime
    check_in: CheckIn | None = None
    answers_receipt: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)  # merge fields without personal data (SMS-41)


def row_of(draft: Draft) -> Message:
    """Return the unsaved message of a draft; `draft.point.client` decides the language."""
    client = draft.point.client
    return Message(
        organization_id=draft.organization_id,
        client_id=client.id,
        contact_point_id=draft.point.id,
        check_in=draft.check_in,
        answers_receipt=draft.answers_receipt,
        kind=draft.kind,
        template=str(draft.key),
        language=spoken(client.language),
        planned_at=draft.due_at,
        due_at=draft.due_at,
        not_after=draft.not_after,
        params=dict(draft.params),
    )


def put_on_its_way(draft: Draft) -> None:
    """Write the message of a draft; answering the same inbound text twice writes nothing (SMS-24)."""
    require_atomic()
    Message.objects.bulk_create([row_of(draft)], ignore_conflicts=True)


def spoken(language: str) -> str:
    """Return the language of our templates for a BCP 47 tag: `es` for Spanish, else `en`."""
    primary = language.partition("-")[0].lower()
    return primary if primary in {*Language} else Language.ENGLISH.value


def day_told(day: datetime, language: str) -> str:
    """Return a local day as our texts say it, in one of our languages and without the accents that GSM-7 lacks."""
    with translation.override(language):
        return accentless(date_format(day, "D j M" if language == Language.SPANISH else "D M j"))


def words_of(message: Message, organization: Organization) -> tuple[str, str] | None:
    """Return the text of a message and the name of its wording; None when the organization lacks what it needs."""
    if message.kind == MessageKind.STAFF:
        return message.staff_text.body, message.template
    known = {"alias": organization.sms_alias, "phone": organization.phone, "email": organization.email}
    fields = {slot: value for slot, value in {**known, **message.params}.items() if value}
    try:
        key = Key(message.template)
        rendered = render(key, message.language, fields, own_of(message.organization_id, key=key))
    except WordingError:
        return None
    return rendered.text, rendered.template_version
