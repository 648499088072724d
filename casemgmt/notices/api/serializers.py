"""Shapes of notices to staff."""

from __future__ import annotations

from rest_framework import serializers

from casemgmt.api.serializers import StrictSerializer
from casemgmt.api.views import PageIn
from casemgmt.kernel.wall_time import zone_named
from casemgmt.notices.models import Immediately, Mail, MailKind, MailStatus, Preference


class NoticePreferenceOut(serializers.ModelSerializer[Preference]):
    """How somebody is told."""

    class Meta:
        model = Preference
        fields = ("immediately", "digest", "digest_hour", "digest_weekdays", "timezone", "version")


class PreferenceChangesIn(StrictSerializer):
    """What shall change. What is urgent comes at once whatever is chosen."""

    immediately = serializers.ChoiceField(choices=Immediately.choices, required=False)
    digest = serializers.BooleanField(required=False, help_text="False: no summaries.")
    digest_hour = serializers.IntegerField(min_value=0, max_value=23, required=False, help_text="Local hour.")
    digest_weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        min_length=1,
        max_length=7,
        required=False,
        help_text="1 is Monday.",
    )
    timezone = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="IANA name; empty: your organization's."
    )

    def validate_digest_weekdays(self, weekdays: list[int]) -> list[int]:
        """Refuse repetitions."""
        if len(set(weekdays)) < len(weekdays):
            raise serializers.ValidationError("Each weekday once.")
        return sorted(weekdays)

    def validate_timezone(self, name: str) -> str:
        """Refuse what is no zone."""
        if name and zone_named(name) is None:
            raise serializers.ValidationError("No time zone of this name.")
        return name


class MailsIn(PageIn):
    """Filters of the list of letters."""

    status = serializers.ChoiceField(choices=MailStatus.choices, required=False)
    kind = serializers.ChoiceField(choices=MailKind.choices, required=False)
    user = serializers.UUIDField(required=False)


class MailOut(serializers.ModelSerializer[Mail]):
    """One letter to a member of staff: when and what came of it; what it says is the same for everybody."""

    class Meta:
        model = Mail
        fields = ("id", "user_id", "kind", "status", "reason", "told", "due_at", "sent_at", "attempts", "created_at")
