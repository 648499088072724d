"""What clients wish of check-ins: a ledger of events, of which the last of each kind holds (CHK-09)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization
from casemgmt.clients.models import Client
from casemgmt.kernel.clock import DatabaseNow
from notifications.querysets import CheckInPreferenceQuerySet


class PreferenceKind(models.TextChoices):
    """What a client wishes of check-ins (CHK-09)."""

    PAUSE = "pause"  # for 7, 14 or 30 days
    RESUME = "resume"  # before a pause is over
    HOURS = "hours"  # texts only between two local times, within the legal window
    CHANNEL = "channel"  # by text, or by call or e-mail instead
    REMINDERS_OFF = "reminders_off"  # no texts about visits; check-ins go on
    REMINDERS_ON = "reminders_on"


class WishedChannel(models.TextChoices):
    """How a client wants to be checked in with."""

    TEXT = "text"
    CALL = "call"
    EMAIL = "email"


class SaidBy(models.TextChoices):
    """Whose wish it is."""

    CLIENT = "client"
    STAFF = "staff"


PAUSES = (7, 14, 30)  # days (CHK-09)


class CheckInPreference(models.Model):
    """A client's wish at one organization, as an event. Never changed; the last of its kind holds (CHK-09)."""

    seq = models.BigAutoField(primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=PreferenceKind.choices)
    days = models.PositiveSmallIntegerField(null=True)  # of a pause
    until = models.DateTimeField(null=True)  # when the pause ends by itself
    opens = models.PositiveSmallIntegerField(null=True)  # minutes after local midnight; None: any legal hour
    closes = models.PositiveSmallIntegerField(null=True)
    channel = models.CharField(max_length=8, choices=WishedChannel.choices, blank=True)
    said_by = models.CharField(max_length=8, choices=SaidBy.choices)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = CheckInPreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            # CHK-09: whose wish it is, is known
            models.CheckConstraint(condition=Q(said_by__in=SaidBy.values), name="check_in_preference_said_by_known"),
            # CHK-09: each kind says what belongs to it, and nothing else
            models.CheckConstraint(
                condition=Q(kind=PreferenceKind.PAUSE, days__in=PAUSES, until__isnull=False, opens=None, channel="")
                | Q(
                    kind__in=[PreferenceKind.RESUME, PreferenceKind.REMINDERS_OFF, PreferenceKind.REMINDERS_ON],
                    days=None,
                    until=None,
                    opens=None,
                    channel="",
                )
                | Q(kind=PreferenceKind.HOURS, days=None, until=None, channel="")
                | Q(
                    kind=PreferenceKind.CHANNEL,
                    days=None,
                    until=None,
                    opens=None,
                    channel__in=WishedChannel.values,
                ),
                name="check_in_preference_fits",
            ),
            # SMS-31: a window opens before it closes
            models.CheckConstraint(
                condition=Q(opens=None, closes=None) | Q(opens__lt=F("closes"), closes__lte=24 * 60),
                name="check_in_preference_hours_fit",
            ),
        ]
        indexes = [
            # reader: what holds for a client at an organization
            models.Index(fields=["client", "organization", "kind", "-seq"], name="check_in_preference_holds"),
            # reader: one client's wishes, newest first
            models.Index(fields=["client", "-seq"], name="check_in_preference_by_client"),
        ]

    def __str__(self) -> str:
        return f"check-in preference {self.seq}"
