"""What organizations set, each change as one row. The last row of a number holds; nothing is ever edited."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow

from .catalog import NUMBERS
from .querysets import PolicySettingQuerySet


class PolicySetting(models.Model):
    """An organization set one number, at a time, for a reason."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="policy_settings")
    name = models.CharField(max_length=40)
    value = models.IntegerField()
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = PolicySettingQuerySet.as_manager()

    class Meta:
        constraints = [
            # the bounds of catalog.py, whoever writes; follows it by makemigrations
            models.CheckConstraint(
                condition=reduce(
                    or_, [Q(name=each.name, value__gte=each.low, value__lte=each.high) for each in NUMBERS.values()]
                ),
                name="policy_setting_within_bounds",
            ),
            # a number is never changed without saying why
            models.CheckConstraint(condition=~Q(reason=""), name="policy_setting_has_reason"),
        ]
        indexes = [
            # reader: an organization's numbers in force; their history, newest first
            models.Index(fields=["organization", "name", "-seq"], name="policy_setting_in_force"),
            # reader: the history of all of an organization's numbers, newest first
            models.Index(fields=["organization", "-seq"], name="policy_setting_newest"),
        ]

    def __str__(self) -> str:
        return f"policy setting {self.seq}"
