"""Understanding what people text us, and what follows: crisis first, then opt-out, opt-in, help, answers (SMS-60).

Inner: runs in the transaction of one inbound receipt. A text of a number that several clients share, or that nobody
has, is answered by a person, not by us (CHK-04).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import ContactPoint, ContactStatus
from casemgmt.clients.services import mark_contact_point
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.events import Event
from casemgmt.kernel.events import topic as register_topic
from casemgmt.outbox.emit import emit
from casemgmt.safety.lexicon import accentless, normalize, phrase
from notifications import lexicon
from notifications.models import (
    CaptureChannel,
    ConsentEvent,
    Conversation,
    InboundText,
    Message,
    MessageKind,
    Receipt,
    TextingConsent,
    TextingState,
    Understood,
)
from notifications.wording import Key

from . import answers
from .appointments import confirm_by_reply
from .composing import REPLY_LIFE, Draft, day_told, put_on_its_way, spoken
from .preferences import wish_by_text
from .texting_consent import Said, opt_in_again, opt_out_number, points_of, write_event

RECEIVED = register_topic("text.received")
SENDER = Actor.system("inbound-text")
UNPARSED_AT_MOST_EVERY = timedelta(days=1)  # CHK-05
CRISIS_AT_MOST_EVERY = timedelta(hours=1)  # SMS-66: no conversation with a machine


@dataclass(frozen=True, slots=True)
class Arrived:
    """One text with everything known about where it came from. `point` is None for a number nobody has."""

    text: InboundText
    reading: lexicon.Reading
    number: str
    points: tuple[ContactPoint, ...]
    consents: tuple[TextingConsent, ...]
    at: datetime
    provider_message_sid: str = ""

    def said(self, event: ConsentEvent, *, inferred: bool = False) -> Said:
        """Return what this text says about consent, with where it says so."""
        sid, receipt_id = self.provider_message_sid, self.text.receipt_id
        channel = CaptureChannel.INBOUND_SMS
        return Said(event, channel, inferred=inferred, receipt_id=receipt_id, provider_message_sid=sid)

    @property
    def point(self) -> ContactPoint | None:
        """The contact point a reply would go to."""
        return self.points[0] if self.points else None

    @property
    def is_shared(self) -> bool:
        """Whether several clients have the number."""
        return len(self.points) > 1

    def has_state(self, state: TextingState) -> bool:
        """Whether some client's consent for the number is in `state`."""
        return any(consent.state == state for consent in self.consents)

    @property
    def is_stopped(self) -> bool:
        """Whether everybody who has the number stopped its texts before this one came."""
        states = {consent.state for consent in self.consents}
        return states == {TextingState.OPTED_OUT} and len(self.consents) == len(self.points)


def take_in(receipt: Receipt, *, at: datetime) -> None:
    """Write an inbound text down and do everything that follows from it.

    The consents of the number are locked first, so that texts from one number are understood one after the other and
    never while something is being sent to it.
    """
    number, body = str(receipt.payload["sender"]), str(receipt.payload["body"])
    points = tuple(points_of(number).select_related("client__organization"))
    consents = tuple(TextingConsent.objects.all().hold_all([point.id for point in points]))
    reading = lexicon.classify(body)
    text = _write_down(receipt, reading, number=number, body=body, points=points)
    sid = str(receipt.payload.get("provider_id", ""))
    arrived = Arrived(text, reading, number, points, consents, at, sid)
    emit(Event(RECEIVED, text.id, text.client_id, text.organization_id, {"as": str(text.understood_as)}), actor=SENDER)
    for point in points:
        if point.status == ContactStatus.UNVERIFIED and not arrived.is_shared:
            mark_contact_point(contact_point_id=point.id, status=ContactStatus.VALID)
    if reading.crisis:
        _call_for_help(arrived, term=reading.crisis)
    if reading.opt_out:
        _stop(arrived)
    elif not reading.crisis:
        _respond(arrived)


def _call_for_help(arrived: Arrived, *, term: str) -> None:
    """Call people first; then tell the sender, where a text of ours still gets through (SMS-62, SMS-63)."""
    silent = arrived.reading.opt_out is not None or arrived.has_state(TextingState.OPTED_OUT)
    answers.call_for_help(arrived.text, term=term, call_only=silent or arrived.point is None, at=arrived.at)
    if not silent and not _said_lately(arrived, Key.CRISIS_PAGED, within=CRISIS_AT_MOST_EVERY):
        _reply(arrived, MessageKind.REPLY, Key.CRISIS_PAGED)


def _write_down(
    receipt: Receipt, reading: lexicon.Reading, *, number: str, body: str, points: tuple[ContactPoint, ...]
) -> InboundText:
    only = points[0] if len(points) == 1 else None
    if only is not None:  # a number that several have is nobody's conversation (CHK-04)
        Conversation.objects.touch(client_id=only.client_id, contact_point_id=only.id, at=receipt.received_at)
    return InboundText.objects.create(
        receipt_id=receipt.pk,
        client_id=only.client_id if only else None,
        contact_point=points[0] if points else None,
        organization_id=_organization_for(points),
        unknown_sender="" if points else number[:20],
        body=body,
        understood_as=_understood(reading),
        opted_out=reading.opt_out is not None,
        lexicon_version=reading.lexicon_version,
        received_at=receipt.received_at,
    )


def _organization_for(points: tuple[ContactPoint, ...]) -> UUID | None:
    """Return who handles a text: who texted the number last, else who knows the client, else who runs the instance."""
    last = Message.objects.filter(contact_point__in=points, sent_at__isnull=False).order_by("-sent_at").first()
    if last is not None:
        return last.organization_id
    if points:
        return points[0].client.organization_id
    return Organization.objects.filter(joined=True).order_by("created_at", "id").values_list("id", flat=True).first()


def _understood(reading: lexicon.Reading) -> Understood:
    if reading.crisis:
        return Understood.CRISIS
    if reading.opt_out:
        return Understood.OPT_OUT
    if reading.opt_in or reading.bare_yes:
        return Understood.OPT_IN
    if reading.help:
        return Understood.HELP
    if reading.pause_days or reading.resume:
        return Understood.WISH
    return Understood.ANSWER if reading.answer else Understood.UNPARSED


def _stop(arrived: Arrived) -> None:
    """Opt the number out now; confirm once unless the carrier does (SMS-24); let a person look at what we inferred."""
    inferred = arrived.reading.opt_out is lexicon.OptOut.INFERRED
    said = arrived.said(ConsentEvent.OPT_OUT, inferred=inferred)
    opt_out_number(number=arrived.number, said=said, at=arrived.at, actor=SENDER)
    if inferred:
        answers.let_somebody_read(arrived.text, at=arrived.at)
    if arrived.reading.wrong_number:
        for point in arrived.points:
            mark_contact_point(contact_point_id=point.id, status=ContactStatus.INVALID)
            answers.ask_for_number(point, at=arrived.at)
    if not settings.PROVIDER_HANDLES_OPTOUT_REPLY and not arrived.is_stopped:
        within = timedelta(minutes=settings.OPTOUT_CONFIRM_MAX_MINUTES)
        _reply(arrived, MessageKind.STOP_CONFIRM, Key.STOP_CONFIRM, within=within)


def _respond(arrived: Arrived) -> None:
    """Do what a text without crisis and opt-out asks for."""
    reading = arrived.reading
    if (reading.opt_in or reading.bare_yes) and _start(arrived):
        return
    if confirm_by_reply(arrived.text, said=phrase(accentless(normalize(arrived.text.body))), at=arrived.at):
        return
    if reading.help:
        _reply(arrived, MessageKind.REPLY, Key.HELP)
        answers.let_somebody_read(arrived.text, at=arrived.at)
    elif (reading.pause_days or reading.resume) and _wish(arrived):
        return
    elif reading.answer and not arrived.is_shared and arrived.point is not None:
        if answers.note_answer(arrived.text, reading.answer, at=arrived.at):
            _reply(arrived, MessageKind.REPLY, Key.AFTER_HOURS)
    else:
        _say_that_somebody_reads(arrived)


def _wish(arrived: Arrived) -> bool:
    """Pause the check-ins, or go on with them, as the phone asks (CHK-09); False when a person has to see to it."""
    point, days = arrived.point, arrived.reading.pause_days
    if point is None or arrived.is_shared or not arrived.has_state(TextingState.OPTED_IN):
        return False
    until = wish_by_text(arrived.text, point.client, days=days, at=arrived.at)
    if until is None:
        return False
    told = {"date": day_told(until, spoken(point.client.language))}
    _reply(arrived, MessageKind.REPLY, Key.PAUSED if days else Key.RESUMED, params=told if days else {})
    return True


def _start(arrived: Arrived) -> bool:
    """Confirm a pending consent or resume a stopped one (SMS-04, SMS-23); False when there was neither."""
    pending = [consent for consent in arrived.consents if consent.state == TextingState.PENDING]
    if len(pending) == 1:
        write_event(pending[0], said=arrived.said(ConsentEvent.CONFIRM), at=arrived.at, actor=SENDER)
        _reply(arrived, MessageKind.REPLY, Key.OPTIN_CONFIRM)
        return True
    if arrived.has_state(TextingState.OPTED_OUT):
        resumed = opt_in_again(
            arrived.consents,
            said=arrived.said(ConsentEvent.RE_OPT_IN),
            said_at=arrived.text.received_at,
            at=arrived.at,
            actor=SENDER,
        )
        if resumed and not settings.PROVIDER_HANDLES_OPTOUT_REPLY:
            _reply(arrived, MessageKind.REPLY, Key.OPTIN_CONFIRM)
        return bool(resumed)
    return arrived.reading.opt_in and arrived.has_state(TextingState.OPTED_IN)  # START twice is once


def _say_that_somebody_reads(arrived: Arrived) -> None:
    """Hand a text over to people, and say so at most once a day; a YES that nobody asked for is one of these."""
    reading = arrived.reading
    if reading.opt_in or reading.bare_yes or reading.pause_days or reading.resume:
        InboundText.objects.filter(pk=arrived.text.pk).update(understood_as=Understood.UNPARSED)
    answers.let_somebody_read(arrived.text, at=arrived.at)
    if not _said_lately(arrived, Key.UNPARSED, within=UNPARSED_AT_MOST_EVERY):
        _reply(arrived, MessageKind.REPLY, Key.UNPARSED)


def _said_lately(arrived: Arrived, key: Key, *, within: timedelta) -> bool:
    """Return whether the number was told this within the time."""
    said = Message.objects.filter(contact_point=arrived.point, template=key.value, created_at__gt=arrived.at - within)
    return arrived.point is not None and said.exists()


def _reply(
    arrived: Arrived,
    kind: MessageKind,
    key: Key,
    *,
    within: timedelta = REPLY_LIFE,
    params: Mapping[str, str] | None = None,
) -> None:
    """Put the one reply to this text on its way, if the number belongs to somebody we know."""
    if arrived.point is None or arrived.text.organization_id is None:
        return
    draft = Draft(
        kind=kind,
        key=key,
        point=arrived.point,
        organization_id=arrived.text.organization_id,
        due_at=arrived.at,
        not_after=arrived.at + within,
        answers_receipt=arrived.text.receipt_id,
        params=params or {},
    )
    put_on_its_way(draft)
