"""Conversations over HTTP. Words only for roles that read them (SMS-43); a number is named by its contact point."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn, ScopedView
from notifications.models import Conversation, InboundText, Message, OverrideReason
from notifications.services.conversations import READS_TEXTS, Entry, read_texts, said_at, thread, unread, write_text
from notifications.services.wordings import words_as_sent

LONGEST = 160


class ConversationsIn(PageIn):
    """Filters of the list of conversations."""

    client = serializers.UUIDField(required=False)
    unread = serializers.BooleanField(required=False, default=False, help_text="True: only with texts nobody read.")


class ConversationOut(serializers.ModelSerializer[Conversation]):
    """One client's number, when something was last said, and how many texts nobody read."""

    unread = serializers.IntegerField()
    last_received_at = serializers.DateTimeField(allow_null=True)
    last_sent_status = serializers.CharField(allow_null=True)

    class Meta:
        model = Conversation
        fields = ("id", "client_id", "contact_point_id", "last_at", "last_received_at", "last_sent_status", "unread")


class ReaderOut(serializers.Serializer[Any]):
    """Who read a text, and when first."""

    user_id = serializers.UUIDField()
    at = serializers.DateTimeField()


class ThreadEntryOut(serializers.Serializer[Any]):
    """One thing said: by us (`sent`) or by the client (`received`). `text` is shown to roles that read it."""

    id = serializers.UUIDField()
    direction = serializers.ChoiceField(choices=["sent", "received"])
    at = serializers.DateTimeField()
    text = serializers.CharField(required=False, allow_null=True)
    kind = serializers.CharField(help_text="Of what we sent: its kind; of what came: how it was understood.")
    status = serializers.CharField(allow_null=True, help_text="Of what we sent: where it stands.")
    reason = serializers.CharField(allow_null=True)
    template_version = serializers.CharField(allow_null=True)
    written_by = serializers.UUIDField(allow_null=True, help_text="Who wrote it by hand.")
    check_in_id = serializers.UUIDField(allow_null=True)
    answer = serializers.IntegerField(allow_null=True, help_text="Of the check-in it asks or answers.")
    read_by = ReaderOut(many=True)

    def to_representation(self, entry: Any) -> Any:
        """Leave the words out where there are none to be shown."""
        shown = super().to_representation(entry)
        if "text" not in entry:
            shown.pop("text", None)
        return shown


class StaffTextIn(StrictSerializer):
    """A text in one's own words; the organization's alias is put before it."""

    text = serializers.CharField(max_length=LONGEST)
    override_reason = serializers.ChoiceField(
        choices=OverrideReason.choices, required=False, help_text="Supervisors: why a refused word may pass."
    )


class StaffTextOut(serializers.Serializer[Any]):
    """The message that carries it."""

    message_id = serializers.UUIDField()
    status = serializers.CharField()


class ReadingsOut(serializers.Serializer[Any]):
    """How many texts were newly read."""

    read = serializers.IntegerField()


class ConversationsView(ListView):
    """GET: conversations, the latest first."""

    model = Conversation
    output = ConversationOut
    query = ConversationsIn
    filters = {"client": "client_id"}
    ordering = ("-last_at", "-id")
    audit_action = "conversation"

    def narrow(self, rows: QuerySet[Any], asked: Any) -> QuerySet[Any]:
        """Add what stands beside each: unread texts, the last that came, where the last that went stands."""
        came = InboundText.objects.filter(contact_point=OuterRef("contact_point_id"), client=OuterRef("client_id"))
        went = Message.objects.filter(contact_point=OuterRef("contact_point_id"), sent_at__isnull=False)
        waiting = unread().order_by().values("contact_point").annotate(n=Count("pk")).values("n")
        kept: QuerySet[Any] = (
            super()
            .narrow(rows, asked)
            .annotate(
                unread=Coalesce(Subquery(waiting, output_field=IntegerField()), 0),
                last_received_at=Subquery(came.order_by("-received_at").values("received_at")[:1]),
                last_sent_status=Subquery(went.order_by("-planned_at", "-id").values("status")[:1]),
            )
        )
        if asked["unread"]:
            kept = kept.filter(unread__gt=0)
        return kept

    @extend_schema(operation_id="conversations_list", parameters=[ConversationsIn], responses=page_of(ConversationOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the conversations with clients you may see, one per client and number."""
        return super().get(request, **kwargs)


class ConversationView(ScopedView):
    """GET: one conversation, newest first."""

    model = Conversation
    output = ThreadEntryOut
    audit_action = "conversation"

    @extend_schema(operation_id="conversations_read", parameters=[PageIn], responses=page_of(ThreadEntryOut))
    def get(self, request: Request, pk: UUID) -> Response:
        """Read what was sent and received: delivery, answers, by whom read and when."""
        asked = self.asked(PageIn)
        conversation = self.rows().fetch(pk)  # type: ignore[attr-defined]
        found = thread(conversation, cursor=asked.get("cursor"), limit=asked["limit"])
        self.saw("conversation.read", object_id=conversation.pk, client_ids=[conversation.client_id])
        words = words_as_sent([each for each in found.entries if isinstance(each, Message)])
        may_read = self.actor.has_role(*READS_TEXTS)
        rows = [_entry(each, words=words, may_read=may_read) for each in found.entries]
        return Response({"results": ThreadEntryOut(rows, many=True).data, "next": found.following})


def _entry(entry: Entry, *, words: dict[UUID, str | None], may_read: bool) -> dict[str, Any]:
    check_in = entry.check_in
    shown: dict[str, Any] = {
        "id": entry.pk,
        "at": said_at(entry),
        "check_in_id": entry.check_in_id,
        "answer": check_in.answer if check_in is not None else None,
    }
    if isinstance(entry, Message):
        by_hand = getattr(entry, "staff_text", None)
        shown |= {"direction": "sent", "kind": entry.kind, "status": entry.status, "reason": entry.reason}
        shown |= {"template_version": entry.template_version or None, "read_by": []}
        shown |= {"written_by": by_hand.written_by if by_hand else None, "text": words.get(entry.pk)}
    else:
        shown |= {"direction": "received", "kind": entry.understood_as, "status": None, "reason": None}
        shown |= {"template_version": None, "written_by": None, "text": entry.body}
        shown["read_by"] = sorted(entry.readings.all(), key=lambda each: each.at)
    if not may_read:
        shown.pop("text")
    return shown


class ReadingsView(ApiView):
    """POST: the caller read what came."""

    audit_action = "conversation"

    @extend_schema(operation_id="conversations_mark_read", request=None, responses={200: ReadingsOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Note that you read everything that came so far."""
        return Response({"read": read_texts(conversation_id=pk, actor=self.actor)})


class StaffTextsView(ApiView):
    """POST: an answer in one's own words."""

    audit_action = "conversation"

    @extend_schema(operation_id="conversations_write", request=StaffTextIn, responses={201: StaffTextOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Text the client. The linter and the gate judge it like every text; supervisors may override the linter."""
        given = self.given(StaffTextIn)
        message = write_text(
            conversation_id=pk,
            text=given["text"],
            override_reason=given.get("override_reason", ""),
            actor=self.actor,
        )
        return Response({"message_id": message.pk, "status": message.status}, status=201)
