"""The places of the directory and the hours that are kept there. The street of a residence is never published."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization
from casemgmt.kernel.ids import new_id
from casemgmt.kernel.models import Entity
from programs.querysets import SiteQuerySet
from programs.rules.hours import MOST_INTERVAL, Frequency, Hours


class Site(Entity):
    """A place of an organization (HSDS `location`). One with `ended_at` is not used any more."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=300, blank=True)  # kept; shown to others with `street_published` only
    street_published = models.BooleanField(default=False)  # never that of a residence: a trigger sees to it (§7)
    postal_code = models.CharField(max_length=20, blank=True)  # as the street
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=100, blank=True)  # as the directory spells it
    timezone = models.CharField(max_length=64, blank=True)  # IANA name; empty: not told, that of the program holds
    phones = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # E.164
    languages = ArrayField(models.CharField(max_length=35), default=list, blank=True)  # BCP 47
    accessibility = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    hsds_id = models.CharField(max_length=64, null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)  # never leaves through the API: it may hold a street (HSD-02)

    objects = SiteQuerySet.as_manager()

    class Meta:
        constraints = [
            # HSD-02: an import is idempotent by HSDS id
            models.UniqueConstraint(fields=["hsds_id"], name="site_one_per_hsds_id"),
            # §7: only a street that is known can be published
            models.CheckConstraint(
                condition=Q(street_published=False) | ~Q(street=""), name="site_publishes_what_is_known"
            ),
        ]
        indexes = [
            # reader: the list of sites, by name
            models.Index(fields=["name", "id"], name="site_by_name"),
            # reader: the list of one organization's sites
            models.Index(fields=["organization", "name", "id"], name="site_by_organization"),
        ]


class Schedule(models.Model):
    """One line of a program's hours (HSDS `schedule`), at one of its sites or wherever it is. Replaced, not edited."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="schedules")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField()  # in the order that was told
    freq = models.CharField(max_length=8, choices=Frequency.choices)
    interval = models.PositiveSmallIntegerField(default=1)
    byday = ArrayField(models.CharField(max_length=4))
    opens_at = models.TimeField()  # wall time
    closes_at = models.TimeField()  # not after opens_at: on the next day
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    description = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True)  # what a directory said that has no column (HSD-02)

    class Meta:
        ordering = ("position", "id")
        constraints = [
            # a line of hours has one place in the list
            models.UniqueConstraint(fields=["program", "position"], name="schedule_once_per_position"),
            # §7: HSDS repeats by week or by month
            models.CheckConstraint(condition=Q(freq__in=Frequency.values), name="schedule_freq_known"),
            # hours without a day are none
            models.CheckConstraint(condition=~Q(byday=[]), name="schedule_has_days"),
            # hours that skip weeks count them from a day
            models.CheckConstraint(
                condition=Q(interval=1) | Q(interval__gte=2, interval__lte=MOST_INTERVAL, valid_from__isnull=False),
                name="schedule_interval_counts_from_a_day",
            ),
            # a span of days has its first day first
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=models.F("valid_to")),
                name="schedule_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"schedule {self.pk}"

    def hours(self, *, timezone: str) -> Hours:
        """Return the line as judges take it, in its site's zone or else in `timezone`."""
        return Hours(
            freq=self.freq,
            byday=tuple(self.byday),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            timezone=(self.site.timezone if self.site else "") or timezone,
            interval=self.interval,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )
