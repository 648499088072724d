"""An organization's own wordings of its texts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgmt.api.schema import page_of
from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import ApiView, ListView, PageIn
from notifications.models import OwnWording, WordingApproval
from notifications.models.own_wording import LONGEST
from notifications.services.wordings import approve_wording, end_wording, try_wording, write_wording
from notifications.wording import Key, Language

KEYS = [(each.value, each.value) for each in Key]
LANGUAGES = [(each.value, each.value) for each in Language]


class WordingIn(StrictSerializer):
    """A text, with its slots in braces."""

    key = serializers.ChoiceField(choices=KEYS)
    language = serializers.ChoiceField(choices=LANGUAGES)
    text = serializers.CharField(max_length=LONGEST, help_text="Slots: {alias} {date} {time} {phone} {email}.")


class WordingsIn(PageIn):
    """Filters of the list of wordings."""

    key = serializers.ChoiceField(choices=KEYS, required=False)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)


class WordingApprovalOut(serializers.ModelSerializer[WordingApproval]):
    """Who approved for which part, and when."""

    class Meta:
        model = WordingApproval
        fields = ("part", "approved_by", "at")


class WordingOut(serializers.ModelSerializer[OwnWording]):
    """One version. `version` is the name that messages bear."""

    version = serializers.SerializerMethodField()
    approvals = serializers.SerializerMethodField()

    class Meta:
        model = OwnWording
        fields = (
            "id",
            "version",
            "key",
            "language",
            "text",
            "written_by",
            "written_at",
            "approvals",
            "ended_by",
            "ended_at",
        )

    def get_version(self, row: OwnWording) -> str:
        """Return the name that messages bear."""
        return row.as_template.version

    @extend_schema_field(WordingApprovalOut(many=True))
    def get_approvals(self, row: OwnWording) -> Any:
        """Return the approvals, first one first."""
        return WordingApprovalOut(sorted(row.approvals.all(), key=lambda each: each.at), many=True).data


class WordingPreviewOut(serializers.Serializer[Any]):
    """How a text would look on the phone."""

    text = serializers.CharField()
    encoding = serializers.ChoiceField(choices=["gsm7", "ucs2"])
    units = serializers.IntegerField(help_text="Septets, or 16-bit units.")
    segments = serializers.IntegerField()
    refusal = serializers.CharField(allow_null=True, help_text="Why it must not be sent; null: it may.")


class WordingsView(ListView):
    """GET lists an organization's own wordings, newest first; POST writes the next version of one."""

    model = OwnWording
    output = WordingOut
    query = WordingsIn
    filters = {"key": "key", "language": "language"}
    audit_action = "wording"

    def rows(self) -> QuerySet[Any]:
        """Join the approvals."""
        return super().rows().prefetch_related("approvals")

    @extend_schema(operation_id="wordings_list", parameters=[WordingsIn], responses=page_of(WordingOut))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the versions of your organization's own texts."""
        return super().get(request, **kwargs)

    @extend_schema(operation_id="wordings_write", request=WordingIn, responses={201: WordingOut})
    def post(self, request: Request) -> Response:
        """Write the next version of a text. It waits for a clinician and a privacy officer to approve it."""
        given = self.given(WordingIn)
        row = write_wording(
            key=Key(given["key"]), language=Language(given["language"]), text=given["text"], actor=self.actor
        )
        return Response(self.shown(row), status=201)


class WordingPreviewView(ApiView):
    """POST: how a text would look. Nothing is written."""

    audit_action = "wording"

    @extend_schema(operation_id="wordings_preview", request=WordingIn, responses={200: WordingPreviewOut})
    def post(self, request: Request) -> Response:
        """Show a text with its slots filled, its segments, and why it must not be sent, if it must not."""
        given = self.given(WordingIn)
        tried = try_wording(
            key=Key(given["key"]), language=Language(given["language"]), text=given["text"], actor=self.actor
        )
        shown = {
            "text": tried.text,
            "encoding": tried.size.encoding,
            "units": tried.size.units,
            "segments": tried.size.count,
            "refusal": tried.refusal,
        }
        return Response(WordingPreviewOut(shown).data)


class WordingApprovalView(ApiView):
    """POST: yes to a version."""

    audit_action = "wording"

    @extend_schema(operation_id="wordings_approve", request=None, responses={201: WordingOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """Approve a version, as a clinician or as a privacy officer; it takes one of each, and two people."""
        return Response(WordingOut(approve_wording(wording_id=pk, actor=self.actor)).data, status=201)


class WordingEndView(ApiView):
    """POST: a version is not sent any more."""

    audit_action = "wording"

    @extend_schema(operation_id="wordings_end", request=None, responses={200: WordingOut})
    def post(self, request: Request, pk: UUID) -> Response:
        """End a version; the approved one before it is sent again, or the one that comes with the software."""
        return Response(WordingOut(end_wording(wording_id=pk, actor=self.actor)).data)
