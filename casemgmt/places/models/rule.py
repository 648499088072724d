"""How an organization orders its lines, each change as one row. The last version holds; nothing is ever edited (F5)."""

from __future__ import annotations

from functools import reduce
from operator import and_

from django.db import models
from django.db.models import Q

from casemgmt.accounts.models import Organization, User
from casemgmt.kernel.clock import DatabaseNow
from casemgmt.places.querysets import WaitlistRuleQuerySet
from casemgmt.places.rules.ranking import MOST_POINTS, NAMES, Weights


class WaitlistRule(models.Model):
    """An organization set its weights, all of them, as one version. Without a row the default holds (version 0)."""

    seq = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    urgent_points = models.PositiveSmallIntegerField()
    day_points = models.PositiveSmallIntegerField()
    most_days = models.PositiveSmallIntegerField()
    step_down_points = models.PositiveSmallIntegerField()
    reentry_points = models.PositiveSmallIntegerField()
    passed_over_points = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=DatabaseNow())
    request_id = models.CharField(max_length=64, blank=True)

    objects = WaitlistRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            # F5: a version names one set of weights; two who set at once get two versions
            # reader of its index: the version in force
            models.UniqueConstraint(fields=["organization", "version"], name="waitlist_rule_one_version"),
            # the bounds of ranking.py, whoever writes; version 0 is the default and no row
            models.CheckConstraint(
                condition=reduce(and_, [Q(**{f"{name}__lte": MOST_POINTS}) for name in NAMES], Q(version__gte=1)),
                name="waitlist_rule_within_bounds",
            ),
            # the line of people is never ordered anew without saying why
            models.CheckConstraint(condition=~Q(reason=""), name="waitlist_rule_has_reason"),
        ]
        indexes = [
            # reader: the history of an organization's rule, newest first
            models.Index(fields=["organization", "-seq"], name="waitlist_rule_newest"),
        ]

    def __str__(self) -> str:
        return f"waitlist rule {self.seq}"

    @property
    def weights(self) -> Weights:
        """The weights as the rank takes them."""
        return Weights(self.version, **{name: getattr(self, name) for name in NAMES})
