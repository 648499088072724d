"""Letters to staff on their way out, and how somebody wants them. No words: those are made when one is sent."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity

from .querysets import MailQuerySet, PreferenceQuerySet
from .timing import MOST_ATTEMPTS

WORKDAYS = (1, 2, 3, 4, 5)
DIGEST_HOUR = 8


class Immediately(models.TextChoices):
    """What is written about at once; the rest waits for the summary. What is urgent is always in it."""

    URGENT = "urgent", "Only what is urgent"
    TODAY = "today", "Also what is due today"
    ALL = "all", "Everything"


def workdays() -> list[int]:
    """Return Monday to Friday."""
    return list(WORKDAYS)


class Preference(Entity):
    """How somebody wants to be told, for one organization. Without a row the defaults hold."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    immediately = models.CharField(max_length=6, choices=Immediately.choices, default=Immediately.URGENT)
    digest = models.BooleanField(default=True)  # False: no summaries; what is urgent comes all the same
    digest_hour = models.PositiveSmallIntegerField(default=DIGEST_HOUR)  # local
    digest_weekdays = ArrayField(models.PositiveSmallIntegerField(), default=workdays)  # 1 is Monday
    timezone = models.CharField(max_length=64, blank=True)  # IANA; '': the organization's

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            # reader: whoever tells somebody; one set of wishes per person and organization
            models.UniqueConstraint(fields=["user", "organization"], name="notice_preference_once"),
            # features F12: nobody can switch off what is urgent
            models.CheckConstraint(
                condition=Q(immediately__in=Immediately.values), name="notice_preference_immediately_known"
            ),
            # an hour of a day
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="notice_preference_hour"),
            # a summary without a day would never go
            models.CheckConstraint(
                condition=Q(digest_weekdays__len__gte=1, digest_weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                name="notice_preference_weekdays",
            ),
        ]


class MailKind(models.TextChoices):
    """What a letter is."""

    URGENT = "urgent"
    DIGEST = "digest"


class MailStatus(models.TextChoices):
    """Where a letter stands."""

    PENDING = "pending"  # more may be folded into it -> sending, cancelled
    SENDING = "sending"  # claimed, perhaps handed over -> sent, waiting, failed, cancelled
    WAITING = "waiting"  # the mail server did not take it: tried again -> sending
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Mail(models.Model):
    """One letter to one person about their work in one organization."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=MailKind.choices)
    status = models.CharField(max_length=9, choices=MailStatus.choices, default=MailStatus.PENDING)
    due_at = models.DateTimeField()
    digest_on = models.DateField(null=True)  # the local day a summary stands for
    item_ids = ArrayField(models.UUIDField(), default=list)  # what an urgent one is about
    told = models.PositiveIntegerField(default=1)  # how many occasions were folded into it
    attempts = models.PositiveSmallIntegerField(default=0)  # also the fence: a later claim has a higher one
    lease_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    updated_at = models.DateTimeField(db_default=DatabaseNow())

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="notice_mail_kind_known"),  # F12
            models.CheckConstraint(condition=Q(status__in=MailStatus.values), name="notice_mail_status_known"),  # F12
            # repeats are folded: what comes while one waits is written about in it
            models.UniqueConstraint(
                fields=["user", "organization", "kind"], condition=Q(status="pending"), name="notice_mail_one_pending"
            ),
            # at most one summary a day
            models.UniqueConstraint(
                fields=["user", "organization", "digest_on"],
                condition=Q(kind="digest") & ~Q(status="cancelled"),
                name="notice_mail_one_digest_a_day",
            ),
            # a summary stands for a day, an urgent letter for none
            models.CheckConstraint(
                condition=Q(kind="digest", digest_on__isnull=False) | Q(kind="urgent", digest_on__isnull=True),
                name="notice_mail_day_fits",
            ),
            # F20: what cannot be sent stops being tried
            models.CheckConstraint(condition=Q(attempts__lte=MOST_ATTEMPTS), name="notice_mail_attempts_capped"),
            # F9: what may be under way has a lease
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(lease_until__isnull=False), name="notice_mail_lease_fits"
            ),
            # nothing ends without a reason
            models.CheckConstraint(
                condition=~Q(status__in=["failed", "cancelled"]) | ~Q(reason=""), name="notice_mail_end_has_reason"
            ),
        ]
        indexes = [
            # reader: claim, the next letter due
            models.Index(
                fields=["due_at", "id"], name="notice_mail_due", condition=Q(status__in=["pending", "waiting"])
            ),
            # reader: claim, what a process took and did not finish
            models.Index(fields=["lease_until"], name="notice_mail_leased", condition=Q(status="sending")),
            # reader: an organization's letters, newest first
            models.Index(fields=["organization", "-id"], name="notice_mail_by_organization"),
            # reader: one's own letters; the last summary and the last urgent letter of a person
            models.Index(fields=["user", "organization", "-id"], name="notice_mail_by_user"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"
