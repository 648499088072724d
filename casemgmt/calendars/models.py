"""What organizations set of when they work, each change as one row. The last row holds; nothing is ever edited."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow

from .querysets import BusinessWeekQuerySet, ClosureQuerySet


class BusinessWeek(models.Model):
    """An organization set its open hours of a week."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    week = models.JSONField()  # seven lists from Monday of [opens, closes] in minutes since local midnight
    federal_holidays = models.BooleanField(default=True)  # closed on the federal holidays of the United States
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = BusinessWeekQuerySet.as_manager()

    class Meta:
        constraints = [
            # a week has seven days: clocks read them by number
            models.CheckConstraint(condition=Q(week__6__isnull=False), name="business_week_has_seven_days"),
            # hours are never changed without saying why
            models.CheckConstraint(condition=~Q(reason=""), name="business_week_has_reason"),
        ]
        indexes = [
            # reader: an organization's week in force, and its history
            models.Index(fields=["organization", "-seq"], name="business_week_in_force"),
        ]

    def __str__(self) -> str:
        return f"business week {self.seq}"


class Closure(models.Model):
    """An organization is closed on a day, or open after all."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()  # in the organization's zone
    closed = models.BooleanField()
    reason = models.CharField(max_length=200)  # a holiday's name, say
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        constraints = [
            # a day is never closed or opened without saying why
            models.CheckConstraint(condition=~Q(reason=""), name="closure_has_reason"),
        ]
        indexes = [
            # reader: an organization's days from a day on, the last word on each
            models.Index(fields=["organization", "day", "-seq"], name="closure_in_force"),
            # reader: what an organization closed and opened, newest first
            models.Index(fields=["organization", "-seq"], name="closure_newest"),
        ]

    def __str__(self) -> str:
        return f"closure {self.seq}"
