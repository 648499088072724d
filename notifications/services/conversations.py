"""Conversations: the list, one thread page by page, reading it, and answering in one's own words (SMS-42, SMS-43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from casemgmt.accounts.models import Organization
from casemgmt.accounts.roles import CASE_MANAGER_AND_UP, Role
from casemgmt.audit.record import record
from casemgmt.clients.models import ContactStatus
from casemgmt.kernel import clock
from casemgmt.kernel.actor import Actor
from casemgmt.kernel.errors import Invalid, NotPermitted, Refused
from notifications.models import (
    Conversation,
    InboundText,
    Message,
    MessageKind,
    StaffText,
    TextingConsent,
    TextingState,
    TextReading,
)
from notifications.wording import lint
from notifications.wording.linter import PHI

from .wordings import BY_HAND, INCOMPLETE

READS_TEXTS = frozenset({*CASE_MANAGER_AND_UP, Role.PRIVACY_OFFICER.value})  # table 1.9, SMS-43
WRITES_TEXTS = CASE_MANAGER_AND_UP
TEXT_LIFE = timedelta(hours=24)  # through a night of quiet hours

Entry = Message | InboundText


@dataclass(frozen=True, slots=True)
class Thread:
    """One page of a conversation, newest first, and the cursor of the next."""

    entries: list[Entry]
    following: str | None


def sent_to(conversation: Conversation) -> QuerySet[Message]:
    """Return what went, or was to go by now, to the number of a conversation."""
    rows = Message.objects.filter(contact_point_id=conversation.contact_point_id, client_id=conversation.client_id)
    return rows.filter(planned_at__lte=clock.now())


def came_from(conversation: Conversation) -> QuerySet[InboundText]:
    """Return what its client wrote. What came while several had the number belongs to no conversation (CHK-04)."""
    return InboundText.objects.filter(contact_point_id=conversation.contact_point_id, client_id=conversation.client_id)


def unread() -> QuerySet[InboundText]:
    """Return, for an outer query over conversations, texts that nobody read."""
    mine = InboundText.objects.filter(contact_point=OuterRef("contact_point_id"), client=OuterRef("client_id"))
    return mine.filter(~Exists(TextReading.objects.filter(text=OuterRef("pk"))))


def thread(conversation: Conversation, *, cursor: str | None, limit: int) -> Thread:
    """Return one page. The cursor is the id of its last entry; raises Invalid `cursor_invalid` for another's."""
    sent, came = sent_to(conversation), came_from(conversation)
    if cursor is not None:
        place = sent.filter(pk=cursor).values_list("planned_at").first()
        place = place or came.filter(pk=cursor).values_list("received_at").first()
        if place is None:
            raise Invalid("This cursor leads nowhere. Start again from the first page.", code="cursor_invalid")
        sent, came = (
            sent.filter(_before("planned_at", place[0], cursor)),
            came.filter(_before("received_at", place[0], cursor)),
        )
    joined = sent.select_related("organization", "check_in", "staff_text").order_by("-planned_at", "-id")
    heard = came.select_related("check_in").prefetch_related("readings").order_by("-received_at", "-id")
    both: list[Entry] = [*joined[: limit + 1], *heard[: limit + 1]]
    both.sort(key=lambda entry: (said_at(entry), entry.pk), reverse=True)
    following = str(both[limit - 1].pk) if len(both) > limit else None
    return Thread(both[:limit], following)


def said_at(entry: Entry) -> datetime:
    """Return where in the conversation something stands."""
    return entry.planned_at if isinstance(entry, Message) else entry.received_at


def _before(column: str, at: datetime, pk: str) -> Q:
    return Q(**{f"{column}__lte": at}) & (Q(**{f"{column}__lt": at}) | Q(pk__lt=pk))


@transaction.atomic
def read_texts(*, conversation_id: UUID, actor: Actor) -> int:
    """Note that the actor read what came so far; return how many texts that newly were.

    Raises NotVisible, NotPermitted for roles that are not shown the words.
    """
    conversation = Conversation.objects.visible_to(actor).fetch(conversation_id)
    if actor.id is None or not actor.has_role(*READS_TEXTS):
        raise NotPermitted(who=sorted(READS_TEXTS))
    mine = TextReading.objects.filter(text=OuterRef("pk"), user_id=actor.id)
    new = list(came_from(conversation).filter(~Exists(mine)).values_list("pk", flat=True))
    at = clock.now()
    rows = [TextReading(text_id=each, user_id=actor.id, at=at) for each in new]
    TextReading.objects.bulk_create(rows, ignore_conflicts=True)
    _record("conversation.texts_read", conversation, actor=actor)
    return len(new)


@transaction.atomic
def write_text(*, conversation_id: UUID, text: str, override_reason: str, actor: Actor) -> Message:
    """Answer a client in one's own words, behind the organization's alias; it leaves by the gate like every text.

    What the linter calls revealing passes only when a supervisor says why (SMS-42). Raises NotVisible, NotPermitted,
    Refused with the linter's code, `sms_no_consent`, `sms_opted_out`, `sms_number_invalid` or `wording_incomplete`.
    """
    conversation: Conversation = Conversation.objects.visible_to(actor).lock(conversation_id)
    allowed = frozenset({Role.SUPERVISOR.value}) if override_reason else WRITES_TEXTS
    if actor.id is None or actor.organization_id is None or not actor.has_role(*allowed):
        raise NotPermitted(who=sorted(allowed))
    body = _worded(text, Organization.objects.get(pk=actor.organization_id), override_reason=override_reason)
    _require_reachable(conversation)
    at = clock.now()
    message = Message.objects.create(
        organization_id=actor.organization_id,
        client_id=conversation.client_id,
        contact_point_id=conversation.contact_point_id,
        kind=MessageKind.STAFF,
        template=BY_HAND,
        language="en",
        planned_at=at,
        due_at=at,
        not_after=at + TEXT_LIFE,
    )
    StaffText.objects.create(
        message=message, body=body, written_by=actor.id, override_reason=override_reason, written_at=at
    )
    Conversation.objects.touch(client_id=conversation.client_id, contact_point_id=conversation.contact_point_id, at=at)
    _record("conversation.text_written", conversation, actor=actor, reason=override_reason)
    return message


def _worded(text: str, organization: Organization, *, override_reason: str) -> str:
    if not organization.sms_alias:
        raise Refused("Your organization has no alias for texts yet.", code=INCOMPLETE)
    body = f"{organization.sms_alias}: {text}"
    refusal = lint(body)
    if refusal is not None and not (refusal == PHI and override_reason):
        raise Refused("This text could reveal too much, or is too long for one text.", code=refusal)
    return body


def _require_reachable(conversation: Conversation) -> None:
    """Refuse at once what the gate would refuse; the gate asks again at the moment of sending."""
    point = conversation.contact_point
    if point.status in (ContactStatus.INVALID, ContactStatus.NOT_MOBILE):
        raise Refused("This number takes no texts.", code="sms_number_invalid")
    consent = TextingConsent.objects.filter(contact_point_id=point.id).first()
    if consent is not None and consent.state == TextingState.OPTED_OUT:
        raise Refused("The client stopped the texts. Call instead.", code="sms_opted_out")
    if consent is None or consent.state != TextingState.OPTED_IN:
        raise Refused("The client has not agreed to texts at this number.", code="sms_no_consent")


def _record(action: str, conversation: Conversation, *, actor: Actor, reason: str = "") -> None:
    record(
        action,
        actor=actor,
        object_type="conversation",
        object_id=conversation.id,
        client_ids=[conversation.client_id],
        reason_code=reason,
    )
