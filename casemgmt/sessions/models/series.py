"""Series: a rule by which sessions come again, and who is expected at them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from casemgmt.accounts.models import Organization, User
from casemgmt.clients.models import Client
from casemgmt.kernel.models import Entity
from casemgmt.sessions.querysets import SeriesMemberQuerySet, SeriesQuerySet
from casemgmt.sessions.words import LONGEST_MINUTES, Discipline, Format, Mode, PlaceType
from programs.models import Program


class Series(Entity):
    """Sessions at the same wall-clock time by an RRULE, in one zone, from a local day until another."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    staff = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    continues = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="continued_by"
    )  # "this and following" ended that one and began this one
    discipline = models.CharField(max_length=8, choices=Discipline.choices)
    format = models.CharField(max_length=10, choices=Format.choices)
    mode = models.CharField(max_length=9, choices=Mode.choices)
    place_type = models.CharField(max_length=9, choices=PlaceType.choices, blank=True)
    title = models.CharField(max_length=120, blank=True)  # of a group; never a person's name
    rrule = models.CharField(max_length=200)  # RFC 5545 without DTSTART and UNTIL, e.g. FREQ=WEEKLY;BYDAY=MO,WE
    starts_on = models.DateField()  # the first local day
    ends_on = models.DateField(null=True, blank=True)  # the last local day; None: goes on
    local_time = models.TimeField()  # wall clock in `timezone`; DST moves the instant, not the hour
    minutes = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=64)  # IANA name
    materialized_until = models.DateField(null=True, blank=True)  # local days before it have their sessions

    objects = SeriesQuerySet.as_manager()

    class Meta:
        constraints = [
            # PEER-05: at most eight hours
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES), name="series_length_sane"
            ),
            # a series that was ended before its first day keeps the day before it
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on") - 1), name="series_dates_fit"
            ),
        ]
        indexes = [
            # reader: an organization's series
            models.Index(fields=["organization", "-id"], name="series_by_organization"),
            # reader: the tick that makes sessions of the days ahead
            models.Index(fields=["materialized_until", "id"], name="series_to_materialize"),
        ]


class SeriesMember(models.Model):
    """A client expected at a series from a local day until another."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="members")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    from_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)  # the last day; None: goes on

    objects = SeriesMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            # a client is expected once
            models.UniqueConstraint(
                fields=["series", "client"], condition=Q(until_date__isnull=True), name="series_member_once"
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date") - 1),
                name="series_member_dates_fit",  # who left before the first day keeps the day before it
            ),
        ]
        indexes = [
            # reader: what a death or a hold takes a client out of
            models.Index(fields=["client", "series"], name="series_member_by_client"),
        ]

    def __str__(self) -> str:
        return f"series member {self.pk}"
